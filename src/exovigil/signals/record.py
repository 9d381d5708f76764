"""A stream's result as it is kept and read again: plain JSON, without infinities and without patients.

JSON has no infinity, but a log-likelihood ratio has one (events before any could be expected), so it is kept as
the text ``"infinity"``. An event is kept by its case's key, site code and days from treatment to onset.
"""

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exovigil.signals.second_opinion import SecondOpinion, SensitivityRow
from exovigil.signals.watch import (
    Event,
    OpenStream,
    PathPoint,
    StreamResult,
    Tally,
    WatchDesign,
)

INFINITY = "infinity"
SERIES = 8  # the published series that this watch is measured against had eight patients (10.1002/der2.242)


@dataclass(frozen=True, slots=True)
class Track:
    """One count of a stream: the step of its alarm, and the eighth event or the latest one after the alarm.

    ``number`` and ``marked_number`` say which event each was; zero without one. ``latest`` is the count now.
    """

    alarm: PathPoint | None = None
    number: int = 0
    marked: PathPoint | None = None
    marked_number: int = 0
    latest: int = 0

    @property
    def days_gained(self) -> int:
        """Days from the alarm to the marked event; zero without either."""
        return (self.marked.on - self.alarm.on).days if self.alarm and self.marked else 0


@dataclass(frozen=True, slots=True)
class Replay:
    """What the watch would have said, day by day, on raw and on de-duplicated counts."""

    steps: tuple[PathPoint, ...]
    boundary: tuple[tuple[int, float], ...]
    critical_value: float
    expected: float
    raw: Track
    deduplicated: Track


def plain_design(design: WatchDesign) -> dict[str, Any]:
    """Write a design with its sources as JSON can hold it."""
    sources = ("window_source", "null_risk_source", "alpha_source")
    plain = {name: getattr(design, name) for name in WatchDesign.__slots__ if name not in sources}
    plain["sensitivity_null_risks"] = list(design.sensitivity_null_risks)
    return plain | {name: _plain_source(getattr(design, name)) for name in sources}


def plain_result(
    opened: OpenStream,
    result: StreamResult,
    events: Sequence[Event],
    kept: Sequence[Event],
    sensitivity: Sequence[SensitivityRow],
    cases: Mapping[str, tuple[str, str]],
    second: SecondOpinion | None = None,
) -> dict[str, Any]:
    """Write a stream's result as JSON can hold it; ``cases`` gives each case's number and site code.

    ``second`` is the second opinion by e-values, of streams with an event that counts.
    """
    plain: dict[str, Any] = {
        "rank": opened.rank,
        "opened_on": opened.opened_on.isoformat(),
        "alpha": result.alpha,
        "critical_value": result.critical.value,
        "alpha_spent": result.critical.alpha_spent,
        "attained": result.critical.attained,
    }
    if not events:
        return plain  # thousands of quiet streams a night: nothing more happened in them
    once = {event.case_id for event in kept}
    apart = dict.fromkeys((e.case_id for e in result.outside_window), "outside")
    apart |= dict.fromkeys((e.case_id for e in result.unknown_onset), "unknown")
    return plain | {
        "expected_missing": result.expected_missing,
        "raw": _plain_tally(result.raw),
        "deduplicated": _plain_tally(result.deduplicated),
        "path": [
            [p.on.isoformat(), p.expected, p.raw, p.deduplicated, _safe(p.llr_raw), _safe(p.llr_deduplicated)]
            for p in result.path
        ],
        "boundary": [[p.events, p.expected] for p in result.boundary],
        "sensitivity": [
            {
                "null_risk": row.null_risk,
                "expected": row.expected,
                "raw": _plain_tally(row.raw),
                "deduplicated": _plain_tally(row.deduplicated),
            }
            for row in sensitivity
        ],
        "second_opinion": dataclasses.asdict(second) if second else None,
        "events": [
            {
                "case": int(event.case_id),
                "number": cases[event.case_id][0],
                "site": cases[event.case_id][1],
                "received_on": event.received_on.isoformat(),
                "days": _latency(event),
                "standing": apart.get(event.case_id, "inside"),
                "counted_once": event.case_id in once,
            }
            for event in sorted(events, key=lambda e: (e.received_on, int(e.case_id)))
        ],
    }


def replay(result: Mapping[str, Any], expected: float) -> Replay:
    """Read a kept result again as the path it took; ``expected`` is the stream's expected count now."""
    steps = tuple(
        PathPoint(dt.date.fromisoformat(on), at, raw, once, number(llr), number(llr_once))
        for on, at, raw, once, llr, llr_once in result.get("path", ())
    )
    return Replay(
        steps=steps,
        boundary=tuple((int(n), float(at)) for n, at in result.get("boundary", ())),
        critical_value=float(result["critical_value"]),
        expected=expected,
        raw=_track(steps, [step.raw for step in steps], result.get("raw", {})),
        deduplicated=_track(steps, [step.deduplicated for step in steps], result.get("deduplicated", {})),
    )


def second_opinion(result: Mapping[str, Any]) -> SecondOpinion | None:
    """Read a kept second opinion again; None where no event counted, and in runs that did not keep any."""
    found = result.get("second_opinion")
    return SecondOpinion(**found) if found else None


def number(value: float | str) -> float:
    """Read a kept number again."""
    return math.inf if value == INFINITY else float(value)


def _track(steps: Sequence[PathPoint], counts: Sequence[int], tally: Mapping[str, Any]) -> Track:
    latest = counts[-1] if counts else 0
    at = next((i for i, step in enumerate(steps) if step.on.isoformat() == tally.get("alarm_on")), None)
    if at is None:
        return Track(latest=latest)
    wanted = SERIES if counts[at] < SERIES <= latest else latest
    if wanted == counts[at]:
        return Track(steps[at], counts[at], latest=latest)
    marked = next(step for step, count in zip(steps, counts, strict=True) if count >= wanted)
    return Track(steps[at], counts[at], marked, wanted, latest)


def _plain_tally(tally: Tally) -> dict[str, Any]:
    return {
        "events": tally.events,
        "llr": _safe(tally.llr),
        "alarm_on": tally.alarm_on.isoformat() if tally.alarm_on else None,
        "alarm_event": tally.alarm_event,
    }


def _plain_source(source: Any) -> dict[str, Any]:
    return {
        "citation": source.citation,
        "link": source.link,
        "published": source.published,
        "read_depth": str(source.read_depth),
        "verified": source.verified,
        "note": source.note,
    }


def _safe(value: float) -> float | str:
    return INFINITY if math.isinf(value) else value


def _latency(event: Event) -> int | None:
    if event.onset_on is None or event.treated_on is None:
        return None
    return (event.onset_on - event.treated_on).days
