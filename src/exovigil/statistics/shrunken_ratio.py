"""Shrunken ratios of observed to expected reports: EBGM with EB05 and EB95, for millions of pairs.

Given the prior, the ratio of a pair with ``n`` reports where ``E`` were expected is again a mixture
of two gamma distributions: shapes ``shape + n``, rates ``rate + E``, weights by how well each
component foretold ``n``. EBGM is its geometric mean, EB05 and EB95 are its quantiles. DuMouchel
1999 (American Statistician 53:177-190).

Quantiles are exact roots, not interpolations: for each count they are first solved on a coarse grid
of expected counts, which gives every pair a start so close that one or two Newton steps end it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, expit, gammainc, gammaln

from exovigil.statistics.expected_counts import FloatArray, IntArray
from exovigil.statistics.shrinkage import Prior

_TOLERANCE = 1e-9  # of the natural logarithm of a quantile
_STEPS = 200  # bisection alone needs about 60
_GRID = 0.1  # natural-log distance of the grid of expected counts that starts are taken from
_CHUNK = 500_000  # pairs worked on at a time


@dataclass(frozen=True, slots=True)
class ShrunkenRatios:
    """EBGM with the bounds of its equal-tailed 90 % credible interval, one value a pair.

    ``weight1`` (0-1): probability that the pair belongs to component 1 of the prior.
    """

    prior: Prior
    ebgm: FloatArray
    eb05: FloatArray
    eb95: FloatArray
    weight1: FloatArray


def shrunken_ratios(counts: ArrayLike, expected: ArrayLike, prior: Prior) -> ShrunkenRatios:
    """EBGM, EB05 and EB95 of pairs with ``counts`` reports (0 or more) where ``expected`` (above 0) were expected.

    Raises ValueError for impossible input.

    >>> prior = Prior(3.25597, 0.39999, 2.02376, 1.90614, 0.06531)
    >>> found = shrunken_ratios([16], [0.40643623], prior)
    >>> round(float(found.ebgm[0]), 2), round(float(found.eb05[0]), 2)
    (23.26, 15.68)
    """
    given, wanted = np.atleast_1d(np.asarray(counts)), np.atleast_1d(np.asarray(expected, dtype=np.float64))
    seen = given.astype(np.int64)
    if seen.ndim != 1 or seen.shape != wanted.shape or not (np.all(seen == given) and np.all(seen >= 0)):
        raise ValueError("counts must be whole numbers, 0 or more, one for each expected count")
    if not np.all((wanted > 0) & np.isfinite(wanted)):
        raise ValueError("every expected count must be above 0 and finite")
    weight = posterior_weight(seen, wanted, prior)
    ebgm = _geometric_mean(seen, wanted, weight, prior)
    low, high = (posterior_quantile(seen, wanted, prior, level) for level in (0.05, 0.95))
    return ShrunkenRatios(prior, ebgm, low, high, weight)


def posterior_weight(counts: IntArray, expected: FloatArray, prior: Prior) -> FloatArray:
    """Probability (0-1) of each pair to belong to component 1, from negative binomial likelihoods."""
    levels, level = np.unique(counts, return_inverse=True)
    ways = (
        gammaln(prior.shape1 + levels)
        - gammaln(prior.shape1)
        - gammaln(prior.shape2 + levels)
        + gammaln(prior.shape2)
    )
    log_odds = ways[level] + np.log(prior.weight1) - np.log1p(-prior.weight1)
    log_odds += prior.shape1 * np.log(prior.rate1) - prior.shape2 * np.log(prior.rate2)
    log_odds -= (prior.shape1 + counts) * np.log(prior.rate1 + expected)
    log_odds += (prior.shape2 + counts) * np.log(prior.rate2 + expected)
    return np.asarray(expit(log_odds), dtype=np.float64)


def _geometric_mean(counts: IntArray, expected: FloatArray, weight: FloatArray, prior: Prior) -> FloatArray:
    levels, level = np.unique(counts, return_inverse=True)
    log1 = digamma(prior.shape1 + levels)[level] - np.log(prior.rate1 + expected)
    log2 = digamma(prior.shape2 + levels)[level] - np.log(prior.rate2 + expected)
    return np.asarray(np.exp(weight * log1 + (1.0 - weight) * log2), dtype=np.float64)


def posterior_quantile(counts: IntArray, expected: FloatArray, prior: Prior, level: float) -> FloatArray:
    """Quantile at ``level`` (0-1) of the posterior ratio of each pair, to 1e-9 relative.

    Raises ArithmeticError if any root is not found; no number then stands for it.
    """
    found = np.empty(len(counts))
    order = np.lexsort((expected, counts))
    for start in range(0, len(order), _CHUNK):
        some = order[start : start + _CHUNK]
        n, mean = counts[some], expected[some]
        found[some] = np.exp(_solve(_Mixture(n, mean, prior), level, _starts(n, mean, prior, level)))
    return found


class _Mixture:
    """The posterior mixtures of some pairs; the variable is the natural logarithm of the ratio."""

    def __init__(self, counts: IntArray, expected: FloatArray, prior: Prior) -> None:
        self.weight = posterior_weight(counts, expected, prior)
        self.shape1, self.rate1 = prior.shape1 + counts, prior.rate1 + expected
        self.shape2, self.rate2 = prior.shape2 + counts, prior.rate2 + expected
        levels, level = np.unique(counts, return_inverse=True)
        self.scale1 = gammaln(prior.shape1 + levels)[level]
        self.scale2 = gammaln(prior.shape2 + levels)[level]

    def __len__(self) -> int:
        return len(self.weight)

    def some(self, which: NDArray[np.intp]) -> "_Mixture":
        part = object.__new__(_Mixture)
        for name, values in vars(self).items():
            setattr(part, name, values[which])
        return part

    def excess_and_slope(self, log_ratio: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
        """Distribution function less the level, and its slope."""
        ratio = np.exp(log_ratio)
        low, high = self.rate1 * ratio, self.rate2 * ratio
        below = self.weight * gammainc(self.shape1, low) + (1.0 - self.weight) * gammainc(self.shape2, high)
        density1 = np.exp(self.shape1 * np.log(low) - low - self.scale1)
        density2 = np.exp(self.shape2 * np.log(high) - high - self.scale2)
        return below - level, self.weight * density1 + (1.0 - self.weight) * density2


def _starts(counts: IntArray, expected: FloatArray, prior: Prior, level: float) -> FloatArray:
    """Logarithms of quantiles, interpolated for each count over a grid of expected counts."""
    levels, which = np.unique(counts, return_inverse=True)
    logs = np.log(expected)
    cell = np.floor(logs / _GRID).astype(np.int64)
    low = int(cell.min())
    span = int(cell.max()) - low + 3
    keys, place = np.unique(which * span + (cell - low), return_inverse=True)
    nodes = np.unique(np.concatenate([keys, keys + 1]))
    if len(nodes) > len(counts) // 2:  # a grid would cost more than it saves
        return _rough(counts, expected, prior, level)
    node_counts = levels[nodes // span]
    node_expected = np.exp((nodes % span + low) * _GRID)
    rough = _rough(node_counts, node_expected, prior, level)
    solved = _solve(_Mixture(node_counts, node_expected, prior), level, rough)
    left = np.asarray(np.searchsorted(nodes, keys), dtype=np.int64)[place]
    share = logs / _GRID - cell
    return np.asarray(solved[left] * (1.0 - share) + solved[left + 1] * share, dtype=np.float64)


def _rough(counts: IntArray, expected: FloatArray, prior: Prior, level: float) -> FloatArray:
    """Start from the mean of the likelier component; Newton's bracket does the rest."""
    first = posterior_weight(counts, expected, prior) > (0.5 if level > 0.5 else 1.0 - level)
    mean1 = (prior.shape1 + counts) / (prior.rate1 + expected)
    mean2 = (prior.shape2 + counts) / (prior.rate2 + expected)
    return np.asarray(np.log(np.where(first, mean1, mean2)), dtype=np.float64)


