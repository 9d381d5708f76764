"""Two pictures: where each study points, and rates by level with their intervals."""

from collections.abc import Iterable, Sequence

import altair as alt
from django.utils.safestring import SafeString

from exovigil.evidence.queries import Study, direction_of, word_of
from exovigil.evidence.studies import Direction
from exovigil.foundation.charts import ACCENT, ALERT, QUIET, as_svg
from exovigil.signals.queries import LevelRow

_WORSE, _EVEN, _OPEN, _BETTER = "Worse, or harm", "No difference", "Cannot be told", "Better"
_PLACES = {
    Direction.FAVOURS_EXOSOME: _BETTER,
    Direction.IMPROVED_UNCONTROLLED: _BETTER,
    Direction.NO_DIFFERENCE: _EVEN,
    Direction.UNCLEAR: _OPEN,
    Direction.FAVOURS_COMPARATOR: _WORSE,
    Direction.WORSE_UNCONTROLLED: _WORSE,
    Direction.HARM_ONLY: _WORSE,
}
_ROW_HEIGHT, _SMALLEST, _LARGEST = 44, 60, 700


def direction_plot(rows: Iterable[Study], *, title: str) -> SafeString:
    """Draw where each study points; solid marks compare two arms, hollow ones do not.

    The area of a mark grows with the number of people; a study that gives none has the smallest mark and says so.
    Never pooled: there is no summary mark.
    """
    values = [_value(row) for row in rows]
    if not values:
        return SafeString("")
    order = [str(v["study"]) for v in values]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X(
            "place:N",
            title=None,
            scale=alt.Scale(domain=[_WORSE, _EVEN, _OPEN, _BETTER]),
            axis=alt.Axis(labelAngle=0, orient="top", grid=True, ticks=False, domain=False, labelLimit=110),
        ),
        y=alt.Y("study:N", title=None, sort=order, axis=alt.Axis(ticks=False, domain=False, labelLimit=190)),
    )
    marks = base.mark_point(strokeWidth=2, opacity=1).encode(
        shape=alt.Shape("mark:N", scale=None),
        size=alt.Size("area:Q", scale=None),
        stroke=alt.Stroke("colour:N", scale=None),
        fill=alt.Fill("fill:N", scale=None),
    )
    words = base.mark_text(dy=19, fontSize=11, color=QUIET).encode(text="people:N")
    height = _ROW_HEIGHT * len(values)
    chart = (marks + words).properties(
        width=440, height=height, padding={"left": 24, "right": 40, "top": 4, "bottom": 12}
    )
    return as_svg(chart, label=f"{title} Each study and where it points is in the table.")


def rate_plot(rows: Sequence[LevelRow], *, name: str) -> SafeString:
    """Draw each level's rate per 1,000 treatments with its interval: crude as a circle, shrunken as a diamond.

    The scale is a square root, which has room for zero and for wide intervals.
    """
    values = [value for row in rows for value in _rates(row)]
    if not values:
        return SafeString("")
    reach = max(float(value["high"]) for value in values)
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y(
            "level:N",
            title=None,
            sort=[row.label for row in rows],
            axis=alt.Axis(ticks=False, domain=False, labelLimit=210, labelPadding=12),
        ),
        yOffset=alt.YOffset("place:N", sort=["crude", "shrunken"], scale=alt.Scale(paddingOuter=0.8)),
        color=alt.Color("colour:N", scale=None),
    )
    x = alt.X(
        "low:Q",
        title="Affected in 1,000 treatments (95 % interval; square-root scale)",
        scale=alt.Scale(type="sqrt", domain=[0, reach * 1.02], nice=False),
        axis=alt.Axis(tickCount=6),
    )
    lines = base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q")
    marks = base.mark_point(filled=True, size=90, opacity=1).encode(
        x="rate:Q", shape=alt.Shape("shape:N", scale=None)
    )
    chart = (lines + marks).properties(
        width=430, height=52 * len(rows), padding={"left": 8, "right": 16, "top": 8, "bottom": 12}
    )
    return as_svg(chart, label=f"{name}: rates by level, crude and shrunken. The table gives every number.")


def _rates(row: LevelRow) -> list[dict[str, str | float]]:
    crude = (row.crude.estimate, row.crude.low, row.crude.high)
    found: list[dict[str, str | float]] = [_bar(row.label, "crude", crude, QUIET, "circle")]
    if row.shrunken:
        bounds = (row.shrunken.median, row.shrunken.low, row.shrunken.high)
        found.append(_bar(row.label, "shrunken", bounds, ACCENT, "diamond"))
    return found


def _bar(
    level: str, place: str, bounds: tuple[float, float, float], colour: str, shape: str
) -> dict[str, str | float]:
    rate, low, high = (1000 * value for value in bounds)
    return {
        "level": level,
        "place": place,
        "rate": rate,
        "low": low,
        "high": high,
        "colour": colour,
        "shape": shape,
    }


def _value(row: Study) -> dict[str, str | float]:
    direction = direction_of(row.key)
    word = word_of(direction)
    colour = ALERT if _PLACES[direction] == _WORSE else ACCENT
    people = row.participants
    return {
        "study": row.label,
        "place": _PLACES[direction],
        "mark": word.mark,
        "area": min(_LARGEST, _SMALLEST + 5.0 * (people or 0)),
        "colour": colour,
        "fill": colour if word.compared else "#ffffff",
        "people": f"{people} people"
        if people and people > 1
        else "1 person"
        if people
        else "people not stated",
    }
