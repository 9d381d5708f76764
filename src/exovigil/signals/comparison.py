"""A lot beside its fellows: against the other lots of its product, and against microneedling without product.

The watch asks whether a lot shows more than a null risk that nobody knows. Here the lot is compared with what was
seen in the same registry instead. Both sides count events inside the risk window, known by the day, over
the treatments' elapsed risk windows, so that young treatments weigh as little on one side as on the other.
Given the events of both sides together the comparison is exact (``statistics.rate_ratio``); it is of one
day's data, and looking on many days makes chance findings likelier than its level says. The conditional
sequential test may be looked at daily: it compares with the other lots' rate *before* this lot opened, as
far as their few events tell it (``statistics.conditional_maxsprt``). It stands for this lot alone, takes no
share of the family's alpha and raises no alarm.

Duplicates are the caller's to take out. Treatments and events without a known lot are on neither side.

    others, needling = compare_lot("17", exposures, kept, design, as_of)
    others.words, others.ratio, others.sequential
"""

import datetime as dt
import math
from collections.abc import Sequence
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

Against = Literal["other lots of the product", "microneedling without product"]
_ONE_OF = {
    "other lots of the product": "another lot of the product",
    "microneedling without product": "the needle alone",
}
MOST_EVENTS = 25  # of the lot, at which the conditional test ends


@dataclass(frozen=True, slots=True)
class Side:
    """``treatments`` given; ``at_risk``: their elapsed risk windows, in treatments; ``events`` in the window."""

    treatments: int
    at_risk: float
    events: int


@dataclass(frozen=True, slots=True)
class ConditionalTest:
    """The conditional MaxSPRT of a lot: the boundary, the highest ratio so far, the first day at or above it.

    ``critical.history`` events over ``history_at_risk`` elapsed risk windows are the earlier rate.
    """

    critical: ConditionalValue
    history_at_risk: float
    highest: float
    crossed_on: dt.date | None


@dataclass(frozen=True, slots=True)
class LotComparison:
    """A lot beside others. ``expected``: the lot's events if its rate were theirs; None without theirs.

    ``ratio`` is None when a side has nobody at risk; ``sequential`` is None without an earlier event to go by,
    and always against microneedling. ``words`` say in plain English what the data tell, or that they cannot.
    """

    against: Against
    lot: Side
    other: Side
    expected: float | None
    ratio: RateRatio | None
    sequential: ConditionalTest | None
    words: str


def compare_lot(
    lot: str,
    exposures: Sequence[Exposure],
    events: Sequence[Event],
    design: WatchDesign,
    as_of: dt.date,
    *,
    without_product: tuple[Sequence[Exposure], Sequence[Event]] = ((), ()),
) -> tuple[LotComparison, LotComparison]:
    """Compare ``lot`` with the other lots of its product, and with microneedling without product.

    ``exposures`` and ``events`` are the registry's, duplicates taken out; ``without_product`` the treatments
    by needle alone and their events, empty when none are recorded. Raises ValueError when the lot has no
    treatment by ``as_of``.
    """
    own = [e for e in exposures if e.lot == lot and e.treated_on <= as_of]
    if not own:
        raise ValueError(f"lot {lot!r} has no treatment by {as_of}; there is nothing to compare")
    product = own[0].product
    fellows = [e for e in exposures if e.product == product and e.lot not in (None, lot)]
    of_lot = [e for e in events if e.lot == lot]
    of_fellows = [e for e in events if e.product == product and e.lot not in (None, lot)]
    mine = _side(own, of_lot, design, as_of)
    test = _conditional(own, of_lot, fellows, of_fellows, design, as_of)
    return (
        _compare("other lots of the product", mine, _side(fellows, of_fellows, design, as_of), test),
        _compare("microneedling without product", mine, _side(*without_product, design, as_of), None),
    )


def _side(
    exposures: Sequence[Exposure], events: Sequence[Event], design: WatchDesign, as_of: dt.date
) -> Side:
    days = _days(exposures, as_of)
    return Side(len(days), _at_risk(days, as_of, design), len(part_events(events, design, as_of)[0]))


