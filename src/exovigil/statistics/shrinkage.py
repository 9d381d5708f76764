"""The five-parameter gamma-Poisson shrinker: how far may one trust a ratio that rests on few reports?

The ratio of observed to expected reports of each pair is taken to come from a mixture of two
gamma distributions, whose five parameters are estimated from all pairs together. DuMouchel 1999
(American Statistician 53:177-190); DuMouchel & Pregibon 2001 (KDD '01, 67-76) for pairs that are
only seen when they were reported, and for squashing.

"Truncated" can mean two things that give different answers. Here **each component is truncated**,
``w f1(n)/(1-f1(0)) + (1-w) f2(n)/(1-f2(0))``, as DuMouchel & Pregibon write it and openEBGM computes
it; the mixture as a whole is not conditioned. Every fit says which likelihood it used.

Two fits are possible: of the observed pairs (truncated), and of all cells of the table, empty ones
included (not truncated). Either can fail where the other works. ``fit_prior`` states its rule. A fit
whose starts do not agree, or whose parameters run to a bound, gives no numbers at all.

The likelihood can have several optima (that of FDA's CAERS 2012 has two, 0.27 apart). ``CONSENSUS``
states which one is used; every other that the data cannot tell from it is named in the result.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import digamma, expit, gammaln

from exovigil.statistics.expected_counts import FloatArray, Margins, Points, squash, zero_cells

Likelihood = Literal["observed pairs, each component truncated at zero", "all cells, not truncated"]
OBSERVED: Likelihood = "observed pairs, each component truncated at zero"
ALL_CELLS: Likelihood = "all cells, not truncated"

RULE = (
    "The fit of the observed pairs is used if it settles; if not, the fit of all cells, if that settles; "
    "if neither does there is no result."
)
CONSENSUS = (
    "Of the optima within 1.92 log-likelihood of the best one found, the one that most starts reach is used; "
    "at least 3 of 6 starts must reach it, and no parameter may lie at its bound."
)
STARTS: tuple[tuple[float, float, float, float, float], ...] = (
    (0.2, 0.1, 2.0, 4.0, 1 / 3),
    (0.2, 0.06, 1.4, 1.8, 0.1),
    (2.0, 0.3, 2.0, 2.0, 0.1),
    (1.0, 0.5, 0.5, 1.0, 0.5),
    (5.0, 1.0, 1.0, 1.0, 0.02),
    (0.5, 0.5, 4.0, 4.0, 0.7),
)
NEEDED = 3  # starts that must end at the optimum that is used
INDISTINGUISHABLE = 1.92  # log-likelihood by which an optimum must be better for the data to tell (χ², 95 %)
LARGEST_EXACT = 50_000  # observed pairs up to which the fit is not squashed
FEWEST_PAIRS = 30
_LOW, _HIGH = 1e-5, 1e4  # bounds of shapes and rates
_LEAST_WEIGHT = 1e-7  # bound of the weight of either component
_AT_BOUND = 1.02  # a parameter within this factor of its bound has run to it
_SAME_LIKELIHOOD = 1e-3  # two starts agree when their negative log-likelihoods do, and
_SAME_PRIOR = 1e-3  # their parameters do (relative)
_FLAT = 1e-7  # a curvature below this, per unit of the steepest, cannot tell the parameters apart


class FitRefused(ArithmeticError):
    """The prior could not be estimated; the message says why, and there is no number to use."""


class TooFewPairs(FitRefused):
    """There are too few pairs for a prior to be estimated at all."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Mixture of two gamma distributions; component 1 has the larger mean ``shape / rate``.

    ``weight1`` (0-1) is the share of component 1. In the order of the fields these are the
    parameters that DuMouchel writes as α1, β1, α2, β2 and P.
    """

    shape1: float
    rate1: float
    shape2: float
    rate2: float
    weight1: float

    def as_tuple(self) -> tuple[float, float, float, float, float]:
        """Give α1, β1, α2, β2 and P."""
        return self.shape1, self.rate1, self.shape2, self.rate2, self.weight1


@dataclass(frozen=True, slots=True)
class Rival:
    """Another optimum that the data cannot tell from the one used; ``agreeing`` starts ended at it."""

    prior: Prior
    negative_log_likelihood: float
    agreeing: int


@dataclass(frozen=True, slots=True)
class PriorFit:
    """A prior with what it rests on.

    ``negative_log_likelihood`` (natural logarithm) is that of ``likelihood`` over ``cells`` cells,
    carried by ``points`` points (fewer than cells when squashed). ``agreeing`` of ``starts`` starts
    ended at this optimum; ``rivals`` lists other optima that fit as well (see ``CONSENSUS``).
    ``rule`` and ``other`` are those of ``fit_prior``: how it chose, and why not the fit tried first.
    """

    prior: Prior
    likelihood: Likelihood
    negative_log_likelihood: float
    cells: int
    points: int
    starts: int
    agreeing: int
    rivals: tuple[Rival, ...] = ()
    rule: str = ""
    other: str = ""


def fit_prior(counts: ArrayLike, expected: ArrayLike, *, margins: Margins | None = None) -> PriorFit:
    """Estimate the prior by the declared rule: observed pairs first, all cells if that is refused.

    ``counts``: reports of each observed pair (1 or more); ``expected``: reports to be expected of it
    (above 0), as ``margins.expected`` gives them. Without ``margins`` the empty cells are unknown and
    the fit of all cells cannot be tried. Raises ValueError for impossible input, and FitRefused, with
    both reasons, when no fit settles.
    """
    try:
        return replace(fit_observed(counts, expected), rule=RULE)
    except TooFewPairs:
        raise
    except FitRefused as refused:
        reason = f"{OBSERVED}: {refused}"
    if margins is None:
        raise FitRefused(f"{reason}; all cells: not tried, as the margins were not given")
    try:
        return replace(fit_all_cells(counts, expected, margins), rule=RULE, other=reason)
    except FitRefused as refused:
        raise FitRefused(f"{reason}; {ALL_CELLS}: {refused}") from refused


def fit_observed(counts: ArrayLike, expected: ArrayLike) -> PriorFit:
    """Fit the prior to the observed pairs, each component truncated at zero.

    Squashed above 50,000 pairs. Raises ValueError for impossible input and FitRefused when the
    starts do not agree or a parameter runs to its bound.
    """
    seen, wanted = _checked(counts, expected)
    if len(seen) > LARGEST_EXACT:
        return _fit(squash(seen, wanted), truncated=True)
    return _fit(Points(seen, wanted, np.ones(len(seen))), truncated=True)


def fit_all_cells(counts: ArrayLike, expected: ArrayLike, margins: Margins) -> PriorFit:
    """Fit the prior to all cells of the table, empty ones included and squashed; nothing is truncated.

    Raises as ``fit_observed``, and ValueError when the pairs are not cells of the table.
    """
    seen, wanted = _checked(counts, expected)
    found, empty = squash(seen, wanted), zero_cells(margins, wanted)
    points = Points(
        np.concatenate([found.counts, empty.counts]),
        np.concatenate([found.expected, empty.expected]),
        np.concatenate([found.weights, empty.weights]),
    )
    return _fit(points, truncated=False)


def negative_log_likelihood(prior: Prior, points: Points, *, truncated: bool) -> float:
    """Negative log-likelihood (natural logarithm) of the points, each component truncated or not."""
    return _Objective(points, truncated).value_and_gradient(_to_free(prior.as_tuple()))[0]


def _checked(counts: ArrayLike, expected: ArrayLike) -> tuple[NDArray[np.int64], FloatArray]:
    given, wanted = np.asarray(counts), np.asarray(expected, dtype=np.float64)
    seen = given.astype(np.int64)
    if seen.ndim != 1 or seen.shape != wanted.shape:
        raise ValueError("counts and expected counts must be two columns of the same length")
    if not (np.all(seen == given) and np.all(seen >= 1)):
        raise ValueError("the count of an observed pair must be a whole number, 1 or more")
    if not np.all((wanted > 0) & np.isfinite(wanted)):
        raise ValueError("every expected count must be above 0 and finite")
    if len(seen) < FEWEST_PAIRS:
        raise TooFewPairs(f"{len(seen)} pairs are too few to estimate five parameters")
    return seen, wanted


class _Objective:
    """Negative log-likelihood and gradient in free parameters (logarithms of shapes and rates, logit)."""

    def __init__(self, points: Points, truncated: bool) -> None:
        self.levels, self.level = np.unique(points.counts, return_inverse=True)
        self.counts = points.counts.astype(np.float64)
        self.expected, self.weights, self.truncated = points.expected, points.weights, truncated
        self.log_expected = np.log(points.expected)
        self.factorials = gammaln(self.levels + 1.0)

    def value_and_gradient(self, free: FloatArray) -> tuple[float, FloatArray]:
        """Value and gradient at ``free``."""
        shapes_rates = np.exp(free[:4])
        weight = float(expit(free[4]))
        log1, slope_shape1, slope_rate1 = self._component(shapes_rates[0], shapes_rates[1])
        log2, slope_shape2, slope_rate2 = self._component(shapes_rates[2], shapes_rates[3])
        # log(expit) kept accurate at both ends
        log1 += -np.logaddexp(0.0, -free[4])
        log2 += -np.logaddexp(0.0, free[4])
        mixed = np.logaddexp(log1, log2)
        own = np.exp(log1 - mixed) * self.weights  # what component 1 answers for
        rest = self.weights - own
        # sums, not dot products: threads of BLAS cost more than they save on a busy machine
        gradient = -np.array(
            [
                shapes_rates[0] * (own * slope_shape1).sum(),
                shapes_rates[1] * (own * slope_rate1).sum(),
                shapes_rates[2] * (rest * slope_shape2).sum(),
                shapes_rates[3] * (rest * slope_rate2).sum(),
                own.sum() - weight * self.weights.sum(),
            ]
        )
        return -float((self.weights * mixed).sum()), gradient

    def _component(self, shape: float, rate: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log-probability of each count under one component, with its slopes by shape and by rate."""
        stay = -np.log1p(self.expected / rate)  # log of rate / (rate + expected)
        ways = gammaln(shape + self.levels) - gammaln(shape) - self.factorials
        log = ways[self.level] + self.counts * (self.log_expected - np.log(rate) + stay) + shape * stay
        by_shape = (digamma(shape + self.levels) - digamma(shape))[self.level] + stay
        by_rate = shape / rate - (shape + self.counts) / (rate + self.expected)
        if self.truncated:
            seen = np.maximum(-np.expm1(shape * stay), 1e-300)
            odds = (1.0 - seen) / seen
            log -= np.log(seen)
            by_shape += odds * stay
            by_rate += odds * shape * self.expected / (rate * (rate + self.expected))
        return log, by_shape, by_rate

    def curvature(self, free: FloatArray) -> FloatArray:
        """Matrix of second derivatives, from central differences of the gradient."""
        rows = []
        for index in range(5):
            step = np.zeros(5)
            step[index] = 1e-4
            ahead, behind = self.value_and_gradient(free + step)[1], self.value_and_gradient(free - step)[1]
            rows.append((ahead - behind) / 2e-4)
        matrix = np.array(rows)
        return np.asarray((matrix + matrix.T) / 2, dtype=np.float64)


