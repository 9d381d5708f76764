"""The exact comparison of two rates: a worked example, the binomial sum by hand, and what must always hold."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.statistics.rate_ratio import rate_ratio

counts = st.integers(0, 40)
exposures = st.floats(0.5, 5000)


def test_eight_in_sixty_against_two_in_two_hundred_and_forty():
    found = rate_ratio(8, 60, 2, 240)
    assert found.estimate == pytest.approx(16.0)
    assert (found.low, found.high) == (pytest.approx(3.193, abs=1e-3), pytest.approx(154.66, abs=1e-2))


@given(counts, exposures, counts, exposures)
def test_the_chance_is_the_binomial_sum(events, exposure, other, other_exposure):
    share, total = exposure / (exposure + other_exposure), events + other
    by_hand = math.fsum(
        math.comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(events, total + 1)
    )
    assert rate_ratio(events, exposure, other, other_exposure).p_higher == pytest.approx(by_hand, rel=1e-8)


@given(counts, exposures, counts, exposures)
def test_the_interval_inverts_the_test_and_turns_round(events, exposure, other, other_exposure):
    found = rate_ratio(events, exposure, other, other_exposure)
    turned = rate_ratio(other, other_exposure, events, exposure)
    assert found.low <= (1 if found.estimate is None else found.estimate) <= found.high
    if found.low > 0:
        assert turned.high == pytest.approx(1 / found.low, rel=1e-6)
    assert (found.low > 1) == (found.p_higher < 0.025) or found.p_higher == pytest.approx(0.025, abs=1e-9)


def test_nothing_on_either_side_tells_nothing():
    found = rate_ratio(0, 10, 0, 20)
    assert (found.estimate, found.low, found.high, found.p_higher) == (None, 0.0, math.inf, 1.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((-1, 10, 0, 10), "zero or more"),
        ((1, 0, 0, 10), "without a denominator"),
        ((1, 10, 0, math.nan), "without a denominator"),
    ],
)
def test_what_cannot_be_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        rate_ratio(*arguments)


@pytest.mark.parametrize("events", [0, 3])
def test_a_level_that_is_none_is_refused(events):
    with pytest.raises(ValueError, match="level"):
        rate_ratio(events, 10, 0, 10, level=1.0)
