"""Pictures of the care pathway: lesions counted over time, and how long cases waited.

Series differ by dash and shape as well as by colour, each is named where it ends, and the numbers stand in a table
beside the picture.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
from django.utils.safestring import SafeString

from exovigil.foundation.charts import ACCENT, INK, QUIET, as_svg
from exovigil.foundation.marks import day_words
from exovigil.vigilance.lesions import Seen
from exovigil.vigilance.waiting import Waited

WIDTH = 520
MOST_LINES = 4  # clinics drawn one by one; more would not be told apart
GAP = 9  # % of the height between two names
_STYLES: tuple[tuple[str, list[float], str], ...] = (
    (ACCENT, [1, 0], "──"),
    (INK, [6, 3], "– –"),
    (QUIET, [2, 3], "···"),
    (INK, [9, 3, 2, 3], "–·–"),
    (QUIET, [14, 4], "— —"),
)


def lesions_over_time(visits: Sequence[Seen], *, name: str) -> SafeString:
    """Are there fewer than before? Lesions at each visit; what they left behind is a line of its own."""
    layers: list[Any] = []
    told = []
    for words, active, colour, dash, shape in (
        ("lesions", True, ACCENT, [1, 0], "circle"),
        ("scars and pigment", False, QUIET, [5, 4], "diamond"),
    ):
        counts = [(seen, seen.total(active=active)) for seen in visits]
        rows = [{"on": s.on.isoformat(), "count": n, "words": str(n)} for s, n in counts if n is not None]
        if not rows or (not active and not any(row["count"] for row in rows)):
            continue
        told.append(f"{words} from {rows[0]['count']} to {rows[-1]['count']}")
        layers += _counted(rows, words, colour, dash, shape)
    if not layers:
        return SafeString("")
    chart = alt.layer(*layers).properties(
        width=WIDTH, height=170, padding={"left": 5, "top": 8, "bottom": 5, "right": 120}
    )
    first, last = day_words(visits[0].on), day_words(visits[-1].on)
    return as_svg(chart, label=f"{name}: {'; '.join(told)}, {first} to {last}. The table gives every number.")


def waiting_curves(rows: Sequence[Waited], *, what: str) -> SafeString:
    """By which day had what share got there? One staircase a clinic, named where it ends."""
    drawn = [row for row in rows if row.curve is not None]
    shown = drawn if len(drawn) <= MOST_LINES + 1 else drawn[:1]
    if not shown:
        return SafeString("")
    last = max([1, *(int(row.curve.days[-1]) for row in shown if row.curve is not None)])
    layers: list[Any] = []
    for row, (colour, dash, _) in zip(shown, _STYLES, strict=False):
        layers.append(_staircase(row, colour, dash, last))
    layers += _names(shown, last)
    chart = alt.layer(*layers).properties(
        width=WIDTH, height=240, padding={"left": 5, "top": 8, "bottom": 5, "right": 150}
    )
    return as_svg(
        chart, label=f"Share of cases with {what} by days from the first report. The table has the numbers."
    )


def _counted(
    rows: list[dict[str, Any]], words: str, colour: str, dash: Sequence[float], shape: str
) -> list[alt.Chart]:
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("on:T", title=None, axis=alt.Axis(format="%-d %b %Y", grid=False, labelAngle=0, tickCount=4)),
        y=alt.Y(
            "count:Q",
            title="Number",
            scale=alt.Scale(domainMin=0, nice=True),
            axis=alt.Axis(tickMinStep=1, tickCount=4, format="d"),
        ),
    )
    end = alt.Chart(alt.InlineData(values=[rows[-1] | {"words": f"{rows[-1]['count']} {words}"}])).encode(
        x="on:T", y="count:Q", text="words:N"
    )
    return [
        base.mark_line(color=colour, strokeWidth=2, strokeDash=list(dash)),
        base.mark_point(filled=True, size=60, color=colour, shape=shape, opacity=1),
        alt.Chart(alt.InlineData(values=rows[:-1]))
        .mark_text(dy=-12, color=colour, fontWeight=600)
        .encode(x="on:T", y="count:Q", text="words:N"),
        end.mark_text(align="left", dx=10, color=colour, fontWeight=600),
    ]


def _staircase(row: Waited, colour: str, dash: Sequence[float], last: int) -> alt.Chart:
    curve = row.curve
    steps = zip(curve.days.tolist(), curve.incidence.tolist(), strict=True) if curve else ()
    values = [{"day": day, "share": 100 * share} for day, share in ((0, 0.0), *steps)]
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_line(interpolate="step-after", color=colour, strokeWidth=2, strokeDash=list(dash))
        .encode(
            x=alt.X(
                "day:Q",
                title="Days from the first report",
                scale=alt.Scale(domain=[0, last], nice=False),
                axis=alt.Axis(tickCount=6, grid=False),
            ),
            y=alt.Y(
                "share:Q",
                title="% of cases",
                scale=alt.Scale(domain=[0, 100]),
                axis=alt.Axis(values=[0, 25, 50, 75, 100]),
            ),
        )
    )
    return chart


def _names(shown: Sequence[Waited], last: int) -> list[alt.Chart]:
    """Each clinic's name at the right edge beside its end, moved up where two would meet."""
    ends = [
        (100 * float(row.curve.incidence[-1]), row.clinic, colour, sample)
        for row, (colour, _, sample) in zip(shown, _STYLES, strict=False)
        if row.curve is not None
    ]
    found, free = [], 0.0
    for end, clinic, colour, sample in sorted(ends):
        at = max(end, free)
        free = at + GAP
        values = [{"day": last, "share": at, "words": f"{sample} {clinic}"}]
        found.append(
            alt.Chart(alt.InlineData(values=values))
            .mark_text(align="left", dx=8, color=colour, fontWeight=600)
            .encode(x="day:Q", y=alt.Y("share:Q", scale=alt.Scale(domain=[0, 100])), text="words:N")
        )
    return found
