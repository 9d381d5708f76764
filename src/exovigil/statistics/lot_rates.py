"""Shrunken rates of the levels of an attribute, with the lot as the unit of what varies.

Treatments with one lot share its faults, so a level whose events all come from one bad lot has been
seen to go wrong once, not many times. Events of a lot are Poisson about its own rate; lots of one level
vary about the level's rate by a gamma factor of mean 1 (which makes the count of a lot negative
binomial); the levels' log rates vary normally about a common one. Clayton & Kaldor 1987 (Biometrics
43:671-681) for rates shrunk in this way; Gelman 2006 (Bayesian Analysis 1:515-533) for half-normal
priors where few groups can tell little of how much they vary.

Plugging in a best estimate of the variation would feign that it is known: with three levels the
likelihood is often highest at none at all. So everything is integrated over a grid, without
simulation, and the variation is reported with its own interval.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp, ndtr
from scipy.stats import halfnorm

FloatArray = NDArray[np.float64]

PRIOR_SPREAD = math.log(10)  # standard deviation of the common log rate about the centre: a factor of ten
VARIATION_SCALE = 1.0  # scale of the half-normal priors of both variations
_NODES = 12  # points that stand for a half-normal prior, each for the same share of it
_STEP = 0.05  # of the grid of log rates
_REACH = 7.0  # log rates to either side of the centre that the grid covers at least
_FARTHEST = 12.0  # log rates from the centre beyond which the centre must be wrong


@dataclass(frozen=True, slots=True)
class LotCount:
    """One lot: the level it belongs to, its events, and the treatments (or expected share) they came from."""

    level: str
    events: int
    exposure: float


@dataclass(frozen=True, slots=True)
class Spread:
    """A quantity with its median and the bounds of its interval."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LevelRate:
    """What is known of one level.

    ``rate`` is per unit of exposure, shrunken. ``effective_lots`` counts lots of equal size that would carry
    the same exposure; ``largest_share`` is the share (0-1) of the level's events in the lot with most.
    """

    level: str
    lots: int
    effective_lots: float
    events: int
    exposure: float
    largest_share: float
    rate: Spread


@dataclass(frozen=True, slots=True)
class LotRates:
    """Every level in the order given, and how much levels and lots vary.

    ``between_levels`` is the standard deviation of the levels' log rates (its square is τ²);
    ``between_lots`` the coefficient of variation of lots within a level. ``bayes_factor``: how many times
    likelier the data are when levels may differ than when all have one rate.
    """

    level: float
    rates: tuple[LevelRate, ...]
    between_levels: Spread
    between_lots: Spread
    bayes_factor: float


def lot_rates(
    lots: Iterable[LotCount], *, centre: float, level: float = 0.95, lots_vary: bool = True
) -> LotRates:
    """Estimate the rate of each level from its lots.

    ``centre``: the rate per unit of exposure about which the common rate is taken to lie, give or take a
    factor of ten (one standard deviation of its logarithm). With ``lots_vary`` False all lots of a level
    are taken to be alike, which shows what their variation does to the intervals. Raises ValueError for
    no lots, a negative count, an exposure or a centre that is not positive, a rate too far from the
    centre for the grid, or a level not inside 0-1.

    >>> found = lot_rates([LotCount("a", 8, 60), LotCount("b", 1, 240)], centre=0.001)
    >>> [round(row.rate.median, 3) for row in found.rates]
    [0.077, 0.011]
    """
    rows = list(lots)
    _check(rows, centre, level)
    names = list(dict.fromkeys(row.level for row in rows))
    reach = max(_REACH, _farthest(rows, centre) + 3)
    grid = math.log(centre) + np.arange(-reach, reach + _STEP / 2, _STEP)
    nodes = halfnorm.ppf((np.arange(_NODES) + 0.5) / _NODES, scale=VARIATION_SCALE)
    variations: FloatArray = nodes if lots_vary else np.zeros(1)
    known = np.stack([[_likelihood(rows, name, grid, cv) for name in names] for cv in variations])
    posterior, weights, factor = _integrate(known, grid, nodes, math.log(centre))
    return LotRates(
        level,
        tuple(_level_rate(rows, name, grid, posterior[number], level) for number, name in enumerate(names)),
        _spread(nodes, weights.sum(axis=0), level),
        _spread(variations, weights.sum(axis=1), level),
        factor,
    )


def _check(rows: Sequence[LotCount], centre: float, level: float) -> None:
    if not rows:
        raise ValueError("there must be at least one lot")
    if not 0 < level < 1:
        raise ValueError("level must lie between 0 and 1, such as 0.95")
    if not (centre > 0 and math.isfinite(centre)):
        raise ValueError("centre must be a positive rate")
    for row in rows:
        if row.events < 0:
            raise ValueError("events of a lot must be zero or more")
        if not (row.exposure > 0 and math.isfinite(row.exposure)):
            raise ValueError("the exposure of a lot must be a positive number")
    if _farthest(rows, centre) > _FARTHEST:
        raise ValueError("the rate of a level is too far from the centre; give another centre")


