"""Exact Poisson MaxSPRT against an independent exact method, simulation, and its invariants."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import poisson

from exovigil.statistics import maxsprt
from exovigil.statistics.maxsprt import (
    ConvergenceError,
    boundary_expected,
    crossing_probability,
    log_likelihood_ratio,
    poisson_critical_value,
)


def all_late_enough(starts: list[Fraction]) -> Fraction:
    """P(the i-th smallest of n uniform times is at or after ``starts[i]`` for every i), exactly.

    Bolshev's recursion on the mirrored problem, in rational numbers: no part of it is shared with
    the code under test, which walks the Poisson process instead.
    """
    ends = [1 - start for start in reversed(starts)]
    chances = [Fraction(1)]
    for n in range(1, len(ends) + 1):
        missed = sum(math.comb(n, k) * (1 - ends[k]) ** (n - k) * chances[k] for k in range(n))
        chances.append(1 - missed)
    return chances[-1]


def slow_crossing_probability(value: float, upper_limit: float, min_events: int) -> float:
    """Given n events before the limit their times are uniform; weigh the no-alarm chance by Poisson(n)."""

    def start(events: int) -> Fraction:
        low, high = 0.0, float(events)  # bisect the time at which this many events stop being an alarm
        if events < min_events:
            return Fraction(0)
        for _ in range(100):
            middle = (low + high) / 2
            ratio = middle - events + events * math.log(events / middle)
            low, high = (middle, high) if ratio > value else (low, middle)
        return Fraction(min(low / upper_limit, 1.0)).limit_denominator(10**7)

    quiet, events, weight = 0.0, 0, math.exp(-upper_limit)
    while True:
        chance = all_late_enough([start(i) for i in range(1, events + 1)])
        if chance == 0 and events:
            return 1 - quiet
        quiet += weight * float(chance)
        events += 1
        weight *= upper_limit / events


@pytest.mark.parametrize(
    ("value", "limit", "minimum"),
    [(2.85, 1.0, 1), (1.8, 3.0, 2), (2.2, 4.0, 3), (0.5, 2.0, 1), (3.0, 0.3, 1)],
)
def test_crossing_probability_against_order_statistics(value, limit, minimum):
    found = crossing_probability(value, upper_limit=limit, min_events=minimum)
    assert found == pytest.approx(slow_crossing_probability(value, limit, minimum), abs=2e-6)


@pytest.mark.parametrize(("limit", "alpha", "minimum"), [(5.0, 0.05, 1), (20.0, 0.01, 3), (0.5, 0.02, 2)])
def test_false_alarm_rate_by_simulating_the_process(limit, alpha, minimum):
    value = poisson_critical_value(upper_limit=limit, alpha=alpha, min_events=minimum).value
    paths, events = 60_000, int(limit + 12 * math.sqrt(limit) + 12)
    times = np.random.default_rng(20110101).exponential(size=(paths, events)).cumsum(axis=1)
    counts = np.arange(1, events + 1)
    ratio = np.where(times < counts, times - counts + counts * np.log(counts / times), 0.0)
    alarmed = ((ratio >= value) & (counts >= minimum) & (times <= limit)).any(axis=1).mean()
    assert abs(alarmed - alpha) < 4 * math.sqrt(alpha * (1 - alpha) / paths)


def plain_walk(value: float, limit: float, minimum: int) -> float:
    """Crossing probability by carrying every state with whole Poisson rows; boundaries by bisection of the ratio.

    No window, no short kernels and no Lambert W: what could go wrong there cannot go wrong here.
    """
    crossed, alive, now, events = 0.0, np.ones(1), 0.0, minimum
    while now < limit:
        at = limit
        if log_likelihood_ratio(events, limit) < value:
            at = brentq(
                lambda tau, c=events: tau - c + c * math.log(c / tau) - value, 1e-300, events, xtol=1e-14
            )
        moved = np.convolve(alive, poisson.pmf(np.arange(events + 1), at - now))
        inside = moved[:events]
        crossed += alive.sum() - inside.sum()
        alive, now, events = inside, at, events + 1
    return crossed


@pytest.mark.parametrize("limit", [0.5, 3.0, 20.0, 150.0, 1000.0])
@pytest.mark.parametrize(("alpha", "minimum"), [(0.05, 1), (0.01, 4), (0.001, 6)])
def test_a_plain_walk_over_every_state_spends_the_same_alpha(limit, alpha, minimum):
    found = poisson_critical_value(upper_limit=limit, alpha=alpha, min_events=minimum)
    # a change of 1e-5 in the value changes the alpha by about as much, relatively
    assert plain_walk(found.value, limit, minimum) == pytest.approx(found.alpha_spent, rel=1e-7)


def test_worked_example_three_events_where_a_tenth_was_expected():
    assert log_likelihood_ratio(3, 0.1) == pytest.approx(0.1 - 3 + 3 * math.log(30))
    assert log_likelihood_ratio(0, 0.0) == 0.0
    assert log_likelihood_ratio(2, 2.0) == log_likelihood_ratio(2, 5.0) == 0.0
    assert log_likelihood_ratio(1, 0.0) == math.inf


@pytest.mark.parametrize(("events", "expected"), [(-1, 1.0), (1, -0.1), (1, math.nan)])
def test_impossible_counts_are_refused(events, expected):
    with pytest.raises(ValueError, match="zero or more"):
        log_likelihood_ratio(events, expected)


@given(value=st.floats(1e-3, 60), events=st.integers(1, 5000))
@settings(deadline=None)
def test_the_boundary_lies_where_the_ratio_equals_the_value(value, events):
    (tau,) = boundary_expected(value, np.array([events]))
    assert 0 < tau < events
    assert log_likelihood_ratio(events, float(tau)) == pytest.approx(value, rel=1e-6)


@given(limit=st.floats(0.02, 60), alpha=st.floats(1e-8, 0.5), minimum=st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_spent_alpha_is_the_alpha_asked_for_or_the_most_that_can_be_spent(limit, alpha, minimum):
    found = poisson_critical_value(upper_limit=limit, alpha=alpha, min_events=minimum)
    if found.attained:
        assert found.alpha_spent == pytest.approx(alpha, rel=1e-8)
    else:
        assert found.alpha_spent <= alpha
        assert found.value == log_likelihood_ratio(minimum, limit)


@given(limit=st.floats(0.5, 40), alpha=st.floats(1e-5, 0.2), minimum=st.integers(1, 4), by=st.floats(1.1, 3))
@settings(max_examples=40, deadline=None)
def test_stricter_alpha_and_longer_watch_raise_the_value(limit, alpha, minimum, by):
    usual = poisson_critical_value(upper_limit=limit, alpha=alpha, min_events=minimum)
    stricter = poisson_critical_value(upper_limit=limit, alpha=alpha / by, min_events=minimum)
    longer = poisson_critical_value(upper_limit=limit * by, alpha=alpha, min_events=minimum)
    later = poisson_critical_value(upper_limit=limit, alpha=alpha, min_events=minimum + 1)
    if usual.attained:
        assert usual.value < stricter.value or not stricter.attained
        assert usual.value <= longer.value + 1e-9
    if later.attained:
        assert later.value <= usual.value + 1e-9


def test_a_tiny_limit_that_cannot_spend_alpha_says_so():
    found = poisson_critical_value(upper_limit=0.05, alpha=0.05)
    assert not found.attained
    assert found.alpha_spent == pytest.approx(1 - math.exp(-0.05))
    assert log_likelihood_ratio(1, 0.05) >= found.value  # the first event inside the limit is an alarm


def test_tiny_limit_with_attainable_alpha_has_the_closed_form():
    found = poisson_critical_value(upper_limit=0.05, alpha=0.01)
    (tau,) = boundary_expected(found.value, np.array([1]))
    two_events = crossing_probability(found.value, upper_limit=0.05) - (1 - math.exp(-tau))
    assert found.alpha_spent == pytest.approx(0.01)
    assert 0 < two_events < 0.05**2 / 2


@pytest.mark.parametrize(
    "design",
    [
        {"upper_limit": 0.0, "alpha": 0.05},
        {"upper_limit": math.nan, "alpha": 0.05},
        {"upper_limit": 1e9, "alpha": 0.05},
        {"upper_limit": 1.0, "alpha": 0.6},
        {"upper_limit": 1.0, "alpha": 0.0},
        {"upper_limit": 1.0, "alpha": 0.05, "min_events": 0},
    ],
)
def test_designs_out_of_range_are_refused(design):
    with pytest.raises(ValueError, match="must"):
        poisson_critical_value(**design)


def test_a_search_that_does_not_reach_alpha_gives_no_number(monkeypatch):
    monkeypatch.setattr(maxsprt, "crossing_probability", lambda value, **_: 0.2 if value < 3 else 1e-9)
    with pytest.raises(ConvergenceError, match="instead of"):
        poisson_critical_value(upper_limit=1.0, alpha=0.05)
    monkeypatch.setattr(maxsprt, "crossing_probability", lambda value, **_: 0.2)
    with pytest.raises(ConvergenceError, match="no boundary"):
        poisson_critical_value(upper_limit=1.0, alpha=0.05)
