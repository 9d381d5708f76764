"""Three pictures of a scan: all pairs at once, one pair over time, and one pair in subgroups."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt
from django.utils.safestring import SafeString

from exovigil.foundation.charts import ACCENT, ALERT, QUIET, RULE, as_svg
from exovigil.signals.pair import Level
from exovigil.signals.scan_table import PairRow

WIDTH = 640
NAMED = 6
_SURE = 2.0


def volcano(rows: Sequence[PairRow]) -> SafeString:
    """Which pairs stand out both by how much and by how surely? IC across, chi-square up, the clearest named."""
    values = [_dot(row) for row in rows if row.chi2 is not None and row.chi2 > 0 and row.ic is not None]
    if not values:
        return SafeString("")
    clearest = sorted((v for v in values if v["clear"]), key=lambda v: -v["chi2"])[:NAMED]
    base = alt.Chart(alt.InlineData(values=values)).encode(x=_across(values), y=_up())
    dots = base.mark_point(filled=True, opacity=0.75).encode(
        shape=alt.Shape("mark:N", scale=None),
        color=alt.Color("colour:N", scale=None),
        size=alt.Size("area:Q", scale=None),
    )
    # Names on the left of their mark: the clearest lie at the right edge.
    words = (
        alt.Chart(alt.InlineData(values=clearest))
        .mark_text(align="right", dx=-9, fontSize=11, color=ALERT, limit=280)
        .encode(x="ic:Q", y="chi2:Q", text="name:N")
    )
    zero = alt.Chart(alt.InlineData(values=[{"ic": 0}])).mark_rule(color=RULE).encode(x="ic:Q")
    chart = (zero + dots + words).properties(width=WIDTH, height=340, padding={"right": 24})
    named = "; ".join(v["name"] for v in clearest) or "none"
    return as_svg(
        chart, label=f"{len(values)} pairs by how much and how surely they stand out. Clearest: {named}."
    )


def over_time(course: Sequence[Level], *, name: str) -> SafeString:
    """Since when do the reports stand out? IC with its interval as it stood at each quarter's end."""
    values = [
        {
            "at": level.label,
            "ic": level.value("ic"),
            "low": level.value("ic025"),
            "high": level.value("ic975"),
        }
        for level in course
        if level.a
    ]
    if not values:
        return SafeString("")
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X("at:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, grid=False))
    )
    band = base.mark_area(color=ACCENT, opacity=0.16, interpolate="step").encode(
        y=alt.Y("low:Q", title="IC, base 2"), y2="high:Q"
    )
    whiskers = base.mark_rule(color=ACCENT, opacity=0.5).encode(y="low:Q", y2="high:Q")
    line = base.mark_line(color=ACCENT, strokeWidth=2, interpolate="step").encode(y="ic:Q")
    dots = base.mark_point(color=ACCENT, filled=True, size=40, opacity=1).encode(y="ic:Q")
    chart = (_null("y") + band + whiskers + line + dots).properties(width=WIDTH, height=220)
    last = values[-1]
    return as_svg(
        chart,
        label=f"{name}: IC {last['ic']:.2f} ({last['low']:.2f} to {last['high']:.2f}) at the end of {last['at']}.",
    )


def by_level(levels: Iterable[Level], *, title: str) -> SafeString:
    """Is it the same in all? IC with its interval, one line a level that has a report of the pair."""
    values = [
        {
            "level": level.label,
            "ic": level.value("ic"),
            "low": level.value("ic025"),
            "high": level.value("ic975"),
            "words": f"{level.a}",
        }
        for level in levels
        if level.a
    ]
    if not values:
        return SafeString("")
    order = [str(v["level"]) for v in values]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y("level:N", title=None, sort=order, axis=alt.Axis(ticks=False, domain=False, labelLimit=180))
    )
    bars = base.mark_rule(color=ACCENT, strokeWidth=2).encode(
        x=alt.X("low:Q", title="IC, base 2, with its 95 % interval"), x2="high:Q"
    )
    dots = base.mark_point(color=ACCENT, filled=True, size=70, opacity=1).encode(x="ic:Q")
    words = base.mark_text(align="left", dx=8, fontSize=11, color=QUIET).encode(x="high:Q", text="words:N")
    chart = (_null("x") + bars + dots + words).properties(
        width=WIDTH - 220, height=34 * len(values), padding={"right": 40}
    )
    return as_svg(
        chart, label=f"{title}: IC and its interval for {len(values)} levels; numbers in the table."
    )


def _null(axis: str) -> alt.Chart:
    """Draw the line where reports are as many as expected."""
    mark = alt.Chart(alt.InlineData(values=[{"ic": 0}])).mark_rule(color=QUIET, strokeDash=[4, 4])
    drawn: alt.Chart = mark.encode(x="ic:Q") if axis == "x" else mark.encode(y="ic:Q")
    return drawn


def _dot(row: PairRow) -> dict[str, Any]:
    clear = (row.eb05 if row.eb05 is not None else -math.inf) >= _SURE
    return {
        "ic": row.ic,
        "chi2": row.chi2,
        "name": f"{row.product.capitalize()[:28]}, {row.reaction.lower()[:30]}",
        "clear": clear,
        "mark": "diamond" if clear else "circle",
        "colour": ALERT if clear else QUIET,
        "area": 60 if clear else 18,
    }


def _across(values: list[dict[str, Any]]) -> alt.X:
    reach = max(abs(v["ic"]) for v in values) * 1.05
    return alt.X(
        "ic:Q",
        title="IC: doublings of reports over what is expected",
        scale=alt.Scale(domain=[-reach, reach], nice=False),
    )


def _up() -> alt.Y:
    return alt.Y("chi2:Q", title="Chi-square (Yates)", scale=alt.Scale(type="symlog"))
