"""Registries with known truth, many at once: the watch's own design and statistics, without its objects.

A registry is drawn once and gone through many times: who was treated when stays, who falls ill is drawn
anew. Expected counts are then a table by stream and day, and a look is a row of arrays. Ranks, shares of alpha,
boundaries, elapsed shares and e-values are those of ``signals`` and ``statistics``; only the walking
through days is written again, and ``replay`` gives a world to the real watch, to compare.
"""

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exovigil.signals.second_opinion import SecondOpinion, second_opinions
from exovigil.signals.watch import (
    Event,
    Exposure,
    StreamKey,
    WatchDesign,
    WatchResult,
    critical_value,
    stream_alpha,
    watch,
)
from exovigil.statistics.evidence_process import e_bh, log_e_value
from exovigil.statistics.maxsprt import boundary_expected
from exovigil.statistics.risk_window import elapsed_share

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

DAY_0 = dt.date(2020, 1, 1)
USE_DAYS = 90  # a lot is used up within three months
REPORT_DAYS = 7.0  # mean time from onset until the registry knows; exponential
MOST_COUNTS = 200  # from so many events on every boundary lies at the end of the watch


@dataclass(frozen=True, slots=True)
class Registry:
    """Who was treated when: one row a treatment, lots in order of opening (lot 0 opened first).

    ``treatments`` and ``whole``: by stream (lots, then products) and day, the treatments given and their
    elapsed risk windows, in treatments. ``rank``: place of the stream in its kind's order of opening.
    """

    day: IntArray
    lot: IntArray
    product_of: IntArray
    opened: IntArray
    rank: IntArray
    treatments: FloatArray
    whole: FloatArray

    @property
    def lots(self) -> int:
        return len(self.product_of)


@dataclass(frozen=True, slots=True)
class Cases:
    """Events of many worlds, one row each; ``lot`` is the stream's row, days are counted from day 0."""

    world: IntArray
    lot: IntArray
    treated: IntArray
    onset: IntArray
    received: IntArray


@dataclass(frozen=True, slots=True)
class Alarms:
    """First alarms, one row each: which world and stream, on which day, at how many events and treatments.

    ``at_risk``: elapsed risk windows by then, in treatments; ``given``: treatments given by then.
    """

    world: IntArray
    stream: IntArray
    day: IntArray
    events: IntArray
    at_risk: FloatArray
    given: FloatArray


