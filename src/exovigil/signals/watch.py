"""The watch: does one lot or product show more of an event than its treatments could explain?

For each stream (a product or a lot) the events received are compared with the events expected, by
the exact Poisson MaxSPRT. Harm shows weeks after the treatment, so a treatment adds to the expected
count only as its risk window elapses: counted whole at once, alarms come late; counted only when
complete, while events count at once, false alarms are raised.

Counts are taken raw and de-duplicated, and both are shown. The chance of a false alarm holds for
the de-duplicated counts; raw counts can only alarm sooner. Nothing is dropped: an event outside the
window or without an onset date is listed apart, and one without a known stream is handed back.
"""

import dataclasses
import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from exovigil.foundation.content import Source, load_toml
from exovigil.statistics.maxsprt import (
    CriticalValue,
    boundary_expected,
    log_likelihood_ratio,
    poisson_critical_value,
)
from exovigil.statistics.risk_window import elapsed_share
from exovigil.statistics.spending import round_alpha_down, spending_weight

StreamKind = Literal["product", "lot"]


class StreamState(enum.StrEnum):
    """What the watch says of a stream; an alarm outranks the others."""

    NOT_OPEN = "not open yet"
    WATCHING = "watching"
    ALARM = "alarm"
    EXHAUSTED = "design exhausted"


@dataclass(frozen=True, slots=True)
class WatchDesign:
    """What is watched for, decided before looking.

    ``window_start_days`` to ``window_end_days`` (inclusive) after treatment count as the risk window;
    ``null_risk`` is the chance of the event per treatment when nothing is wrong, and ``null_risk_upper``
    the most it may be; ``alpha`` the chance of any false alarm over all streams; ``upper_limit`` the
    expected events at which a product's watch ends, ``lot_upper_limit`` a lot's; ``product_share`` and
    ``decay`` divide alpha (see ``stream_alpha``).
    """

    key: str
    event_class: str
    window_start_days: int
    window_end_days: int
    window_source: Source
    null_risk: float
    null_risk_upper: float
    null_risk_source: Source
    sensitivity_null_risks: tuple[float, ...]
    alpha: float
    min_events: int
    upper_limit: float
    lot_upper_limit: float
    product_share: float
    decay: float
    alpha_source: Source

    def __post_init__(self) -> None:
        """Refuse a design that cannot be computed; raises ValueError naming the field."""
        risks, limits = (
            (self.null_risk, *self.sensitivity_null_risks),
            (self.upper_limit, self.lot_upper_limit),
        )
        rules = {
            "window_start_days": 0 <= self.window_start_days <= self.window_end_days,
            "null_risk": all(0 < risk < 1 for risk in risks),
            "null_risk_upper": self.null_risk <= self.null_risk_upper < 1,
            "alpha": 0 < self.alpha <= 0.5,
            "min_events and upper limits": self.min_events >= 1 and all(limit > 0 for limit in limits),
            "product_share": 0 < self.product_share < 1,
            "decay": 0 < self.decay <= 1,
        }
        for field, holds in rules.items():
            if not holds:
                raise ValueError(f"watch design {self.key!r}: {field} is out of range")

    def of(self, kind: StreamKind) -> "WatchDesign":
        """Return the design of one kind of stream, whose ``upper_limit`` is that kind's."""
        return self if kind == "product" else dataclasses.replace(self, upper_limit=self.lot_upper_limit)


@dataclass(frozen=True, slots=True, order=True)
class StreamKey:
    """One product, or one lot of it; ``name`` must be unique within its kind."""

    kind: StreamKind
    name: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """One treatment given; ``lot`` is None when it was not recorded."""

    treated_on: dt.date
    product: str
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One case of the event class; None is unknown. ``received_on`` is when the registry learned of it.

    ``onset_by`` is the last day a partial onset can mean; without one it is ``onset_on`` itself.
    """

    case_id: str
    received_on: dt.date
    onset_on: dt.date | None = None
    treated_on: dt.date | None = None
    product: str | None = None
    lot: str | None = None
    onset_by: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Events in the window, their log-likelihood ratio now, and the first alarm if there was one."""

    events: int
    llr: float
    alarm_on: dt.date | None
    alarm_event: int | None


