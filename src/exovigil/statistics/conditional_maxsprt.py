"""Exact conditional MaxSPRT: the expected rate is itself only known from a few earlier events.

With ``history`` events in the earlier person-time the null rate is an estimate, and the Poisson
MaxSPRT, which takes it as known, alarms too often. The conditional test compares both periods. Time
runs in shares of the earlier person-time. Given the earlier events, the count under the null is a
Pólya process: between two times it moves by a negative binomial number that depends on the count
so far, so that the chance of an alarm is a finite sum, without simulation.

The earlier person-time must be measured **up to its last event**, as Li & Kulldorff 2010 (Statistics
in Medicine 29:284-295) take it; measured to a later calendar date it is too long, the rate looks
too low, and the test alarms somewhat too often. (The R package Sequential, whose values for a period
that ends between two events differ from these, calls this assumption "liberal".)
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import nbinom

from exovigil.statistics.maxsprt import ConvergenceError

FloatArray = NDArray[np.float64]

_LARGEST_EVENTS = 500
_TOLERANCE = 1e-8  # largest relative gap allowed between the alpha asked for and the alpha spent


@dataclass(frozen=True, slots=True)
class ConditionalValue:
    """A boundary for the conditional log-likelihood ratio (natural logarithm) and what it costs.

    ``history``: events in the earlier period. Watching ends at ``max_events`` events, or when the watched
    person-time is ``upper_share`` of the earlier, whichever comes first; fewer than ``min_events`` events
    are no alarm.
    """

    value: float
    alpha: float
    alpha_spent: float
    history: int
    min_events: int
    max_events: int
    upper_share: float

    def crossed_by(self, events: int, share: float) -> bool:
        """Whether ``events`` in ``share`` of the earlier person-time are an alarm."""
        if not (self.min_events <= events <= self.max_events and share <= self.upper_share):
            return False
        return conditional_ratio(events, share, self.history) >= self.value


def conditional_ratio(events: int, share: float, history: int) -> float:
    """Maximised log-likelihood ratio of one rate against a higher one in the watched period.

    ``share``: watched person-time as a multiple of the earlier person-time (above 0). Zero when the rate
    has not risen. Raises ValueError for negative events, no history or an impossible share.

    >>> round(conditional_ratio(4, 1.195 / 5.3415, 11), 3)
    0.319
    """
    if events < 0 or history < 1:
        raise ValueError("events must be zero or more, and history must be 1 event or more")
    if not (share > 0 and math.isfinite(share)):
        raise ValueError("share must be a positive number")
    if events <= history * share:
        return 0.0
    return float(_ratio(np.asarray([events], dtype=np.float64), np.asarray([share]), history)[0])


def conditional_crossing(
    value: float,
    *,
    history: int,
    max_events: int = _LARGEST_EVENTS,
    upper_share: float = math.inf,
    min_events: int = 1,
) -> float:
    """Exact chance of an alarm if the rate is unchanged; arguments as ``conditional_critical_value``."""
    counts = np.arange(min_events, max_events + 1, dtype=np.float64)
    times = _boundary(value, counts, history)
    times = np.minimum(times[: int(np.searchsorted(times, upper_share)) + 1], upper_share)
    crossed, at = 0.0, 0.0
    alive: FloatArray = np.ones(1)
    for index, time in enumerate(times):
        count = min_events + index
        stay = (1.0 + at) / (1.0 + time)
        before = history + np.arange(len(alive))
        steps = np.arange(count)[np.newaxis, :] - np.arange(len(alive))[:, np.newaxis]
        moves = np.where(steps >= 0, nbinom.pmf(np.maximum(steps, 0), before[:, np.newaxis], stay), 0.0)
        leave = nbinom.sf(count - 1 - np.arange(len(alive)), before, stay)
        crossed += float(alive @ leave)
        alive, at = alive @ moves, float(time)
    return crossed


def conditional_critical_value(
    *,
    history: int,
    alpha: float,
    max_events: int = _LARGEST_EVENTS,
    upper_share: float = math.inf,
    min_events: int = 1,
) -> ConditionalValue:
    """Critical value of the conditional MaxSPRT, watched continuously to the last event or share.

    ``history``: earlier events (1 or more); ``alpha``: 1e-12 to 0.5; ``max_events``: 1 to 500; shares: of
    the earlier person-time. Raises ValueError outside these, and ConvergenceError when no boundary
    spends alpha to 1e-8: there is then no number.

    >>> found = conditional_critical_value(history=20, alpha=0.05, upper_share=0.5)
    >>> round(found.value, 4)
    3.3318
    """
    _check(history, alpha, min_events, max_events, upper_share)

    @cache  # the search asks again for its ends and its answer
    def spent_at(value: float) -> float:
        return conditional_crossing(
            value,
            history=history,
            max_events=max_events,
            upper_share=upper_share,
            min_events=min_events,
        )

    def excess(value: float) -> float:
        return math.log(max(spent_at(value), 1e-300) / alpha)

    lower, upper = 1e-9, 2.0 - math.log(alpha)
    while excess(upper) > 0 and upper < 1e4:
        upper *= 2
    if excess(lower) < 0 or excess(upper) > 0:
        raise ConvergenceError(f"no boundary spends alpha {alpha:g} in so short a watch; use no value")
    value, outcome = brentq(excess, lower, upper, xtol=1e-10, rtol=1e-12, full_output=True, disp=False)
    spent = spent_at(value)
    if not outcome.converged or abs(spent / alpha - 1) > _TOLERANCE:
        raise ConvergenceError(f"the search ended at alpha {spent:.6g} instead of {alpha:.6g}; use no value")
    return ConditionalValue(value, alpha, spent, history, min_events, max_events, upper_share)


def _check(history: int, alpha: float, min_events: int, max_events: int, upper_share: float) -> None:
    if history < 1:
        raise ValueError("history must be 1 event or more; without one nothing is known of the rate")
    if not 1 <= min_events <= max_events <= _LARGEST_EVENTS:
        raise ValueError(
            f"min_events must be 1 or more and at most max_events, and that at most {_LARGEST_EVENTS}"
        )
    if not upper_share > 0:
        raise ValueError("upper_share must be above 0")
    if not 1e-12 <= alpha <= 0.5:
        raise ValueError("alpha must lie between 1e-12 and 0.5")
    if max_events == _LARGEST_EVENTS and math.isinf(upper_share):
        raise ValueError("watching must end somewhere: give max_events or upper_share")


def _ratio(events: FloatArray, share: FloatArray, history: int) -> FloatArray:
    both = events + history
    risen = events * np.log(events / share) + history * math.log(history)
    return np.asarray(risen - both * np.log(both / (1.0 + share)), dtype=np.float64)


def _boundary(value: float, counts: FloatArray, history: int) -> FloatArray:
    """Largest share of the earlier person-time within which each count is an alarm, by bisection."""
    high = np.log(counts / history)
    low = high - (value + 1.0) / counts - np.log1p(counts / history) * (1.0 + history / counts) - 1.0
    for _ in range(80):
        middle = (low + high) / 2
        alarm = _ratio(counts, np.exp(middle), history) >= value
        low, high = np.where(alarm, middle, low), np.where(alarm, high, middle)
    return np.asarray(np.exp(low), dtype=np.float64)
