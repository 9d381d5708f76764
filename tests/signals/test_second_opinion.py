"""The second opinion: e-values at the null risk and its upper bound, picked by e-BH, and other null risks."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.signals.second_opinion import SecondOpinion, beside_watch, second_opinions, sensitivity
from exovigil.signals.watch import Exposure, StreamKey, watch
from exovigil.statistics.evidence_process import log_e_value
from tests.signals.test_watch import AS_OF, CLUSTER, DESIGN, LOT, day, event

LOT_1, PRODUCT = StreamKey("lot", "L1"), StreamKey("product", "P")


def opinions(events, *, exposures=LOT, design=DESIGN):
    return second_opinions(watch(exposures, events, events, design, AS_OF), design)


def test_worked_example_of_eight_events_where_an_eighth_was_expected():
    found = opinions(CLUSTER)
    assert set(found) == {LOT_1, PRODUCT}
    assert found[LOT_1].log_e == pytest.approx(float(log_e_value(8, 0.12)))
    assert found[LOT_1].log_e_upper == pytest.approx(float(log_e_value(8, 1.2)))
    assert (found[LOT_1].streams, found[LOT_1].picked, found[LOT_1].picked_upper) == (2, True, True)


def test_many_quiet_lots_raise_the_bar_and_are_not_listed():
    quiet = [Exposure(day(i % 120), "Q", f"Q{i:04}") for i in range(1500)]
    found = opinions(CLUSTER[:3], exposures=[*LOT, *quiet])
    assert set(found) == {LOT_1, PRODUCT}
    assert found[LOT_1].streams == 1503
    assert opinions(CLUSTER[:3])[LOT_1].picked
    assert not found[LOT_1].picked
    assert found[LOT_1].log_e == pytest.approx(opinions(CLUSTER[:3])[LOT_1].log_e)


def test_nothing_watched_nothing_said():
    assert opinions([], exposures=[]) == {}
    assert opinions([]) == {}


def test_events_without_recorded_treatments_have_a_finite_e_value():
    found = opinions(CLUSTER, exposures=[])[LOT_1]
    assert math.isfinite(found.log_e)
    assert found.log_e == found.log_e_upper


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.floats(1, 20))
@settings(max_examples=40, deadline=None)
def test_picked_as_by_definition_and_never_more_against_the_upper_bound(counts, factor):
    exposures = [Exposure(day(i), "P", f"L{lot}") for lot in range(len(counts)) for i in range(30)]
    events = [
        event(f"{lot}-{n}", 1, 30, 40, lot=f"L{lot}")
        for lot, count in enumerate(counts)
        for n in range(count)
    ]
    design = dataclasses.replace(DESIGN, null_risk_upper=DESIGN.null_risk * factor)
    found = opinions(events, exposures=exposures, design=design)
    streams = len(counts) + 1
    values = sorted((math.exp(o.log_e) for o in found.values()), reverse=True)
    most = max((k for k, v in enumerate(values, 1) if v >= streams / (k * design.alpha)), default=0)
    assert sum(o.picked for o in found.values()) == most
    assert len(found) == np.count_nonzero(counts) + any(counts)
    assert all(o.log_e_upper <= o.log_e + 1e-12 for o in found.values())
    assert all(o.picked or not o.picked_upper for o in found.values())


@pytest.mark.parametrize(
    ("in_alarm", "picked", "upper", "agrees", "words"),
    [
        (True, True, True, True, "It agrees with the alarm, even if"),
        (True, True, False, True, "It agrees with the alarm at the risk of the design. If"),
        (True, False, False, False, "It disagrees with the alarm: among the 1200 lots and products"),
        (False, True, False, False, "It disagrees with the watch: among the 1200 lots and products"),
        (False, False, False, True, "It agrees with the watch, which has not alarmed"),
    ],
)
def test_beside_the_watch_it_agrees_or_not_and_never_takes_an_alarm_back(
    in_alarm, picked, upper, agrees, words
):
    said = beside_watch(SecondOpinion(1200, 3.0, picked, 1.0, upper), in_alarm=in_alarm)
    assert said.agrees is agrees
    assert said.words.startswith(words)
    if in_alarm and not agrees:
        assert "The alarm stands all the same" in said.words


def test_the_only_stream_is_among_no_others():
    assert "on its own" in beside_watch(SecondOpinion(1, 0.1, False, 0.0, False), in_alarm=True).words


def test_the_upper_bound_is_among_the_other_risks_even_when_not_listed():
    design = dataclasses.replace(DESIGN, null_risk_upper=0.02)
    risks = [row.null_risk for row in sensitivity(LOT, CLUSTER, CLUSTER, design, 0.001, AS_OF)]
    assert risks == [*DESIGN.sensitivity_null_risks, 0.02]