def _farthest(rows: Sequence[LotCount], centre: float) -> float:
    """Largest distance of a level's crude log rate from the centre."""
    crude = (_totals(rows, name) for name in {row.level for row in rows})
    return max((abs(math.log(events / amount / centre)) for events, amount in crude if events), default=0.0)


def _totals(rows: Iterable[LotCount], name: str) -> tuple[int, float]:
    own = [row for row in rows if row.level == name]
    return sum(row.events for row in own), sum(row.exposure for row in own)


def _likelihood(rows: Iterable[LotCount], name: str, grid: FloatArray, cv: float) -> FloatArray:
    """Log-likelihood of one level's lots at each log rate; negative binomial, or Poisson without variation."""
    own = [row for row in rows if row.level == name]
    events = np.array([row.events for row in own], dtype=np.float64)[:, np.newaxis]
    mean = np.array([row.exposure for row in own])[:, np.newaxis] * np.exp(grid)
    if cv == 0:
        terms = events * np.log(mean) - mean
    else:
        shape = cv**-2
        ways = gammaln(events + shape) - gammaln(shape)
        terms = ways + events * np.log(mean / (shape + mean)) - shape * np.log1p(mean / shape)
    return np.asarray((terms - gammaln(events + 1)).sum(axis=0), dtype=np.float64)


def _integrate(
    known: FloatArray, grid: FloatArray, nodes: FloatArray, centre: float
) -> tuple[FloatArray, FloatArray, float]:
    """Integrate over the common rate and both variations.

    ``known``: variation of lots × levels × grid. Returns the levels' posteriors (levels × grid), the joint
    weights of both variations (lots × levels) and the Bayes factor.
    """
    top = known.max(axis=(0, 2))  # one constant a level, so that nothing underflows and ratios stay
    seen = np.exp(known - top[np.newaxis, :, np.newaxis])
    prior = -0.5 * ((grid - centre) / PRIOR_SPREAD) ** 2
    prior -= logsumexp(prior)
    logs = np.empty((len(known), len(nodes), len(grid)))
    given = []
    for place, node in enumerate(nodes):
        kernel = _kernel(grid, float(node))
        marginal = np.maximum(seen @ kernel.T, 1e-300)  # lots × levels × common rate
        given.append((kernel, marginal))
        logs[:, place, :] = np.log(marginal).sum(axis=1) + prior
    same = logsumexp((known - top[np.newaxis, :, np.newaxis]).sum(axis=1) + prior) - math.log(len(known))
    total = logsumexp(logs)
    factor = math.exp(float(min(total - math.log(len(known) * len(nodes)) - same, 700.0)))
    weight = np.exp(logs - total)
    posterior = np.zeros(known.shape[1:])
    for place, (kernel, marginal) in enumerate(given):
        share = weight[:, place, np.newaxis, :] / marginal
        posterior += (seen * (share @ kernel)).sum(axis=0)
    return posterior / posterior.sum(axis=1, keepdims=True), weight.sum(axis=2), factor


def _kernel(grid: FloatArray, spread: float) -> FloatArray:
    """Chance of each cell of the grid (columns) for a level about each common rate (rows)."""
    edges = np.concatenate([[-np.inf], (grid[1:] + grid[:-1]) / 2, [np.inf]])
    below = ndtr((edges[np.newaxis, :] - grid[:, np.newaxis]) / spread)
    return np.asarray(np.diff(below, axis=1), dtype=np.float64)


def _level_rate(
    rows: Sequence[LotCount], name: str, grid: FloatArray, posterior: FloatArray, level: float
) -> LevelRate:
    own = [row for row in rows if row.level == name]
    events, exposure = _totals(rows, name)
    tails = ((1 - level) / 2, 0.5, (1 + level) / 2)
    edges = np.concatenate([[0.0], np.cumsum(posterior)])
    ends = np.concatenate([grid - _STEP / 2, [grid[-1] + _STEP / 2]])
    low, median, high = (math.exp(float(np.interp(tail, edges, ends))) for tail in tails)
    return LevelRate(
        level=name,
        lots=len(own),
        effective_lots=exposure**2 / sum(row.exposure**2 for row in own),
        events=events,
        exposure=exposure,
        largest_share=max(row.events for row in own) / events if events else 0.0,
        rate=Spread(median, low, high),
    )


def _spread(values: FloatArray, weights: FloatArray, level: float) -> Spread:
    """Median and interval of a variation from the weights of the points that stand for it."""
    if len(values) == 1:
        return Spread(float(values[0]), float(values[0]), float(values[0]))
    middles = np.cumsum(weights) - weights / 2
    low, median, high = (
        float(np.interp(tail, middles, values)) for tail in ((1 - level) / 2, 0.5, (1 + level) / 2)
    )
    return Spread(median, low, high)
