"""A lot or product beside its fellows: other lots, other products, and treatments without an active product.

The watch asks whether a stream shows more than a null risk that nobody knows. Here it is compared with what was
seen in the same registry instead. Both sides count events inside the risk window, known by the day, over
the treatments' elapsed risk windows, so that young treatments weigh as little on one side as on the other.
Given the events of both sides together the comparison is exact (``statistics.rate_ratio``); it is of one
day's data, and looking on many days makes chance findings likelier than its level says. The conditional
sequential test may be looked at daily: it compares with the others' rate *before* this lot or product opened, as
far as their few events tell it (``statistics.conditional_maxsprt``). It stands for this stream alone, takes no
share of the family's alpha and raises no alarm.

Duplicates are the caller's to take out. Treatments and events without a known lot are on neither side of lots.

    lots, products = compare("P", "17", exposures, kept, design, as_of)
    lots.words, lots.ratio, lots.sequential
"""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from exovigil.signals.watch import Event, Exposure, WatchDesign, part_events
from exovigil.statistics.conditional_maxsprt import (
    ConditionalValue,
    conditional_critical_value,
    conditional_ratio,
)
from exovigil.statistics.rate_ratio import RateRatio, rate_ratio
from exovigil.statistics.risk_window import elapsed_share

Against = Literal[
    "other lots of the product",
    "all other products",
    "treatments without an active product",
    "microneedling without product",
]
_ONE_OF: dict[Against, str] = {
    "other lots of the product": "another lot of the product",
    "all other products": "another product",
    "treatments without an active product": "saline or a carrier alone",
    "microneedling without product": "the needle alone",
}
_UNDATED = "A count without dates cannot be followed from day to day."
MOST_EVENTS = 25  # of the lot or product, at which the conditional test ends


@dataclass(frozen=True, slots=True)
class Side:
    """``treatments`` given; ``at_risk``: their elapsed risk windows, in treatments; ``events`` in the window."""

    treatments: int
    at_risk: float
    events: int


