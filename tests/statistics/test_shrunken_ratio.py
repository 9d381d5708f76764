"""EBGM, EB05 and EB95 against slow integration of the posterior, and their invariants."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.statistics import shrunken_ratio
from exovigil.statistics.shrinkage import Prior
from exovigil.statistics.shrunken_ratio import posterior_quantile, shrunken_ratios

CAERS = Prior(3.25596685, 0.39998994, 2.02376139, 1.90614108, 0.06530755)


def by_integration(count, expected, prior):
    """Geometric mean and 5 % and 95 % points of prior × Poisson on a fine grid of log ratios."""
    logs = np.linspace(-40, 12, 400_001)
    ratio = np.exp(logs)

    def log_gamma(shape, rate):
        return shape * (math.log(rate) + logs) - rate * ratio - math.lgamma(shape)

    log_prior = np.logaddexp(
        math.log(prior.weight1) + log_gamma(prior.shape1, prior.rate1),
        math.log1p(-prior.weight1) + log_gamma(prior.shape2, prior.rate2),
    )
    log_posterior = log_prior + count * logs - ratio * expected
    density = np.exp(log_posterior - log_posterior.max())
    below = np.cumsum(density) - density / 2
    below /= density.sum()
    mean = float((density * logs).sum() / density.sum())
    return tuple(math.exp(x) for x in (mean, np.interp(0.05, below, logs), np.interp(0.95, below, logs)))


def test_seeded_pairs_against_integration():
    rng = np.random.default_rng(20_121)
    counts = rng.integers(0, 60, 40)
    expected = np.exp(rng.normal(-1, 2.5, 40))
    for prior in (CAERS, Prior(0.53, 0.1, 0.6, 0.9, 0.09), Prior(60.0, 5.0, 1.7, 1.5, 0.01)):
        found = shrunken_ratios(counts, expected, prior)
        for at in range(40):
            slow = by_integration(int(counts[at]), float(expected[at]), prior)
            assert (found.ebgm[at], found.eb05[at], found.eb95[at]) == pytest.approx(slow, rel=2e-4)


def test_many_pairs_on_the_grid_equal_each_pair_alone():
    rng = np.random.default_rng(7)
    counts, expected = rng.integers(0, 4, 20_000), np.exp(rng.normal(-1, 1.5, 20_000))
    together = shrunken_ratios(counts, expected, CAERS)
    some = rng.integers(0, 20_000, 25)
    for at in some:
        alone = shrunken_ratios([counts[at]], [expected[at]], CAERS)
        assert together.eb05[at] == pytest.approx(alone.eb05[0], rel=1e-8)
        assert together.eb95[at] == pytest.approx(alone.eb95[0], rel=1e-8)


priors = st.builds(
    Prior,
    st.floats(0.02, 300),
    st.floats(0.01, 300),
    st.floats(0.02, 300),
    st.floats(0.01, 300),
    st.floats(1e-6, 1 - 1e-6),
)


@given(
    prior=priors, count=st.integers(0, 100_000), expected=st.floats(1e-6, 1e5), level=st.floats(0.01, 0.99)
)
@settings(max_examples=300, deadline=None)
def test_the_quantile_has_its_level_below_it(prior, count, expected, level):
    counts, means = np.array([count]), np.array([expected])
    found = posterior_quantile(counts, means, prior, level)
    mixture = shrunken_ratio._Mixture(counts, means, prior)
    excess, slope = mixture.excess_and_slope(np.log(found), level)
    assert abs(excess[0]) < 1e-7 * max(1.0, slope[0])


@given(count=st.integers(0, 200), expected=st.floats(1e-3, 100))
@settings(max_examples=80, deadline=None)
def test_bounds_surround_and_more_reports_raise_every_measure(count, expected):
    found = shrunken_ratios([count, count + 1], [expected, expected], CAERS)
    assert found.eb05[0] < found.ebgm[0] < found.eb95[0]
    for measure in (found.ebgm, found.eb05, found.eb95):
        assert measure[0] < measure[1]
    assert np.all((found.weight1 >= 0) & (found.weight1 <= 1))


def test_few_reports_are_shrunk_and_many_are_not():
    few, many = shrunken_ratios([1, 1000], [0.02, 20.0], CAERS).ebgm
    assert few < 3 < 48 < many < 50


def test_a_component_with_all_weight_gives_the_closed_form():
    prior = Prior(2.0, 1.0, 2.0, 1.0, 0.5)  # two equal components are one
    found = shrunken_ratios([3], [1.0], prior)
    assert found.ebgm[0] == pytest.approx(math.exp(1 + 1 / 2 + 1 / 3 + 1 / 4 - np.euler_gamma) / 2)


def test_no_pairs_no_ratios():
    assert len(shrunken_ratios(np.zeros(0, dtype=int), np.zeros(0), CAERS).ebgm) == 0


@pytest.mark.parametrize(
    ("counts", "expected"), [([-1], [1.0]), ([0.5], [1.0]), ([1], [0.0]), ([1], [1.0, 2.0])]
)
def test_impossible_pairs_are_refused(counts, expected):
    with pytest.raises(ValueError, match="must be"):
        shrunken_ratios(counts, expected, CAERS)


def test_a_root_that_is_not_found_is_no_number(monkeypatch):
    monkeypatch.setattr(shrunken_ratio, "_STEPS", 1)
    with pytest.raises(ArithmeticError, match="1 quantiles were not found"):
        shrunken_ratios([3], [0.5], CAERS)