def draw_registry(
    design: WatchDesign, *, lots: int, products: int, sizes: tuple[int, int], seed: int
) -> Registry:
    """Draw lots that open over time, with the given least and most treatments a lot, spread over its use."""
    rng = np.random.default_rng(seed)
    opening = np.sort(rng.integers(0, 1 + 3 * lots // 2, lots))
    size = rng.integers(sizes[0], sizes[1] + 1, lots)
    lot = np.repeat(np.arange(lots), size)
    day = opening[lot] + rng.integers(0, USE_DAYS, len(lot))
    first = np.full(lots, np.iinfo(np.int64).max)
    np.minimum.at(first, lot, day)
    order = np.argsort(first, kind="stable")
    place = np.empty(lots, dtype=np.int64)
    place[order] = np.arange(lots)
    lot, product_of = place[lot], rng.permutation(np.arange(lots) % products)
    by_time = np.lexsort((day, lot))
    return _tabulate(design, day[by_time], lot[by_time], product_of)


def _tabulate(design: WatchDesign, day: IntArray, lot: IntArray, product_of: IntArray) -> Registry:
    days = int(day.max()) + design.window_end_days + 60
    lots, products = len(product_of), int(product_of.max()) + 1
    given = np.zeros((lots + products, days))
    np.add.at(given, (lot, day), 1.0)
    np.add.at(given, (lots + product_of[lot], day), 1.0)
    share = elapsed_share(np.arange(days), start=design.window_start_days, end=design.window_end_days)
    late = np.arange(days)[np.newaxis, :] - np.arange(days)[:, np.newaxis]
    whole = given @ np.where(late >= 0, share[np.maximum(late, 0)], 0.0)
    opened = np.argmax(given > 0, axis=1).astype(np.int64)
    rank = np.empty(lots + products, dtype=np.int64)
    for rows in (slice(0, lots), slice(lots, None)):
        within = np.argsort(opened[rows], kind="stable")
        rank[rows][within] = np.arange(1, len(within) + 1)
    return Registry(day, lot, product_of, opened, rank, given.cumsum(axis=1), whole)


def fall_ill(
    registry: Registry,
    design: WatchDesign,
    *,
    worlds: int,
    risk: float,
    bad_share: float = 0.0,
    bad_risk: float = 0.0,
    seed: int,
) -> tuple[Cases, BoolArray]:
    """Draw who falls ill in each of ``worlds``, and return with it which lots were bad (world × lot).

    A lot is bad with chance ``bad_share``; treatments carry ``risk``, and ``bad_risk`` with a bad lot. Onset is
    uniform over the risk window, as the watch takes it to be, and what is told after the last day is lost.
    """
    rng, people = np.random.default_rng(seed), len(registry.day)
    bad = rng.random((worlds, registry.lots)) < bad_share
    ill = _successes(rng, risk, worlds * people)
    world, person = ill // people, ill % people
    good = ~bad[world, registry.lot[person]]
    of_bad = _of_bad_lots(rng, registry, bad, bad_risk)
    world = np.concatenate([world[good], of_bad[0]])
    person = np.concatenate([person[good], of_bad[1]])
    treated = registry.day[person]
    onset = treated + rng.integers(design.window_start_days, design.window_end_days + 1, len(person))
    received = onset + np.floor(rng.exponential(REPORT_DAYS, len(person))).astype(np.int64)
    known = received < registry.whole.shape[1]
    rows = (column[known] for column in (world, registry.lot[person], treated, onset, received))
    return Cases(*rows), bad


def _of_bad_lots(
    rng: np.random.Generator, registry: Registry, bad: BoolArray, risk: float
) -> tuple[IntArray, IntArray]:
    """World and person of everyone who falls ill of a bad lot."""
    world, lot = np.nonzero(bad)
    start = np.searchsorted(registry.lot, np.arange(registry.lots + 1))
    size = np.diff(start)[lot]
    place = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    ill = rng.random(len(place)) < risk
    return np.repeat(world, size)[ill], (np.repeat(start[lot], size) + place)[ill]


def _successes(rng: np.random.Generator, chance: float, trials: int) -> IntArray:
    """Places of the successes among many trials of a small chance, by the gaps between them."""
    found, at = [], -1
    while at < trials:
        gaps = rng.geometric(chance, int(1.1 * trials * chance) + 100)
        places = at + np.cumsum(gaps)
        found.append(places)
        at = int(places[-1])
    places = np.concatenate(found)
    return places[places < trials]


def boundaries(registry: Registry, design: WatchDesign) -> FloatArray:
    """Most expected events at which each count is an alarm, by stream and count; -1 where it never is."""
    table = np.full((len(registry.rank), MOST_COUNTS + 1), -1.0)
    counts = np.arange(design.min_events, MOST_COUNTS + 1, dtype=np.int64)
    for row, rank in enumerate(registry.rank.tolist()):
        of_kind = design.of("lot" if row < registry.lots else "product")
        alpha = stream_alpha(design, "lot" if row < registry.lots else "product", rank)
        critical = critical_value(of_kind, alpha)
        limits = np.minimum(boundary_expected(critical.value, counts), critical.upper_limit)
        table[row, design.min_events :] = limits
    return table


def first_alarms(
    registry: Registry,
    cases: Cases,
    design: WatchDesign,
    limits: FloatArray,
    *,
    seen: IntArray | None = None,
    at_risk: FloatArray | None = None,
    products: bool = True,
) -> Alarms:
    """Look at every stream at the end of every day on which an event was ``seen`` (unless given, received).

    What was expected is taken by the latest onset seen, or the day itself if that is earlier. ``at_risk``:
    treatments at risk by stream and day, unless given the elapsed risk windows.
    """
    seen = cases.received if seen is None else seen
    until = np.minimum(cases.onset, seen)
    at_risk = registry.whole if at_risk is None else at_risk
    world, stream, day = cases.world, cases.lot, seen
    if products:
        world, day, until = np.tile(world, 2), np.tile(day, 2), np.tile(until, 2)
        stream = np.concatenate([stream, registry.lots + registry.product_of[stream]])
    group = world * len(registry.rank) + stream
    order = np.lexsort((day, group))
    group, day, until = group[order], day[order], until[order]
    until = np.maximum.accumulate(until + group * at_risk.shape[1]) - group * at_risk.shape[1]
    number = np.arange(len(group)) - np.searchsorted(group, group) + 1
    last = np.append((group[1:] != group[:-1]) | (day[1:] != day[:-1]), True)[: len(group)]
    group, day, until, number = group[last], day[last], until[last], number[last]
    stream = group % len(registry.rank)
    expected = design.null_risk * at_risk[stream, until]
    alarm = np.flatnonzero(expected <= limits[stream, np.minimum(number, MOST_COUNTS)])
    _, first = np.unique(group[alarm], return_index=True)
    rows = alarm[first]
    stream, day, until = stream[rows], day[rows], until[rows]
    return Alarms(
        group[rows] // len(registry.rank),
        stream,
        day,
        number[rows],
        at_risk[stream, until],
        registry.treatments[stream, day],
    )


def picked_by_e_values(
    registry: Registry, cases: Cases, design: WatchDesign, *, worlds: int, night: int, risk: float
) -> BoolArray:
    """Return which streams e-BH picks on one night (world × stream), against a null ``risk``."""
    known, streams = cases.received <= night, len(registry.rank)
    events = np.zeros((worlds, streams))
    np.add.at(events, (cases.world[known], cases.lot[known]), 1)
    np.add.at(events, (cases.world[known], registry.lots + registry.product_of[cases.lot[known]]), 1)
    is_open = registry.opened <= night
    values = np.full(events.shape, -math.inf)
    some = (events > 0) & is_open
    expected = np.broadcast_to(risk * registry.whole[:, night], events.shape)
    values[some] = log_e_value(events[some], expected[some])
    picked = np.zeros(events.shape, dtype=np.bool_)
    for world in np.flatnonzero(some.any(axis=1)):
        picked[world, is_open] = e_bh(values[world, is_open], level=design.alpha).picked
    return picked


def is_bad(registry: Registry, bad_lots: BoolArray) -> BoolArray:
    """Mark bad streams (world × stream): a product is bad with one bad lot or more."""
    products = np.zeros((len(bad_lots), len(registry.rank) - registry.lots), dtype=np.bool_)
    for product in range(products.shape[1]):
        products[:, product] = bad_lots[:, registry.product_of == product].any(axis=1)
    return np.hstack([bad_lots, products])


def replay(
    registry: Registry, cases: Cases, design: WatchDesign, world: int
) -> tuple[WatchResult, dict[StreamKey, SecondOpinion]]:
    """Give one world to the real watch, on the last day of the table."""
    exposures = [
        Exposure(_date(day), f"{registry.product_of[lot]:05}", f"{lot:05}")
        for day, lot in zip(registry.day.tolist(), registry.lot.tolist(), strict=True)
    ]
    events = []
    for row in np.flatnonzero(cases.world == world).tolist():
        lot = int(cases.lot[row])
        received, onset, treated = (_date(int(c[row])) for c in (cases.received, cases.onset, cases.treated))
        product = f"{registry.product_of[lot]:05}"
        events.append(Event(str(row), received, onset, treated, product, f"{lot:05}"))
    found = watch(exposures, events, events, design, _date(registry.whole.shape[1] - 1))
    return found, second_opinions(found, design)


def _date(day: int) -> dt.date:
    return DAY_0 + dt.timedelta(days=day)