@dataclass(frozen=True, slots=True)
class PathPoint:
    """A stream at the end of a day on which an event was received; ``expected`` by the latest onset known."""

    on: dt.date
    expected: float
    raw: int
    deduplicated: int
    llr_raw: float
    llr_deduplicated: float


@dataclass(frozen=True, slots=True)
class BoundaryPoint:
    """``events`` are an alarm as long as no more than ``expected`` were expected."""

    events: int
    expected: float


@dataclass(frozen=True, slots=True)
class StreamResult:
    """All that a page needs to show and open a stream's number.

    ``outside_window`` and ``unknown_onset`` list raw events that do not count. ``expected_missing``:
    events came before any could be expected, so treatments were not recorded; an alarm stands.
    """

    state: StreamState
    as_of: dt.date
    alpha: float
    critical: CriticalValue
    treatments: int
    first_treated_on: dt.date | None
    expected: float
    raw: Tally
    deduplicated: Tally
    path: tuple[PathPoint, ...]
    boundary: tuple[BoundaryPoint, ...]
    outside_window: tuple[Event, ...]
    unknown_onset: tuple[Event, ...]
    expected_missing: bool


@dataclass(frozen=True, slots=True)
class OpenStream:
    """A stream with its place in the order of opening, and its share of alpha."""

    key: StreamKey
    opened_on: dt.date
    rank: int
    alpha: float


@dataclass(frozen=True, slots=True)
class WatchResult:
    """Every stream open at ``as_of``, and raw events whose product and lot are both unknown."""

    streams: tuple[tuple[OpenStream, StreamResult], ...]
    unassigned: tuple[Event, ...]


RowT = TypeVar("RowT", Exposure, Event)


def watch_designs() -> tuple[WatchDesign, ...]:
    """Read the designs of ``content/watch.toml``; raises ContentError when a row breaks the schema."""
    return load_toml("exovigil.signals", "watch.toml", "design", WatchDesign)


def stream_alpha(design: WatchDesign, kind: StreamKind, rank: int) -> float:
    """Share of the family's alpha that the ``rank``-th stream of its kind to open may spend.

    Products and lots each have a part of alpha, so that many lots cannot starve the few products.
    Within a kind, order of opening decides (``spending_weight``): no number of streams is fixed, no
    share changes when a lot opens, and the family keeps alpha. The shipped ``decay`` of 1/2 is kind
    to late lots: three events alarm the first lot up to 0.30 expected, the tenth to 0.089, the
    hundredth to 0.026 (a fourth there to 0.090); with 1/(k(k+1)) the hundredth would stop at 0.015.
    """
    part = design.product_share if kind == "product" else 1 - design.product_share
    return design.alpha * part * spending_weight(rank, design.decay)


def open_streams(
    exposures: Iterable[Exposure],
    events: Iterable[Event],
    design: WatchDesign,
    as_of: dt.date,
    known_ranks: Mapping[StreamKey, int] | None = None,
) -> tuple[OpenStream, ...]:
    """Order the streams open at ``as_of`` by first treatment (or first event), then key, within each kind.

    ``known_ranks`` were given out earlier and are kept; new streams go on from the highest, so that a treatment that
    is entered late and back-dated never takes alpha already promised.
    """
    known, first = known_ranks or {}, dict[StreamKey, dt.date]()
    dated = [(e.treated_on, key) for e in exposures for key in _keys(e.product, e.lot)]
    dated += [(e.received_on, key) for e in events for key in _keys(e.product, e.lot)]
    for on, key in (row for row in dated if row[0] <= as_of):
        first[key] = min(on, first.get(key, on))
    following = dict.fromkeys(("product", "lot"), 0)
    for key, rank in known.items():
        following[key.kind] = max(following[key.kind], rank)
    opened = []
    for key, on in sorted(first.items(), key=lambda item: (item[1], item[0])):
        if key not in known:
            following[key.kind] += 1
        rank = known.get(key, following[key.kind])
        opened.append(OpenStream(key, on, rank, stream_alpha(design, key.kind, rank)))
    return tuple(opened)


