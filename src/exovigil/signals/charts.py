"""Pictures of a stream: its count against the boundary, its reports in time, and when reactions began.

Raw and de-duplicated counts differ by dash and shape as well as by colour, every line is named where it ends,
and the page has the numbers in a table beside the picture.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import altair as alt
from django.core.cache import cache
from django.utils.safestring import SafeString

from exovigil.foundation.charts import ACCENT, ALERT, INK, QUIET, as_svg
from exovigil.foundation.marks import day_words
from exovigil.signals.onset import OnsetCurve
from exovigil.signals.record import Replay
from exovigil.signals.watch import PathPoint

WIDTH = 600


def draw(picture: Callable[..., SafeString], path: Replay, *, name: str) -> SafeString:
    """Draw a picture once for each path: what a run found never changes, and building costs most of the time."""
    key = f"signals:{picture.__name__}:" + hashlib.sha256(f"{name}{path!r}".encode()).hexdigest()
    svg: SafeString | None = cache.get(key)
    if svg is None:
        svg = picture(path, name=name)
        cache.set(key, svg, timeout=24 * 3600)
    return svg


def against_boundary(path: Replay, *, name: str) -> SafeString:
    """When did the count rise above what chance allows? Events against the boundary, over the expected count."""
    reach = max((path.expected, *(step.expected for step in path.steps), 1e-6))
    alarm = path.raw.alarm
    if path.boundary:
        reach = max(reach, path.boundary[0][1])
    right = reach * 1.02
    highest = max([3, *(step.raw for step in path.steps)]) + 1
    layers = [
        *_boundary(path, right, highest),
        *_count(path, right, highest, "raw"),
        *_count(path, right, highest, "deduplicated"),
        _reports(path, "raw"),
        _reports(path, "deduplicated"),
    ]
    if alarm:
        words = f"Alarm, {day_words(alarm.on)}"
        layers.extend(_pointed(alarm.expected, alarm.raw, words, right))
    chart = (
        alt.layer(*layers)
        .properties(width=WIDTH, height=300, padding={"left": 5, "top": 5, "bottom": 5, "right": 118})
        .resolve_scale(x="shared", y="shared")
    )
    story = f"alarm on {day_words(alarm.on)} with {alarm.raw} events" if alarm else "no alarm"
    return as_svg(chart, label=f"{name}: events against the boundary; {story}. The table gives every number.")


def in_time(path: Replay, *, name: str) -> SafeString:
    """When were the cases reported? One mark for each day with a report, the alarm and the marked case named."""
    rows = [{"on": step.on.isoformat(), "events": step.raw} for step in path.steps]
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("on:T", title=None, axis=alt.Axis(format="%-d %b %Y", grid=False, labelAngle=0, tickCount=4)),
        y=alt.Y("events:Q", title="Cases so far", axis=alt.Axis(tickMinStep=1, tickCount=4)),
    )
    layers = [
        base.mark_line(interpolate="step-after", color=ACCENT, strokeWidth=1.5),
        base.mark_point(filled=True, size=50, color=ACCENT, opacity=1),
    ]
    alarm, marked = path.raw.alarm, path.raw.marked
    if alarm:
        layers.extend(_dated(path, alarm, f"Alarm, {day_words(alarm.on)}", ALERT))
    if marked:
        layers.extend(_dated(path, marked, f"Case {path.raw.marked_number}, {day_words(marked.on)}", INK))
    chart = alt.layer(*layers).properties(width=WIDTH + 60, height=130)
    last = f"the latest on {day_words(path.steps[-1].on)}" if path.steps else "none yet"
    return as_svg(chart, label=f"{name}: days on which cases were reported; {last}.")


def _boundary(path: Replay, right: float, highest: int) -> list[alt.Chart]:
    """Events needed for an alarm at each expected count, as a staircase, named at its end."""
    stairs = [(0.0, path.boundary[0][0])] if path.boundary else []
    for count, limit in path.boundary:
        if stairs[-1][0] >= right or count > highest:
            break
        stairs.append((min(limit, right), count))
    rows = [{"expected": x, "events": y} for x, y in stairs]
    base = alt.Chart(_data(rows)).encode(x=_x(right), y=_y(highest))
    line = base.mark_line(interpolate="step-before", color=ALERT, strokeWidth=2)
    return [line, _named(stairs[-1], "Boundary", ALERT, right, highest)] if stairs else []


def _count(path: Replay, right: float, highest: int, which: str) -> list[alt.Chart]:
    """One count as a staircase up to now; the de-duplicated one dashed, and named only where it differs."""
    raw = which == "raw"
    stairs = [(0.0, 0), *((step.expected, getattr(step, which)) for step in path.steps)]
    stairs.append((max(path.expected, stairs[-1][0]), stairs[-1][1]))
    rows = [{"expected": x, "events": y} for x, y in stairs]
    line = (
        alt.Chart(_data(rows))
        .mark_line(
            interpolate="step-after",
            color=ACCENT if raw else QUIET,
            strokeWidth=2,
            strokeDash=[1, 0] if raw else [5, 4],
        )
        .encode(x=_x(right), y=_y(highest))
    )
    same = not path.steps or path.steps[-1].raw == path.steps[-1].deduplicated
    if same and not raw:
        return [line]
    words = ("Raw = de-duplicated" if same else "Raw") if raw else "De-duplicated"
    return [line, _named(stairs[-1], words, ACCENT if raw else QUIET, right, highest)]


def _reports(path: Replay, which: str) -> alt.Chart:
    raw = which == "raw"
    rows = [{"expected": step.expected, "events": getattr(step, which)} for step in path.steps]
    chart: alt.Chart = (
        alt.Chart(_data(rows))
        .mark_point(
            shape="circle" if raw else "diamond",
            filled=raw,
            size=60 if raw else 110,
            color=ACCENT if raw else QUIET,
            opacity=1,
        )
        .encode(x="expected:Q", y="events:Q")
    )
    return chart


def _data(rows: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _named(at: tuple[float, float], words: str, colour: str, right: float, highest: int) -> alt.Chart:
    rows = [{"expected": at[0], "events": at[1], "words": words}]
    chart: alt.Chart = (
        alt.Chart(_data(rows))
        .mark_text(align="left", dx=8, color=colour, fontWeight=600)
        .encode(x=_x(right), y=_y(highest), text="words:N")
    )
    return chart


def _pointed(x: float, y: float, words: str, right: float) -> list[alt.Chart]:
    """Ring a point and name it where no line runs: below an early one, above a late one."""
    base = alt.Chart(_data([{"expected": x, "events": y, "words": words}])).encode(
        x="expected:Q", y="events:Q"
    )
    late = x > right * 0.6
    ring = base.mark_point(shape="circle", filled=False, size=260, strokeWidth=2.5, color=ALERT, opacity=1)
    text = base.mark_text(
        align="right" if late else "left",
        dx=-14 if late else 22,
        dy=-12 if late else 44,
        color=ALERT,
        fontWeight=600,
    )
    return [ring, text.encode(text="words:N")]


def _dated(path: Replay, step: PathPoint, words: str, colour: str) -> list[alt.Chart]:
    """Ring a day's mark and name it on the side that has room."""
    first, last = path.steps[0].on, path.steps[-1].on
    late = (step.on - first) * 2 > last - first
    rows = [{"on": step.on.isoformat(), "events": step.raw, "words": words}]
    base = alt.Chart(_data(rows)).encode(x="on:T", y="events:Q")
    ring = base.mark_point(filled=False, size=200, strokeWidth=2.5, color=colour, opacity=1)
    text = base.mark_text(
        align="right" if late else "left",
        dx=-14 if late else 12,
        dy=-6 if late else 12,
        color=colour,
        fontWeight=600,
    )
    return [ring, text.encode(text="words:N")]


