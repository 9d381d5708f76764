"""Exact Bernoulli MaxSPRT against walking through every sequence of treatments, and its invariants."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.statistics.bernoulli_maxsprt import (
    bernoulli_design,
    bernoulli_performance,
    bernoulli_ratio,
)


def every_sequence(design, risk):
    """Chance, mean treatments and mean events of an alarm, by going through all 2^N sequences."""
    power = treatments = events = watched = 0.0
    for sequence in product((0, 1), repeat=design.treatments):
        chance = math.prod(risk if event else 1 - risk for event in sequence)
        counts = np.cumsum(sequence)
        hits = [n for n, c in enumerate(counts, start=1) if sequence[n - 1] and design.crossed_by(int(c), n)]
        watched += chance * (hits[0] if hits else design.treatments)
        if hits:
            power += chance
            treatments += chance * hits[0]
            events += chance * counts[hits[0] - 1]
    return power, treatments / power, events / power, watched


@pytest.mark.parametrize(
    ("treatments", "null_risk", "alpha", "minimum"),
    [(12, 0.1, 0.05, 1), (11, 0.2, 0.1, 2), (10, 0.05, 0.01, 2)],
)
def test_against_every_sequence(treatments, null_risk, alpha, minimum):
    design = bernoulli_design(treatments=treatments, null_risk=null_risk, alpha=alpha, min_events=minimum)
    assert design.alpha_spent == pytest.approx(every_sequence(design, null_risk)[0], rel=1e-9)
    for risk in (null_risk, 0.3, 0.6):
        found = bernoulli_performance(design, risk)
        slow = every_sequence(design, risk)
        assert (
            found.power,
            found.treatments_to_alarm,
            found.events_at_alarm,
            found.treatments_watched,
        ) == pytest.approx(slow, rel=1e-9)


def test_no_lower_boundary_keeps_alpha():
    """Every alarm rule of this kind that spends more than alpha: the next lower value of the ratio."""
    design = bernoulli_design(treatments=12, null_risk=0.1, alpha=0.05)
    values = sorted(
        {bernoulli_ratio(c, n, 0.1) for n in range(1, 13) for c in range(1, n + 1)} - {0.0}, reverse=True
    )
    lower = next(value for value in values if value < design.value * (1 - 1e-12))
    looser = type(design)(12, 0.1, 0.05, 1, lower, 0.0, ())
    assert every_sequence(looser, 0.1)[0] > 0.05


@given(
    treatments=st.integers(1, 400),
    null_risk=st.floats(1e-4, 0.4),
    alpha=st.floats(1e-6, 0.3),
    minimum=st.integers(1, 4),
)
@settings(max_examples=40, deadline=None)
def test_alpha_is_never_exceeded_and_power_at_the_null_is_what_was_spent(
    treatments, null_risk, alpha, minimum
):
    minimum = min(minimum, treatments)
    design = bernoulli_design(treatments=treatments, null_risk=null_risk, alpha=alpha, min_events=minimum)
    assert design.alpha_spent <= alpha
    assert bernoulli_performance(design, null_risk).power == pytest.approx(
        design.alpha_spent, rel=1e-7, abs=1e-14
    )
    for (c, n), (c_next, n_next) in zip(design.alarms, design.alarms[1:], strict=False):
        assert c < c_next
        assert n < n_next
    for events, within in design.alarms:
        assert events >= minimum
        assert design.crossed_by(events, within)
        assert within == treatments or not design.crossed_by(events, within + 1)


@given(risk=st.floats(0.01, 0.5), more=st.floats(1.1, 2))
@settings(max_examples=30, deadline=None)
def test_a_higher_risk_is_found_more_often_and_sooner(risk, more):
    design = bernoulli_design(treatments=200, null_risk=0.005, alpha=0.01, min_events=2)
    lower, higher = (bernoulli_performance(design, r) for r in (risk, min(1.0, risk * more)))
    assert lower.power <= higher.power + 1e-12
    assert higher.treatments_watched <= lower.treatments_watched + 1e-9


def test_a_rule_that_cannot_be_rare_enough_has_no_alarm():
    design = bernoulli_design(treatments=2, null_risk=0.4, alpha=0.01)
    assert design.alarms == ()
    assert design.alpha_spent == 0
    assert design.value == math.inf
    assert not design.crossed_by(2, 2)
    assert bernoulli_performance(design, 0.9).power == 0


def test_ratio_by_hand():
    by_hand = 2 * math.log(2 / 91 / 0.001) + 89 * math.log((89 / 91) / 0.999)
    assert bernoulli_ratio(2, 91, 0.001) == pytest.approx(by_hand)
    assert bernoulli_ratio(0, 10, 0.1) == bernoulli_ratio(1, 10, 0.1) == 0
    assert bernoulli_ratio(3, 3, 0.1) == pytest.approx(3 * math.log(10))


@pytest.mark.parametrize(
    "change",
    [
        {"treatments": 0},
        {"null_risk": 0.0},
        {"null_risk": 1.0},
        {"alpha": 0.7},
        {"min_events": 0},
        {"min_events": 99},
    ],
)
def test_designs_out_of_range_are_refused(change):
    design = {"treatments": 50, "null_risk": 0.01, "alpha": 0.05, "min_events": 1} | change
    with pytest.raises(ValueError, match=r"must (lie|be)"):
        bernoulli_design(**design)


def test_impossible_counts_and_risks_are_refused():
    with pytest.raises(ValueError, match="between 0 and the treatments"):
        bernoulli_ratio(3, 2, 0.1)
    design = bernoulli_design(treatments=50, null_risk=0.01, alpha=0.05)
    with pytest.raises(ValueError, match="true_risk"):
        bernoulli_performance(design, 1.1)