def _to_free(theta: tuple[float, float, float, float, float]) -> FloatArray:
    return np.append(np.log(theta[:4]), np.log(theta[4]) - np.log1p(-theta[4]))


_EDGE = math.log(1 / _LEAST_WEIGHT - 1)
_BOUNDS = [(math.log(_LOW), math.log(_HIGH))] * 4 + [(-_EDGE, _EDGE)]


def _fit(points: Points, *, truncated: bool) -> PriorFit:
    objective = _Objective(points, truncated)
    ends = [_descend(objective, _to_free(start)) for start in STARTS]
    lowest = min(end.value for end in ends)
    optima = _optima([end for end in ends if end.value <= lowest + INDISTINGUISHABLE])
    agreeing, chosen = max(optima, key=lambda found: (found[0], -found[1].value))
    if agreeing < NEEDED:
        raise FitRefused(f"only {agreeing} of {len(STARTS)} starts agree on one fit; {NEEDED} must")
    _refuse_unsettled(objective, chosen.free)
    rivals = tuple(Rival(_prior(end.free), end.value, count) for count, end in optima if end is not chosen)
    return PriorFit(
        prior=_prior(chosen.free),
        likelihood=OBSERVED if truncated else ALL_CELLS,
        negative_log_likelihood=chosen.value,
        cells=points.cells,
        points=len(points.counts),
        starts=len(STARTS),
        agreeing=agreeing,
        rivals=rivals,
    )


