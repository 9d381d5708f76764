"""The prior of the gamma-Poisson shrinker: known truths come back, and what cannot be known is refused."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.statistics import shrinkage
from exovigil.statistics.expected_counts import Margins, Points, squash
from exovigil.statistics.shrinkage import (
    ALL_CELLS,
    OBSERVED,
    RULE,
    FitRefused,
    Prior,
    fit_all_cells,
    fit_observed,
    fit_prior,
    negative_log_likelihood,
)

TRUTH = Prior(3.0, 0.5, 2.0, 2.0, 0.1)


def from_prior(prior, cells, seed):
    """Counts and expected counts of cells whose ratios come from the prior; empty ones included."""
    rng = np.random.default_rng(seed)
    expected = np.exp(rng.normal(-0.5, 1.2, cells))
    first = rng.random(cells) < prior.weight1
    ratio = np.where(
        first,
        rng.gamma(prior.shape1, 1 / prior.rate1, cells),
        rng.gamma(prior.shape2, 1 / prior.rate2, cells),
    )
    return rng.poisson(ratio * expected), expected


def zipf_table(seed, *, ratios, products=1300, events=2600, reports=400_000):
    """Pairs of a table with Zipf margins, like FAERS: most cells empty, most pairs reported once."""
    rng = np.random.default_rng(seed)
    rows = np.floor(reports * 0.05 * (1 + np.arange(products) / 5) ** -1.2) + 1
    columns = np.floor(reports * 0.05 * (1 + np.arange(events) / 5) ** -1.1) + 1
    margins = Margins.of(rows, columns, reports)
    mean = np.outer(rows, columns) / reports
    product, event = np.nonzero(counts := rng.poisson(ratios(rng, mean.shape) * mean))
    return counts[product, event], margins.expected(product, event), margins


def by_integration(prior, count, expected, *, truncated):
    """Probability of a count by integrating the Poisson over each gamma density on a fine grid."""

    def component(shape, rate, n):
        log_ratio = np.linspace(-60, 12, 60_001)
        ratio = np.exp(log_ratio)
        density = np.exp(shape * (math.log(rate) + log_ratio) - rate * ratio - math.lgamma(shape))
        poisson = np.exp(n * np.log(ratio * expected) - ratio * expected - math.lgamma(n + 1))
        return float((density * poisson).sum() * (log_ratio[1] - log_ratio[0]))

    chance = 0.0
    for shape, rate, weight in (
        (prior.shape1, prior.rate1, prior.weight1),
        (prior.shape2, prior.rate2, 1 - prior.weight1),
    ):
        seen = 1 - component(shape, rate, 0) if truncated else 1.0
        chance += weight * component(shape, rate, count) / seen
    return chance


@given(
    shapes=st.tuples(st.floats(0.3, 8), st.floats(0.3, 8)),
    rates=st.tuples(st.floats(0.05, 5), st.floats(0.05, 5)),
    weight=st.floats(0.01, 0.99),
    count=st.integers(1, 30),
    expected=st.floats(0.01, 20),
    truncated=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_the_likelihood_is_the_integral_over_the_prior(shapes, rates, weight, count, expected, truncated):
    prior = Prior(shapes[0], rates[0], shapes[1], rates[1], weight)
    point = Points(np.array([count]), np.array([expected]), np.ones(1))
    found = negative_log_likelihood(prior, point, truncated=truncated)
    assert found == pytest.approx(
        -math.log(by_integration(prior, count, expected, truncated=truncated)), rel=1e-5
    )


@pytest.mark.parametrize("truncated", [True, False])
def test_the_slopes_are_those_of_the_value(truncated):
    counts, expected = from_prior(TRUTH, 500, 5)
    counts = np.maximum(counts, 1)
    objective = shrinkage._Objective(Points(counts, expected, np.full(500, 2.0)), truncated)
    free = np.array([0.9, -0.6, 0.3, 0.4, -1.5])
    _, slopes = objective.value_and_gradient(free)
    for index, step in enumerate(np.eye(5) * 1e-5):
        rise = (
            objective.value_and_gradient(free + step)[0] - objective.value_and_gradient(free - step)[0]
        ) / 2e-5
        assert slopes[index] == pytest.approx(rise, rel=1e-5)


def test_truncation_is_per_component_and_is_not_conditioning_of_the_mixture():
    point = Points(np.array([1]), np.array([0.2]), np.ones(1))
    prior = Prior(4.0, 0.5, 2.0, 2.0, 0.3)
    per_component = by_integration(prior, 1, 0.2, truncated=True)
    nothing = by_integration(prior, 0, 0.2, truncated=False)
    conditioned = by_integration(prior, 1, 0.2, truncated=False) / (1 - nothing)
    found = math.exp(-negative_log_likelihood(prior, point, truncated=True))
    assert found == pytest.approx(per_component, rel=1e-6)
    assert abs(found / conditioned - 1) > 0.01


def test_a_known_prior_comes_back_from_observed_pairs():
    """Each pair has its component before it is seen: that is what truncation per component means."""
    rng = np.random.default_rng(1)
    expected = np.exp(rng.normal(-0.5, 1.2, 40_000))
    first = rng.random(len(expected)) < TRUTH.weight1
    shape, rate = np.where(first, TRUTH.shape1, TRUTH.shape2), np.where(first, TRUTH.rate1, TRUTH.rate2)
    counts = np.zeros(len(expected), dtype=int)
    while np.any(unseen := counts == 0):
        counts[unseen] = rng.poisson(rng.gamma(shape[unseen], 1 / rate[unseen]) * expected[unseen])
    fit = fit_observed(counts, expected)
    points = Points(counts, expected, np.ones(len(counts)))
    assert fit.likelihood == OBSERVED
    assert fit.agreeing >= 3
    assert fit.cells == fit.points == 40_000
    truth = negative_log_likelihood(TRUTH, points, truncated=True)
    assert truth - 8 < fit.negative_log_likelihood < truth
    assert fit.prior.as_tuple() == pytest.approx(TRUTH.as_tuple(), rel=0.5)


def test_squashing_moves_the_likelihood_by_next_to_nothing():
    counts, expected = from_prior(TRUTH, 20_000, 2)
    seen = counts > 0
    exact = Points(counts[seen], expected[seen], np.ones(np.count_nonzero(seen)))
    squashed = squash(counts[seen], expected[seen])
    assert len(squashed.counts) < len(exact.counts) / 4
    found = [negative_log_likelihood(TRUTH, points, truncated=True) for points in (exact, squashed)]
    assert found[0] == pytest.approx(found[1], rel=1e-5)


def test_where_observed_pairs_fail_on_a_table_like_faers_all_cells_converge_on_the_truth():
    """About 100,000 pairs, most reported once: one shape of the fit of observed pairs runs to zero."""
    truth = (0.5, 0.1, 0.6, 0.9, 0.1)

    def ratios(rng, size):
        first = rng.random(size) < truth[4]
        return np.where(
            first, rng.gamma(truth[0], 1 / truth[1], size), rng.gamma(truth[2], 1 / truth[3], size)
        )

    counts, expected, margins = zipf_table(1, ratios=ratios)
    assert 90_000 < len(counts) < 140_000
    with pytest.raises(FitRefused, match="runs to its bound"):
        fit_observed(counts, expected)
    with pytest.raises(FitRefused, match="margins were not given"):
        fit_prior(counts, expected)
    fit = fit_prior(counts, expected, margins=margins)
    assert fit.likelihood == ALL_CELLS
    assert fit.rule == RULE
    assert "runs to its bound" in fit.other
    assert fit.cells == 1300 * 2600
    assert fit.agreeing >= 3
    assert fit.prior.as_tuple() == pytest.approx(truth, rel=0.3)


def test_a_table_without_any_signal_is_refused_with_both_reasons():
    counts, expected, margins = zipf_table(
        2, ratios=lambda rng, size: np.ones(size), products=300, events=600, reports=20_000
    )
    with pytest.raises(FitRefused, match=r"observed pairs.*; all cells, not truncated: ") as refused:
        fit_prior(counts, expected, margins=margins)
    assert not hasattr(refused.value, "prior")


def test_starts_that_do_not_agree_give_no_numbers(monkeypatch):
    counts, expected = from_prior(TRUTH, 3000, 3)
    seen = counts > 0
    ends = iter(range(len(shrinkage.STARTS)))
    monkeypatch.setattr(
        shrinkage, "_descend", lambda objective, start: shrinkage._End(5.0 + 0.1 * next(ends), start)
    )
    with pytest.raises(FitRefused, match="only 1 of 6 starts agree"):
        fit_observed(counts[seen], expected[seen])


@pytest.mark.parametrize(
    ("free", "reason"),
    [
        (np.array([0.0, 0.0, 0.0, math.log(1e4), 0.0]), "rate 2 runs to its bound"),
        (np.array([0.0, 0.0, 0.0, 0.0, 0.0]), "flat"),
        (np.array([2.0, -0.2, 0.3, 0.5, 3.0]), "flat|rest"),
    ],
)
def test_a_place_that_is_no_settled_fit_is_refused(monkeypatch, free, reason):
    counts, expected = from_prior(TRUTH, 3000, 3)
    seen = counts > 0
    monkeypatch.setattr(shrinkage, "_descend", lambda objective, start: shrinkage._End(5.0, free))
    with pytest.raises(FitRefused, match=reason):
        fit_observed(counts[seen], expected[seen])


def test_too_few_pairs_are_refused():
    with pytest.raises(FitRefused, match="too few"):
        fit_prior([1, 2, 3], [0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    ("counts", "expected", "words"),
    [
        ([0] * 40, [1.0] * 40, "1 or more"),
        ([1.5] * 40, [1.0] * 40, "whole number"),
        ([1] * 40, [0.0] * 40, "above 0"),
        ([1] * 40, [math.nan] * 40, "above 0"),
        ([1] * 40, [1.0] * 39, "same length"),
    ],
)
def test_impossible_pairs_are_refused(counts, expected, words):
    with pytest.raises(ValueError, match=words):
        fit_observed(counts, expected)


def test_all_cells_of_a_table_that_is_not_theirs_are_refused():
    with pytest.raises(ValueError, match="not cells of the table"):
        fit_all_cells([1] * 40, [0.5] * 40, Margins.of([10], [10], 100))