@dataclass(frozen=True, slots=True)
class ConditionalTest:
    """The conditional MaxSPRT: the boundary, the highest ratio so far, the first day at or above it.

    ``critical.history`` events over ``history_at_risk`` elapsed risk windows are the earlier rate.
    """

    critical: ConditionalValue
    history_at_risk: float
    highest: float
    crossed_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A lot or product beside others. ``expected``: its events if its rate were theirs; None without theirs.

    ``ratio`` is None when a side has nobody at risk; ``sequential`` is None without an earlier event to go by,
    and always against a count of one's own. ``words`` say in plain English what the data tell, or that they
    cannot; ``sequential_words`` the same of the conditional test.
    """

    against: Against
    own: Side
    other: Side
    expected: float | None
    ratio: RateRatio | None
    sequential: ConditionalTest | None
    words: str
    sequential_words: str


@dataclass(frozen=True, slots=True)
class _Group:
    """Treatments and events of one side, of any day."""

    exposures: Sequence[Exposure]
    events: Sequence[Event]

    def side(self, design: WatchDesign, as_of: dt.date) -> Side:
        days = _days(self.exposures, as_of)
        return Side(len(days), _at_risk(days, as_of, design), len(part_events(self.events, design, as_of)[0]))


def compare(
    product: str,
    lot: str | None,
    exposures: Sequence[Exposure],
    events: Sequence[Event],
    design: WatchDesign,
    as_of: dt.date,
    carriers: frozenset[str] = frozenset(),
) -> tuple[Comparison, ...]:
    """Compare a lot with the other lots of its product and with all other products, or a product with the latter.

    ``lot`` is None for a product as a whole. ``exposures`` and ``events`` are the registry's, duplicates taken out.
    ``carriers`` are products without an active part, such as saline: they are no other product, and where any was
    given they are a comparison of their own, as needling alone can cause the event too.
    """

    def group(belongs: Callable[[Exposure | Event], bool]) -> _Group:
        return _Group([e for e in exposures if belongs(e)], [e for e in events if belongs(e)])

    others = carriers - {product}
    products = group(lambda row: row.product not in {None, product, *others})
    alone = group(lambda row: row.product in others)
    own = group(lambda row: row.product == product if lot is None else row.lot == lot)
    beside: list[tuple[Against, _Group]] = [("all other products", products)]
    if lot is not None:
        lots = group(lambda row: row.product == product and row.lot not in (None, lot))
        beside.insert(0, ("other lots of the product", lots))
    if alone.exposures:
        beside.append(("treatments without an active product", alone))
    return tuple(_compare(against, own, other, design, as_of) for against, other in beside)


def compare_count(own: Side, events: int, treatments: int) -> Comparison:
    """Compare with a count of microneedling without any product, each treatment followed for the whole window."""
    other = Side(treatments, float(treatments), events)
    return _beside("microneedling without product", own, other, None, _UNDATED)


def _days(exposures: Sequence[Exposure], as_of: dt.date) -> NDArray[np.int64]:
    return np.array([e.treated_on.toordinal() for e in exposures if e.treated_on <= as_of], dtype=np.int64)


def _at_risk(days: NDArray[np.int64], on: dt.date, design: WatchDesign) -> float:
    since = on.toordinal() - days
    return float(elapsed_share(since, start=design.window_start_days, end=design.window_end_days).sum())


def _compare(
    against: Against, own: _Group, others: _Group, design: WatchDesign, as_of: dt.date
) -> Comparison:
    test = _conditional(own, others, design, as_of)
    sides = own.side(design, as_of), others.side(design, as_of)
    return _beside(against, *sides, test, _sequential_words(against, test))


def _beside(
    against: Against, own: Side, other: Side, test: ConditionalTest | None, sequential_words: str
) -> Comparison:
    both = own.at_risk > 0 and other.at_risk > 0
    ratio = rate_ratio(own.events, own.at_risk, other.events, other.at_risk) if both else None
    expected = other.events * own.at_risk / other.at_risk if other.at_risk > 0 else None
    words = _words(against, own, other, ratio)
    return Comparison(against, own, other, expected, ratio, test, words, sequential_words)


def _words(against: Against, own: Side, other: Side, ratio: RateRatio | None) -> str:
    if not own.treatments:
        return "No treatment in alarm is recorded, so it has no rate to compare. Record the treatments."
    if not other.treatments:
        return f"No treatment with {_ONE_OF[against]} is recorded, so there is nothing to compare with."
    if ratio is None:
        who = "what is in alarm" if not own.at_risk else _ONE_OF[against]
        return f"No risk window has begun after treatment with {who}, so nothing can be compared yet."
    if not own.events + other.events:
        return "Neither side has an event, so the data cannot say whether the rates differ."
    bounds = f"{_times(ratio.low)} to {_times(ratio.high)} times"
    if ratio.low > 1:
        return f"The rate here is higher: {bounds} that with {against} (95 % interval)."
    if ratio.high < 1:
        return f"The rate here is lower: {bounds} that with {against} (95 % interval)."
    return (
        f"The data cannot tell it from {against}: the rate here may be {bounds} theirs (95 % interval, {own.events}"
        f" and {other.events} events)."
    )


def _sequential_words(against: Against, test: ConditionalTest | None) -> str:
    if test is None:
        return (
            f"No event with {against} was known before this one opened, so there is no earlier rate to go by."
        )
    critical = test.critical
    earlier = f"{critical.history} event{'s' if critical.history > 1 else ''}"
    verdict = "More than" if test.crossed_on else "Not more than"
    return (
        f"{verdict} the earlier rate of {against} explains: {earlier} in {test.history_at_risk:.1f} treatments before"
        " this one opened."
    )


def _times(value: float) -> str:
    return "any number of" if math.isinf(value) else f"{value:.2g}" if value < 10 else f"{value:.0f}"


def _conditional(own: _Group, others: _Group, design: WatchDesign, as_of: dt.date) -> ConditionalTest | None:
    """Test day by day against the rate of the others up to their last event before the first treatment here.

    A look is taken at the end of each day on which an event of the lot or product was received.
    """
    opened = min((e.treated_on for e in own.exposures if e.treated_on <= as_of), default=None)
    if opened is None:
        return None
    earlier, _, _ = part_events(others.events, design, opened - dt.timedelta(days=1))
    if not earlier:
        return None
    until = earlier[-1].received_on
    history_at_risk = _at_risk(_days(others.exposures, until), until, design)
    if history_at_risk == 0:
        return None
    critical = _critical(len(earlier), design.alpha, design.min_events)
    days, counted = _days(own.exposures, as_of), part_events(own.events, design, as_of)[0]
    looks = []
    for on in sorted({event.received_on for event in counted}):
        number = sum(e.received_on <= on for e in counted)
        share = _at_risk(days, on, design) / history_at_risk
        ratio = conditional_ratio(number, share, len(earlier)) if share > 0 else math.inf
        looks.append((on, number, ratio))
    crossed = (
        on
        for on, number, ratio in looks
        if critical.min_events <= number <= critical.max_events and ratio >= critical.value
    )
    highest = max((look[2] for look in looks), default=0.0)
    return ConditionalTest(critical, history_at_risk, highest, next(crossed, None))


@lru_cache(maxsize=1024)
def _critical(history: int, alpha: float, min_events: int) -> ConditionalValue:
    return conditional_critical_value(
        history=history, alpha=alpha, min_events=min_events, max_events=max(MOST_EVENTS, min_events)
    )
