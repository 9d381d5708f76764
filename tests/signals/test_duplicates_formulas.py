"""The hit-miss formulas: against every telling listed, and what must hold for any rate and frequency."""

import math

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.signals.duplicates.rates import Rates
from exovigil.signals.duplicates.scorer import find, load

rates = st.floats(0.001, 0.999)
few = settings(max_examples=50, deadline=None)


@pytest.fixture(scope="module")
def value():
    """Compute an expression of the formulas that the scorer works with."""
    with duckdb.connect(config={"threads": 1}) as connection:
        load(connection, [])
        find(connection)

        def compute(expression, *values):
            return connection.execute(f"select {expression}", values).fetchone()[0]

        yield compute


def tellings(true, share, miss):
    return [(told, miss * p + (1 - miss if told == true else 0)) for told, p in share.items()]


def test_weights_are_the_ratio_of_chances_of_copas_and_hilton(value):
    """Every pair of tellings listed: a hit is the true value, a miss is drawn from all values."""
    share, one_misses = {"common": 0.7, "rare": 0.3}, 0.2
    told = dict.fromkeys([(a, b) for a in share for b in share], 0.0)
    for true, p in share.items():
        for first, chance_first in tellings(true, share, one_misses):
            for second, chance_second in tellings(true, share, one_misses):
                told[first, second] += p * chance_first * chance_second
    miss = 1 - (1 - one_misses) ** 2  # at least one of the two misses
    for one, p in share.items():
        assert value("same_or_not(true, ?, ?)", miss, p) == pytest.approx(math.log2(told[one, one] / p**2))
    assert value("same_or_not(false, ?, 1)", miss) == pytest.approx(
        math.log2(told["common", "rare"] / (0.7 * 0.3))
    )


def test_the_deviation_is_a_distribution_that_falls_off(value):
    chances = [value("deviation(7, ?)", apart) for apart in range(400)]
    assert chances[0] + 2 * sum(chances[1:]) == pytest.approx(1)
    assert chances == sorted(chances, reverse=True)


@few
@given(rates, st.floats(1e-9, 1))
def test_agreement_is_never_held_against_a_pair_and_the_rare_tells_more(value, miss, p):
    assert value("agree(?, ?)", miss, p) >= -1e-12
    assert value("agree(?, ?)", miss, p / 2) >= value("agree(?, ?)", miss, p)


@few
@given(
    st.floats(0.01, 0.5),
    st.floats(0.01, 0.49),
    st.floats(0.5, 30),
    st.integers(0, 5000),
    st.floats(1e-6, 0.01),
)
def test_the_nearer_two_dates_the_more_they_tell_and_far_ones_differ(value, miss, near, scale, apart, p):
    here, farther = (value("close(?, ?, ?, ?, ?)", miss, near, scale, d, p) for d in (apart, apart + 1))
    assert here >= farther >= math.log2(miss) - 1e-12


@few
@given(st.integers(2, 10**7), st.floats(1, 10**6), st.data())
def test_a_frequency_is_one_and_grows_with_the_reports_that_have_the_value(value, reports, cells, data):
    seen = data.draw(st.integers(2, reports))
    found = value("often(?, ?, ?)", seen, reports, cells)
    assert 0 < found <= 1
    assert found <= value("often(?, ?, ?)", min(seen + 1, reports), reports, cells)


def test_the_odds_before_looking_expect_the_share_of_duplicates(value):
    """5 % of 2,001 reports repeat another: 100 of 2,001,000 pairs."""
    assert 2 ** value("before_looking(2001, 0.05)") == pytest.approx(0.05 * 2001 / (2001 * 2000 / 2))
    assert (
        value("before_looking(1, 0.05)") == value("before_looking(0, 0.05)") == pytest.approx(math.log2(0.1))
    )


def test_odds_become_a_chance_without_overflow(value):
    assert [value("chance_of(?)", bits) for bits in (0, 5000)] == [0.5, 1]
    assert 0 <= value("chance_of(-5000)") < 1e-300
    assert value("chance_of(log_odds(0.99))") == pytest.approx(0.99)


@pytest.mark.parametrize("wrong", [{"lot_miss": 0}, {"extra": 1}, {"lot_cells": 0.5}, {"certain": 1.0}])
def test_a_rate_that_is_none_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is"):
        Rates(**wrong)