def _solve(mixture: _Mixture, level: float, start: FloatArray) -> FloatArray:
    """Newton's method on all pairs at once, each kept inside its own shrinking bracket."""
    root = start.copy()
    low, high = np.full(len(root), -np.inf), np.full(len(root), np.inf)
    open_ = np.arange(len(root))
    for _ in range(_STEPS):
        excess, slope = mixture.excess_and_slope(root[open_], level)
        above = excess > 0
        high[open_] = np.where(above, np.minimum(high[open_], root[open_]), high[open_])
        low[open_] = np.where(above, low[open_], np.maximum(low[open_], root[open_]))
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.clip(-excess / slope, -2.0, 2.0)
        step = np.where(np.isfinite(step), step, np.where(above, -2.0, 2.0))
        following = root[open_] + step
        outside = ~((following > low[open_]) & (following < high[open_])) & (np.abs(step) > _TOLERANCE)
        bounded = np.isfinite(low[open_]) & np.isfinite(high[open_])
        halfway = np.where(
            bounded, (np.where(bounded, low[open_], 0) + np.where(bounded, high[open_], 0)) / 2, following
        )
        following = np.where(outside & bounded, halfway, following)
        moved = np.abs(following - root[open_])
        root[open_] = following
        left = np.flatnonzero(moved > _TOLERANCE)
        if not len(left):
            return root
        if len(left) < len(open_):
            mixture, open_ = mixture.some(left), open_[left]
    raise ArithmeticError(f"{len(open_)} quantiles were not found")
