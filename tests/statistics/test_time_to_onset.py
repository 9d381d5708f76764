"""Cumulative incidence with competing loss: redistribution by hand, the binomial, coverage; and the median."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from exovigil.statistics.time_to_onset import Ending, cumulative_incidence, median_time

patients = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([int(ending) for ending in Ending])),
    min_size=1,
    max_size=25,
)


def by_redistribution(rows):
    """Share with onset by each day: each censored patient's weight goes, in Fractions, to all who stay longer."""
    weights = [Fraction(1, len(rows))] * len(rows)
    for at in sorted(range(len(rows)), key=lambda i: rows[i][0]):
        day, ending = rows[at]
        longer = [i for i, (d, e) in enumerate(rows) if d > day]
        if ending == Ending.STILL_WATCHED and longer:
            for i in longer:
                weights[i] += weights[at] / len(longer)
            weights[at] = Fraction(0)
    return {
        day: sum(w for (d, e), w in zip(rows, weights, strict=True) if d <= day and e == Ending.ONSET)
        for day in {d for d, _ in rows}
    }


def test_worked_example():
    """Ten patients: onsets on days 14, 20 and 40, losses on 18 and 30, five still watched on day 90."""
    days = [14, 18, 20, 30, 40, 90, 90, 90, 90, 90]
    found = cumulative_incidence(days, [1, 2, 1, 2, 1, 0, 0, 0, 0, 0])
    assert found.days.tolist() == [14, 18, 20, 30, 40, 90]
    assert found.at_risk.tolist() == [10, 9, 8, 7, 6, 5]
    assert found.incidence == pytest.approx([0.1, 0.1, 0.2, 0.2, 0.3, 0.3])
    assert found.lost == pytest.approx([0, 0.1, 0.1, 0.2, 0.2, 0.2])
    assert found.standard_error[-1] == pytest.approx(math.sqrt(0.3 * 0.7 / 10))
    spread = 1.959964 * math.sqrt(0.021) / (0.7 * -math.log(0.7))
    assert found.low[-1] == pytest.approx(1 - 0.7 ** math.exp(-spread), rel=1e-6)
    assert found.high[-1] == pytest.approx(1 - 0.7 ** math.exp(spread), rel=1e-6)


def test_loss_as_censoring_would_claim_more_onsets():
    days, endings = [10, 20, 30, 40], np.array([2, 2, 1, 1])
    competing = cumulative_incidence(days, endings).incidence[-1]
    censored = cumulative_incidence(days, np.where(endings == 2, 0, endings)).incidence[-1]
    assert (competing, censored) == (0.5, 1.0)


@given(patients)
@settings(max_examples=200, deadline=None)
def test_against_redistributing_the_weight_of_the_censored(rows):
    found = cumulative_incidence(*zip(*rows, strict=True))
    slow = by_redistribution(rows)
    for day, share in zip(found.days.tolist(), found.incidence, strict=True):
        assert share == pytest.approx(float(slow[day]), abs=1e-12)


@given(patients)
@settings(max_examples=200, deadline=None)
def test_everyone_has_reacted_been_lost_or_neither(rows):
    found = cumulative_incidence(*zip(*rows, strict=True))
    assert found.incidence + found.lost + found.free == pytest.approx(np.ones(len(found.days)))
    assert np.all(np.diff(found.incidence) >= 0)
    known = ~np.isnan(found.low)
    assert np.all(found.low[known] <= found.incidence[known])
    assert np.all(found.incidence[known] <= found.high[known])
    assert np.all((found.low[known] >= 0) & (found.high[known] <= 1))
    assert np.all(np.isfinite(found.standard_error))


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from([1, 2])), min_size=1, max_size=40))
@settings(max_examples=100, deadline=None)
def test_without_censoring_it_is_a_proportion_with_the_binomial_error(rows):
    found = cumulative_incidence(*zip(*rows, strict=True))
    for at, day in enumerate(found.days.tolist()):
        share = sum(d <= day and e == 1 for d, e in rows) / len(rows)
        assert found.incidence[at] == pytest.approx(share)
        assert found.standard_error[at] == pytest.approx(math.sqrt(share * (1 - share) / len(rows)), abs=1e-7)


