"""Designs computed independently for the registry at a null risk of 1 in 1,000; they never change to fit the code."""

import numpy as np
import pytest

from exovigil.statistics.bernoulli_maxsprt import bernoulli_design, bernoulli_performance
from exovigil.statistics.conditional_maxsprt import conditional_ratio
from exovigil.statistics.evidence_process import log_e_value

DESIGNS = [  # treatments, alpha, minimum; events: within treatments; true risk: mean treatments, mean events
    (1000, 0.01, 2, {2: 91, 3: 294, 4: 587, 5: 948}, {0.05: (41, 2.05), 0.1: (20, 2.0)}),
    (1000, 0.001, 2, {2: 25, 3: 120, 4: 289, 5: 525}, {0.05: (54, 2.7), 0.1: (23, 2.3)}),
    (1000, 0.001, 3, {3: 134, 4: 317, 5: 566}, {0.05: (61, 3.0), 0.1: (30, 3.0), 0.02: (181, 3.6)}),
    (300, 0.0005, 2, {2: 21, 3: 106, 4: 264}, {0.05: (56, 2.8), 0.1: (24, 2.4)}),
]


@pytest.mark.parametrize(("treatments", "alpha", "minimum", "alarms", "performance"), DESIGNS)
def test_designs_for_lots(treatments, alpha, minimum, alarms, performance):
    design = bernoulli_design(treatments=treatments, null_risk=0.001, alpha=alpha, min_events=minimum)
    assert dict(design.alarms[: len(alarms)]) == alarms
    assert design.alpha_spent <= alpha
    for risk, (mean_treatments, mean_events) in performance.items():
        found = bernoulli_performance(design, risk)
        assert found.power == pytest.approx(1.0, abs=0.005)
        assert found.treatments_to_alarm == pytest.approx(mean_treatments, abs=0.5)
        assert found.events_at_alarm == pytest.approx(mean_events, abs=0.05)


def test_a_true_risk_of_one_in_a_hundred():
    design = bernoulli_design(treatments=1000, null_risk=0.001, alpha=0.001, min_events=3)
    found = bernoulli_performance(design, 0.01)
    assert found.power == pytest.approx(0.91, abs=0.005)
    assert (found.treatments_to_alarm, found.events_at_alarm) == pytest.approx((412, 4.7), abs=0.5)


@pytest.mark.parametrize(
    ("events", "persons", "published", "within"),
    [  # PMC5052811 (Statistics in Medicine 2016;35:1441-1453), table II: c = 11, v = 5.3415
        (4, 0.183, 5.297, 0.012),  # 0.183 is printed to three digits
        (8, 1.507, 1.914, 0.002),
        (12, 2.638, 1.776, 0.002),
        (16, 3.766, 1.750, 0.002),
        (20, 5.942, 0.890, 0.002),
        (4, 1.195, 0.319, 0.001),
        (8, 1.935, 1.065, 0.001),
        (12, 3.494, 0.748, 0.001),
        (16, 4.486, 1.005, 0.001),
        (20, 5.784, 0.992, 0.001),
    ],
)
def test_conditional_ratio_of_the_worked_example(events, persons, published, within):
    assert conditional_ratio(events, persons / 5.3415, 11) == pytest.approx(published, abs=within)


def test_evidence_against_eight_hundredths_of_an_event():
    two, three, four = np.exp(log_e_value([2, 3, 4], 0.08, prior_shape=1.0, prior_rate=0.1))
    assert two < 100 <= three < 1000 <= four
