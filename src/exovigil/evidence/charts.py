"""The effect direction plot: one mark a study, placed by where it points, sized by the people in it."""

from collections.abc import Iterable

import altair as alt
from django.utils.safestring import SafeString

from exovigil.evidence.queries import Study, direction_of, word_of
from exovigil.evidence.studies import Direction
from exovigil.foundation.charts import ACCENT, ALERT, QUIET, as_svg

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