def watch(
    exposures: Sequence[Exposure],
    raw_events: Sequence[Event],
    deduplicated_events: Sequence[Event],
    design: WatchDesign,
    as_of: dt.date,
    known_ranks: Mapping[StreamKey, int] | None = None,
) -> WatchResult:
    """Run every product and lot as of a date. A case counts for its product and for its lot."""
    treated, raw, kept = _by_stream(exposures), _by_stream(raw_events), _by_stream(deduplicated_events)
    streams = open_streams(exposures, raw_events, design, as_of, known_ranks)
    designs = {kind: design.of(kind) for kind in get_args(StreamKind)}
    results = []
    for stream in streams:
        rows = treated.get(stream.key, []), raw.get(stream.key, []), kept.get(stream.key, [])
        of_kind = designs[stream.key.kind]
        results.append((stream, run_stream(*rows, of_kind, stream.alpha, as_of)))
    homeless = (e for e in raw_events if e.received_on <= as_of and not _keys(e.product, e.lot))
    return WatchResult(tuple(results), tuple(homeless))


def run_stream(
    exposures: Iterable[Exposure],
    raw_events: Iterable[Event],
    deduplicated_events: Iterable[Event],
    design: WatchDesign,
    alpha: float,
    as_of: dt.date,
) -> StreamResult:
    """Test one stream with its share of alpha, as it was known at the end of ``as_of``.

    The ratio is taken at the end of each day on which an event was received, against what was expected
    by the latest onset known then, not by the day of receipt: time in which reports were on their way is
    no evidence that nothing happened. Had every event been told at onset there would have been as many
    by that onset or more, so reports that come late can only make false alarms rarer. Past the upper
    limit of expected events the design is exhausted: no event alarms.
    """
    treated = np.sort([e.treated_on.toordinal() for e in exposures if e.treated_on <= as_of]).astype(np.int64)
    raw, outside, unknown = part_events(raw_events, design, as_of)
    kept, _, _ = part_events(deduplicated_events, design, as_of)
    critical = critical_value(design, alpha)
    path, seen = _path(treated, raw, kept, design), (*raw, *kept, *outside, *unknown)
    expected = _expected(treated, as_of, design)
    raw_tally = _tally([(p.on, p.expected, p.raw) for p in path], expected, critical)
    kept_tally = _tally([(p.on, p.expected, p.deduplicated) for p in path], expected, critical)
    return StreamResult(
        state=_state(len(treated) + len(seen), (raw_tally, kept_tally), expected, design),
        as_of=as_of,
        alpha=alpha,
        critical=critical,
        treatments=len(treated),
        first_treated_on=dt.date.fromordinal(int(treated[0])) if len(treated) else None,
        expected=expected,
        raw=raw_tally,
        deduplicated=kept_tally,
        path=path,
        boundary=_boundary(critical, len(raw)),
        outside_window=outside,
        unknown_onset=unknown,
        expected_missing=any(p.expected == 0 for p in path),
    )


def _expected(treated: NDArray[np.int64], on: dt.date, design: WatchDesign) -> float:
    days = on.toordinal() - treated
    share = elapsed_share(days, start=design.window_start_days, end=design.window_end_days)
    return float(design.null_risk * share.sum())