@dataclass(frozen=True, slots=True)
class _End:
    """Where one descent came to rest."""

    value: float
    free: FloatArray

    def agrees(self, other: "_End") -> bool:
        near = np.allclose(self.free, other.free, rtol=0.0, atol=_SAME_PRIOR)
        return bool(near and abs(self.value - other.value) < _SAME_LIKELIHOOD)


def _optima(ends: list[_End]) -> list[tuple[int, _End]]:
    """Ends that agree with each other as one optimum, with their number."""
    found: list[tuple[int, _End]] = []
    for end in sorted(ends, key=lambda end: end.value):
        for index, (count, seen) in enumerate(found):
            if seen.agrees(end):
                found[index] = (count + 1, seen)
                break
        else:
            found.append((1, end))
    return found


def _descend(objective: _Objective, start: FloatArray) -> _End:
    """One descent, polished by Newton's method unless it ran to a bound."""
    scale = 1.0 / float(objective.weights.sum())  # so that tolerances do not depend on the size

    def scaled(free: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = objective.value_and_gradient(free)
        return value * scale, gradient * scale

    found = minimize(
        scaled,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=_BOUNDS,
        options={"maxiter": 2000, "maxfun": 4000, "ftol": 1e-15, "gtol": 1e-9},
    )
    free = _swapped(np.asarray(found.x, dtype=np.float64))
    if not _at_bound(free):
        free = _polish(objective, free)
    return _End(objective.value_and_gradient(free)[0], free)


def _polish(objective: _Objective, free: FloatArray) -> FloatArray:
    value, gradient = objective.value_and_gradient(free)
    for _ in range(60):
        curves, axes = np.linalg.eigh(objective.curvature(free))
        if not curves[0] > 0:
            break
        step = axes @ ((axes.T @ gradient) / curves)
        step /= max(1.0, float(np.max(np.abs(step))))
        new_value, new_gradient = objective.value_and_gradient(free - step)
        if not new_value <= value + 1e-12 * abs(value) or _at_bound(free - step):
            break
        free, value, gradient = free - step, new_value, new_gradient
        if np.max(np.abs(step)) < 1e-9:
            break
    return free


def _swapped(free: FloatArray) -> FloatArray:
    """Component 1 is the one with the larger mean."""
    if free[0] - free[1] >= free[2] - free[3]:
        return free
    return np.array([free[2], free[3], free[0], free[1], -free[4]])


def _prior(free: FloatArray) -> Prior:
    shape1, rate1, shape2, rate2 = (float(number) for number in np.exp(free[:4]))
    return Prior(shape1, rate1, shape2, rate2, float(expit(free[4])))


_NAMES = ("shape 1", "rate 1", "shape 2", "rate 2", "weight 1")


def _at_bound(free: FloatArray) -> str:
    """Name the parameter that has run to its bound, or ""."""
    near = math.log(_AT_BOUND)
    for name, value, (low, high) in zip(_NAMES, free, _BOUNDS, strict=True):
        if value < low + near or value > high - near:
            return name
    return ""


def _refuse_unsettled(objective: _Objective, free: FloatArray) -> None:
    name = _at_bound(free)
    if name:
        raise FitRefused(f"{name} runs to its bound at the best fit, so two components are not both there")
    curves = np.linalg.eigvalsh(objective.curvature(free))
    if not curves[0] > _FLAT * curves[-1]:
        raise FitRefused("the likelihood is flat around its best value, so the parameters are not determined")
    gradient = objective.value_and_gradient(free)[1]
    if not np.max(np.abs(gradient)) < 1e-4 * float(curves[0]):
        raise FitRefused("the descent did not come to rest, so this may not be the best fit")