def _x(right: float) -> alt.X:
    return alt.X(
        "expected:Q",
        title="Events expected from the treatments so far",
        scale=alt.Scale(domain=[0, right], nice=False),
        axis=alt.Axis(tickCount=5),
    )


def _y(highest: int) -> alt.Y:
    return alt.Y(
        "events:Q",
        title="Events reported",
        scale=alt.Scale(domain=[0, highest], nice=False),
        axis=alt.Axis(tickMinStep=1, format="d"),
    )


def onset(curve: OnsetCurve, *, name: str) -> SafeString:
    """How many had reacted by each day, with the interval; the share lost on the way dashed. Empty without a case."""
    if not curve.days:
        return SafeString("")
    rows = [{"day": 0, "share": 0.0, "low": 0.0, "high": 0.0, "lost": 0.0}]
    for step in curve.days:
        low, high = (step.incidence if bound is None else bound for bound in (step.low, step.high))
        rows.append(
            {
                "day": step.day,
                "share": 100 * step.incidence,
                "low": 100 * low,
                "high": 100 * high,
                "lost": 100 * step.lost,
            }
        )
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("day:Q", title="Days after treatment", axis=alt.Axis(tickCount=6, grid=False))
    )
    title = "Percent of treatments"
    layers = [
        base.mark_area(interpolate="step-after", color=ACCENT, opacity=0.18).encode(
            y=alt.Y("low:Q", title=title), y2="high:Q"
        ),
        base.mark_line(interpolate="step-after", color=ACCENT, strokeWidth=2).encode(y="share:Q"),
        base.mark_line(interpolate="step-after", color=QUIET, strokeDash=[5, 4]).encode(y="lost:Q"),
        *(_ending(rows[-1], column, words, colour) for column, words, colour in _ENDINGS),
    ]
    chart = alt.layer(*layers).properties(
        width=WIDTH, height=240, padding={"left": 5, "top": 5, "bottom": 5, "right": 100}
    )
    return as_svg(
        chart, label=f"{name}: reacted by each day after treatment, and lost. The table gives every number."
    )


_ENDINGS = (("share", "Reacted", ACCENT), ("lost", "Lost", QUIET))


def _ending(row: dict[str, float], column: str, words: str, colour: str) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(_data([{"day": row["day"], column: row[column], "words": words}]))
        .mark_text(align="left", dx=8, color=colour, fontWeight=600)
        .encode(x="day:Q", y=f"{column}:Q", text="words:N")
    )
    return chart