def critical_value(design: WatchDesign, alpha: float) -> CriticalValue:
    """Boundary of a stream with this share of alpha, which is rounded down to a grid, by 1.1 % at most.

    Rounding down keeps every stream, and so the family, within its alpha; ten thousand streams then need
    a thousand boundaries. Three events alarm up to an expected count at most 0.6 % lower for it.
    """
    return _critical_value(design.upper_limit, round_alpha_down(alpha), design.min_events)


@lru_cache(maxsize=16_384)
def _critical_value(upper_limit: float, alpha: float, min_events: int) -> CriticalValue:
    return poisson_critical_value(upper_limit=upper_limit, alpha=alpha, min_events=min_events)


def part_events(
    events: Iterable[Event], design: WatchDesign, as_of: dt.date
) -> tuple[list[Event], tuple[Event, ...], tuple[Event, ...]]:
    """Part the events received by ``as_of``: in the window (by receipt), outside it, onset unknown."""
    inside, outside, unknown = [], [], []
    received = (event for event in events if event.received_on <= as_of)
    for event in sorted(received, key=lambda e: (e.received_on, e.case_id)):
        if event.onset_on is None or event.treated_on is None:
            unknown.append(event)
        elif design.window_start_days <= (event.onset_on - event.treated_on).days <= design.window_end_days:
            inside.append(event)
        else:
            outside.append(event)
    return inside, tuple(outside), tuple(unknown)


def _path(
    treated: NDArray[np.int64], raw: list[Event], kept: list[Event], design: WatchDesign
) -> tuple[PathPoint, ...]:
    points = []
    for on in sorted({event.received_on for event in (*raw, *kept)}):
        onsets = (e.onset_by or e.onset_on or on for e in (*raw, *kept) if e.received_on <= on)
        expected = _expected(treated, min(on, max(onsets)), design)
        n, m = (sum(event.received_on <= on for event in events) for events in (raw, kept))
        ratios = log_likelihood_ratio(n, expected), log_likelihood_ratio(m, expected)
        points.append(PathPoint(on, expected, n, m, *ratios))
    return tuple(points)


def _tally(looks: Sequence[tuple[dt.date, float, int]], expected: float, critical: CriticalValue) -> Tally:
    """First alarm over ``looks`` (day, expected, events so far), with the ratio as it stands now."""
    events = looks[-1][2] if looks else 0
    alarm = next((look for look in looks if critical.crossed_by(look[2], look[1])), None)
    ratio = log_likelihood_ratio(events, expected)
    return Tally(events, ratio, alarm[0], alarm[2]) if alarm else Tally(events, ratio, None, None)


def _state(records: int, tallies: tuple[Tally, ...], expected: float, design: WatchDesign) -> StreamState:
    if any(tally.alarm_on for tally in tallies):
        return StreamState.ALARM
    if expected > design.upper_limit:
        return StreamState.EXHAUSTED
    return StreamState.WATCHING if records else StreamState.NOT_OPEN


def _boundary(critical: CriticalValue, events: int) -> tuple[BoundaryPoint, ...]:
    """Boundary for every count a chart of this stream may reach."""
    counts = np.arange(critical.min_events, max(critical.min_events + 8, events + 4), dtype=np.int64)
    limits = np.minimum(boundary_expected(critical.value, counts), critical.upper_limit)
    return tuple(BoundaryPoint(int(n), float(limit)) for n, limit in zip(counts, limits, strict=True))


@lru_cache(maxsize=65_536)  # every row of a stream asks for the same
def _keys(product: str | None, lot: str | None) -> tuple[StreamKey, ...]:
    keys = (StreamKey("product", product),) if product else ()
    return (*keys, StreamKey("lot", lot)) if lot else keys


def _by_stream(rows: Iterable[RowT]) -> dict[StreamKey, list[RowT]]:
    grouped: dict[StreamKey, list[RowT]] = {}
    for row in rows:
        for key in _keys(row.product, row.lot):
            grouped.setdefault(key, []).append(row)
    return grouped
