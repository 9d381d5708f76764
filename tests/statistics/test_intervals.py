"""Exact intervals: worked examples, a brute-force oracle from the tail sums, coverage and invariants."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.statistics.intervals import proportion_interval, rate_interval


def binomial_tail(events: int, total: int, chance: float) -> float:
    """P(X >= events) by summing exact rational terms."""
    p = Fraction(chance)
    return float(sum(math.comb(total, k) * p**k * (1 - p) ** (total - k) for k in range(events, total + 1)))


def poisson_at_most(events: int, mean: float) -> float:
    return math.fsum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(events + 1))


def bisect(tail, target: float, low: float, high: float) -> float:
    """The argument at which a rising ``tail`` reaches ``target``."""
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(middle) < target else (low, middle)
    return (low + high) / 2


def test_proportion_of_the_filler_series():
    found = proportion_interval(4, 10)
    assert (found.estimate, round(found.low, 4), round(found.high, 4)) == (0.4, 0.1216, 0.7376)


def test_none_of_120_still_allows_three_in_a_hundred():
    found = proportion_interval(0, 120)
    assert found.low == 0.0
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 120))


def test_rate_with_no_events_has_the_closed_form():
    assert rate_interval(0, 120).high == pytest.approx(-math.log(0.025) / 120)


@pytest.mark.parametrize(("events", "total"), [(1, 7), (4, 10), (9, 9), (3, 40)])
def test_proportion_against_summed_tails(events, total):
    found = proportion_interval(events, total, level=0.9)
    low = bisect(lambda p: binomial_tail(events, total, p), 0.05, 0.0, 1.0)
    assert found.low == pytest.approx(low, abs=1e-9)
    if events < total:
        high = bisect(lambda p: binomial_tail(events + 1, total, p), 0.95, 0.0, 1.0)
        assert found.high == pytest.approx(high, abs=1e-9)
    else:
        assert found.high == 1.0


@pytest.mark.parametrize("events", [1, 3, 8, 20])
def test_rate_against_summed_tails(events):
    found = rate_interval(events, 2.0)
    low = bisect(lambda m: 1 - poisson_at_most(events - 1, m), 0.025, 0.0, 100.0)
    high = bisect(lambda m: 1 - poisson_at_most(events, m), 0.975, 0.0, 100.0)
    assert (found.low, found.high) == (pytest.approx(low / 2, abs=1e-9), pytest.approx(high / 2, abs=1e-9))


@given(chance=st.floats(0.001, 0.999), total=st.integers(1, 25))
@settings(max_examples=30, deadline=None)
def test_the_true_proportion_is_covered_at_least_as_often_as_promised(chance, total):
    covered = sum(
        math.comb(total, k) * chance**k * (1 - chance) ** (total - k)
        for k in range(total + 1)
        if proportion_interval(k, total).low <= chance <= proportion_interval(k, total).high
    )
    assert covered >= 0.95 - 1e-9


@given(events=st.integers(0, 200), more=st.integers(0, 200), level=st.floats(0.5, 0.99))
@settings(max_examples=50, deadline=None)
def test_mirror_order_and_nesting(events, more, level):
    total = events + more + 1
    found, mirrored = (
        proportion_interval(events, total, level=level),
        proportion_interval(total - events, total, level=level),
    )
    wider = proportion_interval(events, total, level=0.995)
    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-9)
    assert wider.low <= found.low <= found.estimate <= found.high <= wider.high
    assert rate_interval(events, 3.0, level=level).high < rate_interval(events + 1, 3.0, level=level).high


@pytest.mark.parametrize(
    ("events", "total", "level"), [(-1, 3, 0.95), (4, 3, 0.95), (0, 0, 0.95), (1, 3, 1.0)]
)
def test_impossible_proportions_are_refused(events, total, level):
    with pytest.raises(ValueError, match="must"):
        proportion_interval(events, total, level=level)


@pytest.mark.parametrize(("events", "exposure"), [(-1, 3.0), (1, 0.0), (1, math.inf), (1, math.nan)])
def test_a_rate_needs_a_denominator(events, exposure):
    with pytest.raises(ValueError, match="must"):
        rate_interval(events, exposure)
