"""Alpha shared among tests that keep opening: the shares never sum to more than one."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.statistics.maxsprt import boundary_expected, poisson_critical_value
from exovigil.statistics.spending import STEPS_A_HALVING, round_alpha_down, spending_weight


def test_decay_one_is_one_over_k_times_k_plus_one():
    for rank in (1, 2, 3, 1000):
        assert spending_weight(rank, 1.0) == pytest.approx(float(Fraction(1, rank * (rank + 1))))


@given(tests=st.integers(1, 3000), decay=st.floats(0.01, 1))
def test_shares_telescope_fall_and_never_exceed_one(tests, decay):
    shares = [spending_weight(rank, decay) for rank in range(1, tests + 1)]
    assert math.fsum(shares) == pytest.approx(1 - (tests + 1) ** -decay)
    assert math.fsum(shares) < 1
    assert all(earlier > later > 0 for earlier, later in pairwise(shares))


@pytest.mark.parametrize(("rank", "decay"), [(0, 0.5), (1, 0.0), (1, 1.1)])
def test_out_of_range_is_refused(rank, decay):
    with pytest.raises(ValueError, match="must"):
        spending_weight(rank, decay)


@given(alpha=st.floats(1e-12, 1))
def test_rounding_alpha_goes_down_to_the_grid_and_no_further_than_one_step(alpha):
    found = round_alpha_down(alpha)
    assert alpha * 2 ** (-1 / STEPS_A_HALVING) * (1 - 1e-9) <= found <= alpha
    assert round_alpha_down(found) == pytest.approx(found, rel=0.011)
    steps = -math.log2(found) * STEPS_A_HALVING
    assert steps == pytest.approx(round(steps), abs=1e-6)


@given(alpha=st.floats(1e-9, 0.0125), limit=st.sampled_from([1.0, 10.0]))
@settings(max_examples=25, deadline=None)
def test_a_boundary_for_the_rounded_alpha_spends_no_more_and_alarms_barely_later(alpha, limit):
    exact = poisson_critical_value(upper_limit=limit, alpha=alpha, min_events=3)
    used = poisson_critical_value(upper_limit=limit, alpha=round_alpha_down(alpha), min_events=3)
    assert used.alpha_spent <= alpha * (1 + 1e-8)
    few = np.array([3, 4, 5])
    within, without = (boundary_expected(found.value, few) for found in (used, exact))
    assert np.all(within <= without * (1 + 1e-8))
    assert np.all(within >= without * 0.994)


def test_ten_thousand_shares_need_under_a_thousand_alphas():
    shares = {round_alpha_down(0.025 * spending_weight(rank, 0.5)) for rank in range(1, 10_001)}
    assert len(shares) < 1000


@pytest.mark.parametrize("alpha", [0.0, -0.1, 1.1, math.nan])
def test_an_alpha_that_cannot_be_rounded_is_refused(alpha):
    with pytest.raises(ValueError, match="alpha must be"):
        round_alpha_down(alpha)
