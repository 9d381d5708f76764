"""Exact conditional MaxSPRT against simulation of both periods, the known-rate limit, and its invariants."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.statistics import conditional_maxsprt
from exovigil.statistics.conditional_maxsprt import (
    conditional_critical_value,
    conditional_crossing,
    conditional_ratio,
)
from exovigil.statistics.maxsprt import ConvergenceError, poisson_critical_value


@pytest.mark.parametrize(
    ("history", "limits", "minimum", "alpha"),
    [(20, {"max_events": 20}, 2, 0.05), (5, {"upper_share": 1.5}, 1, 0.05), (1, {"max_events": 8}, 3, 0.02)],
)
def test_false_alarm_rate_by_simulating_both_periods(history, limits, minimum, alpha):
    value = conditional_critical_value(history=history, alpha=alpha, min_events=minimum, **limits).value
    rng, paths = np.random.default_rng(2010), 60_000
    events = limits.get("max_events", 60)
    earlier = rng.gamma(history, size=(paths, 1))
    shares = rng.exponential(size=(paths, events)).cumsum(axis=1) / earlier
    k = np.arange(1, events + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = k * np.log(k / shares) + history * np.log(history)
        ratio -= (k + history) * np.log((k + history) / (1 + shares))
    alarm = (k > history * shares) & (ratio >= value) & (k >= minimum)
    alarmed = (alarm & (shares <= limits.get("upper_share", math.inf))).any(axis=1).mean()
    assert abs(alarmed - alpha) < 4 * math.sqrt(alpha * (1 - alpha) / paths)


def test_one_event_has_the_closed_form():
    """The first event is an alarm within a share t: chance 1 - (1 + t)^-history."""
    found = conditional_critical_value(history=7, alpha=0.05, max_events=1)
    share = 0.95 ** (-1 / 7) - 1
    assert found.value == pytest.approx(conditional_ratio(1, share, 7), rel=1e-7)
    assert found.crossed_by(1, share * 0.999)
    assert not found.crossed_by(1, share * 1.001)


def test_with_much_history_it_becomes_the_test_with_a_known_rate():
    history = 200_000
    found = conditional_critical_value(history=history, alpha=0.05, upper_share=5 / history, min_events=2)
    known = poisson_critical_value(upper_limit=5.0, alpha=0.05, min_events=2)
    assert found.value == pytest.approx(known.value, abs=1e-3)


def test_taking_the_estimate_for_known_would_alarm_too_often():
    known = poisson_critical_value(upper_limit=10.0, alpha=0.05, min_events=2)
    rng = np.random.default_rng(3)
    earlier = rng.gamma(10, size=(20_000, 1))
    expected = rng.exponential(size=(20_000, 40)).cumsum(axis=1) / earlier * 10
    k = np.arange(1, 41)
    ratio = np.where(expected < k, expected - k + k * np.log(k / expected), 0)
    naive = ((ratio >= known.value) & (k >= 2) & (expected <= 10)).any(axis=1).mean()
    assert naive > 0.08


@given(
    history=st.integers(1, 60),
    events=st.integers(1, 25),
    alpha=st.floats(1e-6, 0.3),
    minimum=st.integers(1, 4),
)
@settings(max_examples=40, deadline=None)
def test_alpha_is_spent_and_a_stricter_one_raises_the_value(history, events, alpha, minimum):
    design = {"history": history, "max_events": max(events, minimum), "min_events": minimum}
    found = conditional_critical_value(alpha=alpha, **design)
    assert found.alpha_spent == pytest.approx(alpha, rel=1e-8)
    assert conditional_critical_value(alpha=alpha / 2, **design).value > found.value
    assert conditional_crossing(found.value * 1.01, **design) < alpha


@given(events=st.integers(1, 100), share=st.floats(0.001, 50), history=st.integers(1, 100))
def test_the_ratio_is_zero_without_a_rise_and_falls_with_time(events, share, history):
    now, later = (conditional_ratio(events, s, history) for s in (share, share * 1.1))
    assert now >= later >= 0
    assert (now > 0) == (events > history * share) or now < 1e-12


@pytest.mark.parametrize(
    "change",
    [
        {"history": 0},
        {"max_events": 0},
        {"max_events": 501},
        {"min_events": 11},
        {"alpha": 0.9},
        {"upper_share": 0.0},
        {"max_events": 500},
    ],
)
def test_designs_out_of_range_are_refused(change):
    with pytest.raises(ValueError, match="must"):
        conditional_critical_value(**({"history": 5, "alpha": 0.05, "max_events": 10} | change))


@pytest.mark.parametrize(
    ("events", "share", "history"), [(-1, 1.0, 1), (1, 0.0, 1), (1, math.nan, 1), (1, 1.0, 0)]
)
def test_impossible_counts_are_refused(events, share, history):
    with pytest.raises(ValueError, match="must be"):
        conditional_ratio(events, share, history)


def test_no_boundary_no_number(monkeypatch):
    with pytest.raises(ConvergenceError, match="so short a watch"):
        conditional_critical_value(history=5, alpha=0.05, upper_share=0.001)
    monkeypatch.setattr(
        conditional_maxsprt, "conditional_crossing", lambda value, **_: 0.2 if value < 3 else 1e-9
    )
    with pytest.raises(ConvergenceError, match="instead of"):
        conditional_critical_value(history=5, alpha=0.05, max_events=10)
