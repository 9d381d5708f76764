"""Anytime-valid evidence: a number that may be looked at whenever one likes, over any number of streams.

The e-value of a stream is the likelihood of its events at a raised rate, averaged over a gamma
prior of the rate ratio, over their likelihood at the expected rate. If the rate is not above the
expected one its mean is at most one whenever one stops, so the chance that it ever reaches
1/alpha is at most alpha (Ville's inequality), with no upper limit on watching and no critical value.
The prior is cut to ratios above one: without that a stream with *fewer* events than expected could
gather evidence and the guarantee would hold for one rate only.

e-BH picks streams out of many and keeps the false discovery rate under any dependence.
Wang & Ramdas 2022 (JRSS-B 84:822-852); Ramdas et al. 2023 (Statistical Science 38:576-601).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc, gammaln

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Discoveries:
    """Streams picked by e-BH: ``picked`` marks them, ``threshold`` is the e-value they had to reach.

    ``threshold`` is infinite when none is picked. The false discovery rate is at most ``level``.
    """

    level: float
    threshold: float
    picked: NDArray[np.bool_]


def log_e_value(
    events: ArrayLike, expected: ArrayLike, *, prior_shape: float = 1.0, prior_rate: float = 0.1
) -> FloatArray:
    """Natural logarithm of the e-value of each stream with ``events`` where ``expected`` were expected.

    The prior of the rate ratio is gamma (mean ``prior_shape / prior_rate``), cut to ratios above one. Also
    valid for treatments of at most one event each, whose chances add up to ``expected``. Raises
    ValueError for negative or impossible counts and priors.

    >>> bool(np.exp(log_e_value(3, 0.08)) > 100), bool(np.exp(log_e_value(4, 0.08)) > 1000)
    (True, True)
    """
    seen, wanted = np.asarray(events, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if not (np.all(seen >= 0) and np.all(seen == np.floor(seen))):
        raise ValueError("events must be whole numbers, zero or more")
    if not np.all((wanted >= 0) & np.isfinite(wanted)):
        raise ValueError("expected counts must be zero or more and finite")
    if not (prior_shape > 0 and prior_rate > 0):
        raise ValueError("the shape and the rate of the prior must be above 0")
    shape, rate = prior_shape + seen, prior_rate + wanted
    whole = prior_shape * np.log(prior_rate) - gammaln(prior_shape) + gammaln(shape) - shape * np.log(rate)
    with np.errstate(divide="ignore"):
        above = np.log(gammaincc(shape, rate)) - np.log(gammaincc(prior_shape, prior_rate))
    return np.asarray(whole + wanted + above, dtype=np.float64)


def e_bh(log_e_values: ArrayLike, *, level: float) -> Discoveries:
    """Streams whose e-values stand out among all ``K``: the k largest, with the k-th at least ``K / (k level)``.

    ``log_e_values``: one a stream, natural logarithm. ``level`` (inside 0-1): bound of the false
    discovery rate, however the streams depend on each other. Raises ValueError for others.
    """
    values = np.atleast_1d(np.asarray(log_e_values, dtype=np.float64))
    if not 0 < level < 1:
        raise ValueError("level must lie between 0 and 1")
    if values.ndim != 1 or np.any(np.isnan(values)):
        raise ValueError("e-values must be one column without gaps")
    bars = np.log(len(values)) - np.log(np.arange(1, len(values) + 1)) - np.log(level)
    passing = np.flatnonzero(np.sort(values)[::-1] >= bars)
    if not len(passing):
        return Discoveries(level, np.inf, np.zeros(len(values), dtype=np.bool_))
    bar = float(bars[passing[-1]])
    return Discoveries(level, float(np.exp(bar)), values >= bar)
