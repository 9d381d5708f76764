"""Exact Poisson MaxSPRT: has a count risen above what was expected, looked at after every event?

Looking again and again at growing data finds "significance" by chance unless the boundary allows
for the looking. The maximised sequential probability ratio test compares the events seen with
the events expected under the null, after each event, against one critical value, chosen so that
the chance of ever crossing it before the expected count reaches an upper limit is alpha.

The critical value is exact up to rounding: no simulation and no asymptotics. Method of Kulldorff
et al. 2011 (Sequential Analysis 30:58-78, doi 10.1080/07474946.2011.539924); the minimum number
of events is that of Kulldorff & Silva 2017 (REVSTAT 15:373-394).
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammaln, lambertw, pdtrc

FloatArray = NDArray[np.float64]

_NEGLIGIBLE = 1e-24  # probability that may be left out of a state; below any alpha by far
_LARGEST_ALPHA = 0.5
_SMALLEST_ALPHA = 1e-12
_LARGEST_LIMIT = 20_000.0
_TOLERANCE = 1e-8  # largest relative gap allowed between the alpha asked for and the alpha spent


class ConvergenceError(ArithmeticError):
    """No critical value was found that spends the alpha asked for; there is no number to use."""


@dataclass(frozen=True, slots=True)
class CriticalValue:
    """A boundary for the log-likelihood ratio, and what it costs.

    ``value``: an alarm is a log-likelihood ratio (natural logarithm) at or above it.
    ``alpha``: the chance of a false alarm that was asked for; ``alpha_spent``: the chance this
    boundary really has. They agree to 1e-8 (relative) when ``attained``. When even alarming on
    every ``min_events``-th event is rarer than alpha, ``attained`` is False, fewer false alarms
    happen than were allowed, and every ``min_events``-th event inside the limit is an alarm.
    ``upper_limit``: the expected count at which watching ends.
    """

    value: float
    alpha: float
    alpha_spent: float
    upper_limit: float
    min_events: int
    attained: bool

    def crossed_by(self, events: int, expected: float) -> bool:
        """Whether ``events`` against ``expected`` are an alarm: enough, inside the limit, at the boundary."""
        if events < self.min_events or expected > self.upper_limit:
            return False
        return log_likelihood_ratio(events, expected) >= self.value


def log_likelihood_ratio(events: int, expected: float) -> float:
    """Maximised log-likelihood ratio of ``events`` seen against ``expected`` (natural logarithm).

    Zero when there are no more events than expected, infinite when events were seen and none
    could be expected. Raises ValueError for a negative count.

    >>> round(log_likelihood_ratio(3, 0.1), 4)
    7.3036
    """
    if events < 0 or not expected >= 0:
        raise ValueError("events and expected count must both be zero or more")
    if events <= expected:
        return 0.0
    return math.inf if expected == 0 else expected - events + events * math.log(events / expected)


def boundary_expected(critical_value: float, events: NDArray[np.int64]) -> FloatArray:
    """Largest expected count at which each number of ``events`` (one or more) is still an alarm.

    It solves ``log_likelihood_ratio(c, tau) = critical_value`` for tau below c, for each c, from
    the Lambert W function (a series near tau = c) and one Newton step. Unit: expected events.
    """
    counts = np.asarray(events, dtype=np.float64)
    if critical_value <= 0:
        return counts.copy()
    drop: FloatArray = np.asarray(critical_value / counts, dtype=np.float64)
    argument: Any = -np.exp(-1.0 - drop)  # the stubs refuse an array of floats here; SciPy does not
    share = -np.real(lambertw(argument))
    root = np.sqrt(2 * drop)
    gap = np.where(drop < 0.01, root - root**2 / 3 + root**3 / 36, 1.0 - share)  # W is weak near gap 0
    small = gap < 0.5
    gap = np.where(small, gap, 0.5)
    gap = gap - (-gap - np.log1p(-gap) - drop) * (1.0 - gap) / gap
    return np.asarray(np.where(small, 1.0 - gap, share) * counts, dtype=np.float64)


def crossing_probability(critical_value: float, *, upper_limit: float, min_events: int = 1) -> float:
    """Exact chance, if the null is true, of an alarm before the expected count reaches the limit.

    Time runs in expected events, so that events are a Poisson process of rate one. No alarm means
    fewer than c events at each boundary time tau_c (cut at the limit). The distribution of the
    count over paths without an alarm is carried from one boundary time to the next; what leaves
    it is the alarm probability. Only positive numbers are added, so small chances stay accurate.
    """
    counts, times = _boundary(critical_value, upper_limit, min_events)
    steps = np.diff(times, prepend=0.0)
    crossed, lowest = 0.0, 0
    alive: FloatArray = np.ones(1)
    first = int(max(min_events + 40, times[0] + 12 * math.sqrt(times[0]) + 40))
    kernels = _poisson_rows(steps[1:], 26)  # later boundary times are less than one expected event apart
    for index, count in enumerate(counts):
        kernel = _poisson_rows(steps[:1], first)[0] if index == 0 else kernels[index - 1]
        moved = np.convolve(alive, kernel)
        keep = int(count) - lowest
        crossed += float(moved[keep:].sum())
        alive = moved[:keep]
        if index % 16 == 0:
            empty = int(np.argmax(alive > _NEGLIGIBLE))
            alive, lowest = alive[empty:], lowest + empty
    return crossed


def poisson_critical_value(*, upper_limit: float, alpha: float, min_events: int = 1) -> CriticalValue:
    """Critical value of the Poisson MaxSPRT, watched continuously.

    ``upper_limit``: expected events under the null at which watching ends (above 0, at most 20,000).
    ``alpha``: chance of ever raising a false alarm (1e-12 to 0.5). ``min_events``: events needed
    before an alarm is possible. Raises ValueError for a design outside these, and ConvergenceError
    when the search does not spend alpha to 1e-8: there is then no number.

    >>> round(poisson_critical_value(upper_limit=10, alpha=0.05, min_events=2).value, 4)
    3.238
    """
    _check_design(upper_limit, alpha, min_events)
    lower = log_likelihood_ratio(min_events, upper_limit)
    most = float(pdtrc(min_events - 1, upper_limit))
    if upper_limit < min_events and most <= alpha:
        return CriticalValue(lower, alpha, most, upper_limit, min_events, attained=False)

    @cache  # the search asks again for its ends and its answer
    def spent_at(value: float) -> float:
        return crossing_probability(value, upper_limit=upper_limit, min_events=min_events)

    def excess(value: float) -> float:
        return math.log(max(spent_at(value), 1e-300) / alpha)

    upper = lower + 1.0 - math.log(alpha)
    while excess(upper) > 0:
        upper *= 2
        if upper > 1e4:
            raise ConvergenceError(f"no boundary spends alpha {alpha} with upper limit {upper_limit}")
    value, outcome = brentq(excess, lower, upper, xtol=1e-10, rtol=1e-12, full_output=True, disp=False)
    spent = spent_at(value)
    if not outcome.converged or abs(spent / alpha - 1) > _TOLERANCE:
        raise ConvergenceError(f"the search ended at alpha {spent:.6g} instead of {alpha:.6g}; use no value")
    return CriticalValue(value, alpha, spent, upper_limit, min_events, attained=True)


def _check_design(upper_limit: float, alpha: float, min_events: int) -> None:
    if not 0 < upper_limit <= _LARGEST_LIMIT:
        raise ValueError(f"upper_limit must be above 0 and at most {_LARGEST_LIMIT:g} expected events")
    if not _SMALLEST_ALPHA <= alpha <= _LARGEST_ALPHA:
        raise ValueError(f"alpha must lie between {_SMALLEST_ALPHA:g} and {_LARGEST_ALPHA:g}")
    if not 1 <= min_events <= _LARGEST_LIMIT:
        raise ValueError("min_events must be a whole number, 1 or more")


def _boundary(value: float, upper_limit: float, min_events: int) -> tuple[NDArray[np.int64], FloatArray]:
    """List counts from ``min_events`` up with their boundary times, ending with the one cut at the limit."""
    reach = upper_limit + value / 3 + math.sqrt(value * value / 9 + 2 * value * upper_limit)
    counts = np.arange(min_events, max(min_events, math.ceil(reach)) + 3, dtype=np.int64)
    times = boundary_expected(value, counts)
    last = int(np.searchsorted(times, upper_limit))  # the first count whose time is at the limit or later
    return counts[: last + 1], np.minimum(times[: last + 1], upper_limit)


def _poisson_rows(means: FloatArray, length: int) -> FloatArray:
    """Poisson probabilities of 0 … length-1 events, one row a mean; a mean of zero never moves."""
    k = np.arange(length, dtype=np.float64)
    safe = np.maximum(means, 1e-300)[:, np.newaxis]
    return np.asarray(np.exp(k * np.log(safe) - safe - gammaln(k + 1)), dtype=np.float64)
