"""Is one rate higher than another, when both rest on few events?

Given the events of both sides together, those of one side are binomial, whatever the common rate:
Przyborowski & Wilenski 1940 (Biometrika 31:313-323). The test and the interval (from Clopper-Pearson)
are exact, so they hold with one event as with a thousand.
"""

import math
from dataclasses import dataclass

from scipy.special import betainc

from exovigil.statistics.intervals import proportion_interval


@dataclass(frozen=True, slots=True)
class RateRatio:
    """How many times the rate of the first side is that of the second.

    ``estimate`` is None when neither side has an event, and infinite when only the second has none; ``low``
    and ``high`` bound it at ``level``. ``p_higher`` is the chance (0-1) of at least as many events on the
    first side if the rates were equal.
    """

    level: float
    estimate: float | None
    low: float
    high: float
    p_higher: float


def rate_ratio(
    events: int, exposure: float, other_events: int, other_exposure: float, *, level: float = 0.95
) -> RateRatio:
    """Compare ``events`` over ``exposure`` with ``other_events`` over ``other_exposure``.

    Exposures are in one unit, such as treatments, and above 0. Raises ValueError for a negative count, an
    exposure that is not positive and finite, or a level not inside 0-1.

    >>> found = rate_ratio(8, 60, 2, 240)
    >>> round(found.estimate, 1), round(found.low, 2), round(found.p_higher, 6)
    (16.0, 3.19, 7.8e-05)
    """
    if events < 0 or other_events < 0:
        raise ValueError("events must be zero or more on both sides")
    if not all(amount > 0 and math.isfinite(amount) for amount in (exposure, other_exposure)):
        raise ValueError("both exposures must be positive numbers; without a denominator there is no rate")
    total = events + other_events
    if total == 0:
        proportion_interval(0, 1, level=level)  # refuses an impossible level
        return RateRatio(level, None, 0.0, math.inf, 1.0)
    share = exposure / (exposure + other_exposure)
    found = proportion_interval(events, total, level=level)
    scale = other_exposure / exposure
    at_least = 1.0 if events == 0 else float(betainc(events, other_events + 1, share))
    return RateRatio(
        level,
        _odds(found.estimate) * scale,
        _odds(found.low) * scale,
        _odds(found.high) * scale,
        at_least,
    )


def _odds(share: float) -> float:
    return math.inf if share >= 1 else share / (1 - share)
