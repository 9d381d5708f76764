"""Exact Bernoulli MaxSPRT: has a reaction become commoner than it may be, looked at after every treatment?

As the Poisson test (``maxsprt``), but for a countable number of treatments, each with at most one
event: the chance of an event under the null is known, watching ends after a fixed number of
treatments, and every probability is a finite sum. An alarm is c events within the first n
treatments. As counts are whole numbers alpha can seldom be spent in full; it is never exceeded.
Kulldorff et al. 2011 (Sequential Analysis 30:58-78, doi 10.1080/07474946.2011.539924).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from scipy.stats import binom

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_LARGEST_WATCH = 100_000
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class BernoulliDesign:
    """A boundary and its cost.

    ``alarms``: pairs of events and treatments; that many events within the first so many treatments
    are an alarm. Counts so high that they cannot be reached without an earlier alarm are not listed.
    ``value``: the log-likelihood ratio (natural logarithm) at or above which the alarms lie.
    ``alpha_spent``: the exact chance of a false alarm, at most ``alpha``. Empty ``alarms`` mean that
    no alarm rule is rare enough.
    """

    treatments: int
    null_risk: float
    alpha: float
    min_events: int
    value: float
    alpha_spent: float
    alarms: tuple[tuple[int, int], ...]

    def crossed_by(self, events: int, treatments: int) -> bool:
        """Whether ``events`` within the first ``treatments`` are an alarm."""
        if events < self.min_events or treatments > self.treatments:
            return False
        return bernoulli_ratio(events, treatments, self.null_risk) >= self.value * (1 - 1e-12)


@dataclass(frozen=True, slots=True)
class BernoulliPerformance:
    """What a design does at a true risk.

    ``power``: chance of an alarm at all. ``treatments_to_alarm`` and ``events_at_alarm``: means over the
    watches that end in an alarm (NaN when none can). ``treatments_watched``: mean over all watches.
    """

    true_risk: float
    power: float
    treatments_to_alarm: float
    events_at_alarm: float
    treatments_watched: float


def bernoulli_ratio(events: int, treatments: int, null_risk: float) -> float:
    """Maximised log-likelihood ratio (natural logarithm) of ``events`` in ``treatments``; 0 if no excess.

    >>> round(bernoulli_ratio(2, 91, 0.001), 4)
    4.2814
    """
    if not 0 <= events <= treatments:
        raise ValueError("events must lie between 0 and the treatments")
    _check_risk(null_risk)
    return float(_ratios(np.asarray([events]), np.asarray([treatments]), null_risk)[0])


def bernoulli_design(
    *, treatments: int, null_risk: float, alpha: float, min_events: int = 1
) -> BernoulliDesign:
    """Find the lowest boundary whose exact chance of a false alarm is at most ``alpha``.

    ``treatments``: number after which watching ends (1 to 100,000); ``null_risk``: chance of an event
    in a treatment if nothing is wrong (inside 0-1); ``alpha``: 1e-12 to 0.5; ``min_events``: events needed before an
    alarm is possible. Raises ValueError outside these.
    """
    _check_design(treatments, null_risk, alpha, min_events)
    low, high = 0.0, treatments * -math.log(null_risk) + 1.0
    best, spent = _boundary(high, treatments, null_risk, min_events), 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        times = _boundary(middle, treatments, null_risk, min_events)
        chance = _crossing(times, min_events, null_risk)
        if chance <= alpha:
            high, best, spent = middle, times, chance
        else:
            low = middle
    counts = min_events + np.arange(len(best))
    usable = best >= counts
    alarms = tuple((int(c), int(n)) for c, n in zip(counts[usable], best[usable], strict=True))
    value = min((bernoulli_ratio(c, n, null_risk) for c, n in alarms), default=math.inf)
    return BernoulliDesign(treatments, null_risk, alpha, min_events, value, spent, alarms)


def bernoulli_performance(design: BernoulliDesign, true_risk: float) -> BernoulliPerformance:
    """Exact chance of an alarm, and how soon it comes, when each treatment carries ``true_risk``."""
    if not 0 <= true_risk <= 1:
        raise ValueError("true_risk must lie between 0 and 1")
    if not design.alarms:
        return BernoulliPerformance(true_risk, 0.0, math.nan, math.nan, float(design.treatments))
    times = _boundary(design.value, design.treatments, design.null_risk, design.min_events, slack=1e-12)
    size = design.min_events + len(times)
    last = np.zeros(size, dtype=np.int64)  # treatments within which so many events are an alarm
    last[design.min_events :] = times
    alive = np.zeros(size)
    alive[0], power, when, events, watched = 1.0, 0.0, 0.0, 0.0, 0.0
    for treatment in range(1, design.treatments + 1):
        watched += float(alive.sum())
        moved = alive * (1.0 - true_risk)
        moved[1:] += alive[:-1] * true_risk
        moved[-1] += alive[-1] * true_risk
        alarm = np.flatnonzero(last >= treatment)
        mass = moved[alarm]
        power += float(mass.sum())
        when += treatment * float(mass.sum())
        events += float(mass @ alarm)
        moved[alarm] = 0.0
        alive = moved
    if power <= 0:
        return BernoulliPerformance(true_risk, 0.0, math.nan, math.nan, watched)
    return BernoulliPerformance(true_risk, power, when / power, events / power, watched)


def _check_risk(null_risk: float) -> None:
    if not 0 < null_risk < 1:
        raise ValueError("null_risk must lie between 0 and 1")


def _check_design(treatments: int, null_risk: float, alpha: float, min_events: int) -> None:
    _check_risk(null_risk)
    if not 1 <= treatments <= _LARGEST_WATCH:
        raise ValueError(f"treatments must be 1 to {_LARGEST_WATCH:,}")
    if not 1e-12 <= alpha <= 0.5:
        raise ValueError("alpha must lie between 1e-12 and 0.5")
    if not 1 <= min_events <= treatments:
        raise ValueError("min_events must be 1 or more and at most the number of treatments")


def _ratios(events: IntArray, treatments: IntArray, null_risk: float) -> FloatArray:
    quiet = treatments - events
    expected = treatments * null_risk
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = xlogy(events, events / expected) + xlogy(quiet, quiet / (treatments - expected))
    return np.asarray(np.where(events > expected, ratio, 0.0), dtype=np.float64)


def _boundary(value: float, treatments: int, null_risk: float, minimum: int, slack: float = 0.0) -> IntArray:
    """Most treatments within which minimum, minimum + 1, … events are an alarm; ends at the last treatment.

    A count that is never an alarm has one treatment less than itself, which it cannot reach.
    """
    most = min(treatments, math.ceil(treatments * null_risk + value + 8 * math.sqrt(treatments) + 8))
    counts = np.arange(minimum, max(most, minimum) + 1, dtype=np.int64)
    low, high = counts - 1, np.full(len(counts), treatments, dtype=np.int64)
    threshold = max(value * (1 - slack), 1e-300)
    while np.any(low < high):  # the ratio falls as treatments without an event are added
        middle = (low + high + 1) // 2
        alarm = _ratios(counts, np.maximum(middle, counts), null_risk) >= threshold
        low, high = np.where(alarm, middle, low), np.where(alarm, high, middle - 1)
    reaching = np.flatnonzero(low >= treatments)
    return np.asarray(low[: reaching[0] + 1] if len(reaching) else low, dtype=np.int64)


def _crossing(times: IntArray, minimum: int, risk: float) -> float:
    """Chance that so many events come within so many treatments, for any count from the minimum up.

    The distribution of the count over watches without an alarm is carried from one of ``times`` to
    the next; what leaves it is the chance of an alarm.
    """
    crossed, at = 0.0, 0
    alive: FloatArray = np.ones(1)
    for count, time in enumerate(times, start=minimum):
        step = int(time) - at
        kernel = binom.pmf(np.arange(min(step, _reach(step, risk)) + 1), step, risk)
        moved = np.convolve(alive, kernel)
        crossed += float(moved[count:].sum())
        alive, at = moved[:count], int(time)
    return crossed


def _reach(step: int, risk: float) -> int:
    """Events beyond which a binomial step has no weight worth carrying."""
    mean = step * risk
    return math.ceil(mean + 12 * math.sqrt(mean) + 40)
