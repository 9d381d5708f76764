"""Time to onset: how many will have reacted by each day, when others are lost to follow-up on the way.

Descriptive only: few cases cannot tell one onset pattern from another, and a pattern is no alarm.

Cumulative incidence after Aalen & Johansen 1978 (Scandinavian Journal of Statistics 5:141-150). Loss to
follow-up competes with onset: someone who is lost is not taken to be as likely to react later as those
who stay, as one minus the Kaplan-Meier estimate would. Those still watched when the data were cut are
censored. Variance by the delta method from the multinomial counts of each day (Aalen 1978, Annals of
Statistics 6:534-545), which without censoring is that of a proportion; intervals on the scale
log(-log(1 - F)), which keeps them between 0 and 1.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_ROUNDING = 1e-12  # what sums of shares may be off by


class Ending(IntEnum):
    """How the watching of a patient ended."""

    STILL_WATCHED = 0
    ONSET = 1
    LOST = 2


@dataclass(frozen=True, slots=True)
class CumulativeIncidence:
    """Share of patients (0-1) with an onset by the end of each day on which anything ended.

    ``days`` rise strictly. ``at_risk``: patients watched at the start of each; ``onsets`` and ``losses``
    on it. ``lost``: share lost by then without an onset; ``free``: share with neither.
    ``standard_error``, ``low`` and ``high`` belong to ``incidence``; bounds are NaN before the first onset
    and after the last patient has reacted, where the scale has no room for them.
    """

    level: float
    days: IntArray
    at_risk: IntArray
    onsets: IntArray
    losses: IntArray
    incidence: FloatArray
    standard_error: FloatArray
    low: FloatArray
    high: FloatArray
    lost: FloatArray
    free: FloatArray


@dataclass(frozen=True, slots=True)
class MedianTime:
    """Day by the end of which half have reacted, with its interval; None where the data do not reach that far.

    ``days`` None: fewer than half so far. ``low`` None: no bound can be given, as with a single patient. ``high`` None:
    open upwards.
    """

    level: float
    days: int | None
    low: int | None
    high: int | None


def median_time(found: CumulativeIncidence) -> MedianTime:
    """Median time to onset, with the interval that inverts the pointwise bounds.

    The bounds are days at which one half still lies between ``found.low`` and ``found.high`` (Brookmeyer &
    Crowley 1982, Biometrics 38:29-41), on the scale of those bounds. Where some are lost it is the day by
    which half of all patients, the lost among them, have reacted: it may never come.

    >>> median_time(cumulative_incidence([3, 5, 8, 13], [1, 1, 1, 0])).days
    5
    """
    return MedianTime(
        level=found.level,
        days=_first_day(found, found.incidence),
        low=_first_day(found, found.high),
        high=_first_day(found, found.low),
    )


def _first_day(found: CumulativeIncidence, share: FloatArray) -> int | None:
    """First day on which a share reaches one half, allowing for the last bits of its sums; NaN never does."""
    reached = np.nan_to_num(share, nan=0.0) >= 0.5 - 1e-12
    return int(found.days[np.argmax(reached)]) if reached.any() else None


def cumulative_incidence(days: ArrayLike, endings: ArrayLike, *, level: float = 0.95) -> CumulativeIncidence:
    """Cumulative incidence of onset from one row a patient.

    ``days``: whole days from treatment to the ending (0 or more); ``endings``: ``Ending`` values. On one day
    onset and loss come before the cut of the data. Raises ValueError for no patients, other values
    or a level not inside 0-1.

    >>> found = cumulative_incidence([10, 20, 20, 30], [1, 2, 1, 0])
    >>> found.incidence.tolist(), found.lost.tolist()
    ([0.25, 0.5, 0.5], [0.0, 0.25, 0.25])
    """
    when, how = _checked(days, endings)
    if not 0 < level < 1:
        raise ValueError("level must lie between 0 and 1, such as 0.95")
    times, place = np.unique(when, return_inverse=True)
    onsets = np.bincount(place[how == Ending.ONSET], minlength=len(times))
    losses = np.bincount(place[how == Ending.LOST], minlength=len(times))
    everyone = np.bincount(place, minlength=len(times))
    at_risk = np.cumsum(everyone[::-1])[::-1]
    free: FloatArray = np.cumprod(1.0 - (onsets + losses) / at_risk).astype(np.float64)
    before = np.concatenate([[1.0], free[:-1]])
    incidence = np.cumsum(before * onsets / at_risk)
    error = np.sqrt(_variance(incidence, before, onsets, losses, at_risk))
    low, high = _interval(incidence, error, level)
    return CumulativeIncidence(
        level=level,
        days=times,
        at_risk=at_risk,
        onsets=onsets,
        losses=losses,
        incidence=incidence,
        standard_error=error,
        low=low,
        high=high,
        lost=np.cumsum(before * losses / at_risk),
        free=free,
    )


def _checked(days: ArrayLike, endings: ArrayLike) -> tuple[IntArray, IntArray]:
    given, how = np.asarray(days), np.asarray(endings)
    if given.ndim != 1 or given.shape != how.shape or not len(given):
        raise ValueError("days and endings must be two columns of the same length, with a patient or more")
    if not (np.all(given >= 0) and np.all(given == np.floor(given))):
        raise ValueError("days must be whole numbers, 0 or more")
    if not np.all(np.isin(how, [int(ending) for ending in Ending])):
        raise ValueError("endings must be 0 (still watched), 1 (onset) or 2 (lost)")
    return given.astype(np.int64), how.astype(np.int64)


def _variance(
    incidence: FloatArray, before: FloatArray, onsets: IntArray, losses: IntArray, at_risk: IntArray
) -> FloatArray:
    """Variance of the cumulative incidence at each day, from running sums.

    On each day the numbers with onset and lost are multinomial among those at risk. The sum over days
    i up to t of (F(t) - F(i))² A(i) + B(i) - 2 (F(t) - F(i)) C(i) is multiplied out so that F(t) stands
    outside the sums and all days take one pass.
    """
    gone = onsets + losses
    left = np.maximum(at_risk - gone, 1)  # where nobody is left F(t) - F(i) is zero from there on
    spread = np.where(at_risk > gone, gone / (at_risk * left), 0.0)
    people = at_risk.astype(np.float64)
    own = before**2 * (people - onsets) * onsets / people**3
    shared = before * onsets / people**2
    return np.maximum(_sums(incidence, spread, own, shared), 0.0)


def _sums(incidence: FloatArray, spread: FloatArray, own: FloatArray, shared: FloatArray) -> FloatArray:
    squared = (
        incidence**2 * np.cumsum(spread)
        - 2 * incidence * np.cumsum(spread * incidence)
        + np.cumsum(spread * incidence**2)
    )
    crossed = incidence * np.cumsum(shared) - np.cumsum(shared * incidence)
    return np.asarray(squared + np.cumsum(own) - 2 * crossed, dtype=np.float64)


def _interval(incidence: FloatArray, error: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    # Sums of shares reach 1 only to rounding; there, as at 0, the logarithm has no interval.
    inside = (incidence > _ROUNDING) & (incidence < 1 - _ROUNDING)
    free = np.where(inside, 1.0 - incidence, 0.5)
    spread = float(ndtri((1 + level) / 2)) * error / (free * -np.log(free))
    low = np.where(inside, 1.0 - free ** np.exp(-spread), np.nan)
    high = np.where(inside, 1.0 - free ** np.exp(spread), np.nan)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