def _days(exposures: Sequence[Exposure], as_of: dt.date) -> NDArray[np.int64]:
    return np.array([e.treated_on.toordinal() for e in exposures if e.treated_on <= as_of], dtype=np.int64)


def _at_risk(days: NDArray[np.int64], on: dt.date, design: WatchDesign) -> float:
    since = on.toordinal() - days
    return float(elapsed_share(since, start=design.window_start_days, end=design.window_end_days).sum())


def _compare(against: Against, lot: Side, other: Side, test: ConditionalTest | None) -> LotComparison:
    both = lot.at_risk > 0 and other.at_risk > 0
    ratio = rate_ratio(lot.events, lot.at_risk, other.events, other.at_risk) if both else None
    expected = other.events * lot.at_risk / other.at_risk if other.at_risk > 0 else None
    return LotComparison(against, lot, other, expected, ratio, test, _words(against, lot, other, ratio))


def _words(against: Against, lot: Side, other: Side, ratio: RateRatio | None) -> str:
    if not other.treatments:
        if against == "other lots of the product":
            return "No treatment with another lot of the product is recorded, so there is nothing to compare with."
        return (
            "No microneedling without product is recorded, so what the needle alone does cannot be told from what"
            " the lot does."
        )
    if ratio is None:
        who = "this lot" if not lot.at_risk else _ONE_OF[against]
        return f"No risk window has begun after treatment with {who}, so nothing can be compared yet."
    if not lot.events + other.events:
        return "Neither side has an event, so the data cannot say whether the rates differ."
    bounds = f"{_times(ratio.low)} to {_times(ratio.high)} times"
    if ratio.low > 1:
        return f"The rate with this lot is higher: {bounds} that with {against} (95 % interval)."
    if ratio.high < 1:
        return f"The rate with this lot is lower: {bounds} that with {against} (95 % interval)."
    return (
        f"The data cannot tell this lot from {against}: its rate may be {bounds} theirs (95 % interval, {lot.events}"
        f" and {other.events} events)."
    )


def _times(value: float) -> str:
    return "any number of" if math.isinf(value) else f"{value:.2g}" if value < 10 else f"{value:,.0f}"


def _conditional(
    own: Sequence[Exposure],
    of_lot: Sequence[Event],
    fellows: Sequence[Exposure],
    of_fellows: Sequence[Event],
    design: WatchDesign,
    as_of: dt.date,
) -> ConditionalTest | None:
    """Test the lot day by day against the rate of the other lots up to their last event before it opened.

    A look is taken at the end of each day on which an event of the lot was received.
    """
    opened = min(e.treated_on for e in own)
    earlier, _, _ = part_events(of_fellows, design, min(as_of, opened - dt.timedelta(days=1)))
    if not earlier:
        return None
    until = earlier[-1].received_on
    history_at_risk = _at_risk(_days(fellows, until), until, design)
    if history_at_risk == 0:
        return None
    critical = _critical(len(earlier), design.alpha, design.min_events)
    days, counted = _days(own, as_of), part_events(of_lot, design, as_of)[0]
    looks = []
    for on in sorted({event.received_on for event in counted}):
        number, share = (
            sum(e.received_on <= on for e in counted),
            _at_risk(days, on, design) / history_at_risk,
        )
        ratio = conditional_ratio(number, share, len(earlier)) if share > 0 else math.inf
        looks.append((on, number, share, ratio))
    crossed = (
        on
        for on, number, share, ratio in looks
        if critical.min_events <= number <= critical.max_events and ratio >= critical.value
    )
    highest = max((look[3] for look in looks), default=0.0)
    return ConditionalTest(critical, history_at_risk, highest, next(crossed, None))


@lru_cache(maxsize=1024)
def _critical(history: int, alpha: float, min_events: int) -> ConditionalValue:
    return conditional_critical_value(
        history=history, alpha=alpha, min_events=min_events, max_events=max(MOST_EVENTS, min_events)
    )
