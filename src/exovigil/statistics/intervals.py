"""Exact intervals for a proportion and for a rate: what few events can and cannot tell.

Both are the classical equal-tailed intervals that invert the exact test, so the true value lies
inside at least as often as the level says, however few the events. Clopper & Pearson 1934
(Biometrika 26:404-413) for events out of patients; Garwood 1936 (Biometrika 28:437-442) for events
over an amount of observation.
"""

import math
from dataclasses import dataclass

from scipy.special import betaincinv, gammaincinv


@dataclass(frozen=True, slots=True)
class ProportionInterval:
    """``events`` of ``total`` with the exact interval; ``estimate``, ``low`` and ``high`` lie in 0-1."""

    events: int
    total: int
    level: float
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RateInterval:
    """``events`` over ``exposure``; ``estimate``, ``low`` and ``high`` are events per unit of exposure."""

    events: int
    exposure: float
    level: float
    estimate: float
    low: float
    high: float


def proportion_interval(events: int, total: int, *, level: float = 0.95) -> ProportionInterval:
    """Clopper-Pearson interval of a proportion, each tail holding at most ``(1 - level) / 2``.

    ``events``: patients with the event; ``total``: patients who could have had it (1 or more).
    Raises ValueError when events are negative or exceed the total, or the level is not inside 0-1.

    >>> found = proportion_interval(4, 10)
    >>> round(found.low, 4), round(found.high, 4)
    (0.1216, 0.7376)
    """
    if total < 1 or not 0 <= events <= total:
        raise ValueError("events must lie between 0 and the total, and the total must be 1 or more")
    tail = _tail(level)
    low = 0.0 if events == 0 else float(betaincinv(events, total - events + 1, tail))
    high = 1.0 if events == total else float(betaincinv(events + 1, total - events, 1 - tail))
    return ProportionInterval(events, total, level, events / total, low, high)


def rate_interval(events: int, exposure: float, *, level: float = 0.95) -> RateInterval:
    """Exact Poisson (Garwood) interval of a rate, each tail holding at most ``(1 - level) / 2``.

    ``exposure``: treatments, person-years or expected events (above 0); with expected events the
    result is a ratio of observed to expected. Raises ValueError for a negative count, an exposure
    that is not positive and finite, or a level not inside 0-1.

    >>> found = rate_interval(0, 120)
    >>> found.low, round(found.high, 4)
    (0.0, 0.0307)
    """
    if events < 0:
        raise ValueError("events must be zero or more")
    if not (exposure > 0 and math.isfinite(exposure)):
        raise ValueError("exposure must be a positive number; without a denominator there is no rate")
    tail = _tail(level)
    low = 0.0 if events == 0 else float(gammaincinv(events, tail))
    high = float(gammaincinv(events + 1, 1 - tail))
    return RateInterval(events, exposure, level, events / exposure, low / exposure, high / exposure)


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError("level must lie between 0 and 1, such as 0.95")
    return (1 - level) / 2