def test_intervals_cover_the_truth_as_often_as_they_say():
    rng, patients, covered, replicates = np.random.default_rng(17), 80, 0, 1500
    onset, loss, cut, day = 0.012, 0.015, 0.008, 40.0
    truth = onset / (onset + loss) * (1 - math.exp(-(onset + loss) * day))
    for _ in range(replicates):
        left = rng.exponential(1 / (onset + loss), patients)
        ending = np.where(rng.random(patients) < onset / (onset + loss), Ending.ONSET, Ending.LOST)
        stop = rng.exponential(1 / cut, patients)
        minutes = (np.minimum(left, stop) * 1440).astype(int)
        found = cumulative_incidence(minutes, np.where(left <= stop, ending, Ending.STILL_WATCHED))
        at = np.searchsorted(found.days, day * 1440, side="right") - 1
        covered += bool(found.low[at] <= truth <= found.high[at])
    assert abs(covered / replicates - 0.95) < 0.02


def test_before_the_first_onset_there_is_no_interval():
    found = cumulative_incidence([5, 9], [2, 1])
    assert math.isnan(found.low[0])
    assert found.incidence.tolist() == [0.0, 0.5]


@pytest.mark.parametrize(
    ("days", "endings", "words"),
    [
        ([], [], "a patient or more"),
        ([1, 2], [1], "same length"),
        ([-1], [1], "0 or more"),
        ([1.5], [1], "whole"),
        ([1], [3], "endings must be"),
    ],
)
def test_impossible_rows_are_refused(days, endings, words):
    with pytest.raises(ValueError, match=words):
        cumulative_incidence(days, endings)


def test_a_level_outside_0_to_1_is_refused():
    with pytest.raises(ValueError, match="level"):
        cumulative_incidence([1], [1], level=95)


# --- the median and its interval -------------------------------------------------------------------

# Freireich et al. 1963 (Blood 21:699), remission in weeks as printed in textbooks: 1 relapsed, 0 still in remission.
SIX_MP = [(6, 1)] * 3 + [
    (6, 0),
    (7, 1),
    (9, 0),
    (10, 1),
    (10, 0),
    (11, 0),
    (13, 1),
    (16, 1),
    (17, 0),
    (19, 0),
    (20, 0),
]
SIX_MP += [(22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0)]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def greenwood_set(rows, level=0.95):
    """The days at which one half lies between the log(-log) bounds, by Greenwood's sum written out."""
    z = ndtri((1 + level) / 2)
    free, total, median, inside = 1.0, 0.0, None, []
    for day in sorted({d for d, _ in rows}):
        at_risk = sum(d >= day for d, _ in rows)
        events = sum(d == day and e == 1 for d, e in rows)
        free *= 1 - events / at_risk
        total += events / (at_risk * (at_risk - events)) if at_risk > events else math.inf
        if median is None and free <= 0.5 + 1e-12:
            median = day
        if 0 < free < 1:
            spread = z * math.sqrt(total) / abs(math.log(free))
            low, high = 1 - free ** math.exp(-spread), 1 - free ** math.exp(spread)
            inside.append((day, low, high))
    first = next((d for d, _, high in inside if high >= 0.5 - 1e-12), None)
    last = next((d for d, low, _ in inside if low >= 0.5 - 1e-12), None)
    return median, first, last


def half(rows, level=0.95):
    found = median_time(cumulative_incidence([d for d, _ in rows], [e for _, e in rows], level=level))
    return found.days, found.low, found.high


def test_the_median_of_the_leukaemia_trial():
    assert half(SIX_MP) == (23, 13, None)
    assert half([(day, 1) for day in PLACEBO]) == (8, 4, 11)


def test_a_median_that_is_not_reached_and_one_of_a_single_patient():
    assert half([(5, 1), (9, 0), (9, 0)]) == (None, 5, None)
    assert half([(5, 1)]) == (5, None, None)
    assert half([(5, 0)]) == (None, None, None)


def test_those_lost_count_among_the_half_that_has_to_react():
    assert half([(1, 2), (2, 1), (3, 1), (4, 2)])[0] == 3
    assert half([(1, 2), (1, 2), (2, 1), (3, 2)])[0] is None


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0, 1])), min_size=1, max_size=40))
def test_without_losses_median_and_interval_are_those_by_greenwoods_sum(rows):
    assert half(rows) == greenwood_set(rows)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0, 1, 2])), min_size=1, max_size=40),
    st.integers(1, 9),
)
def test_the_median_grows_with_the_unit_of_time_and_a_wider_interval_holds_a_narrower(rows, unit):
    days, low, high = half(rows)
    scaled = half([(unit * d, e) for d, e in rows])
    assert scaled == tuple(None if x is None else unit * x for x in (days, low, high))
    wide = half(rows, level=0.99)
    assert wide[0] == days
    if low is not None and wide[1] is not None:
        assert wide[1] <= low
    if wide[2] is not None:
        assert high is not None
        assert wide[2] >= high
