"""Anytime-valid evidence: the integral it stands for, its guarantee at every stopping time, and e-BH."""

import math
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import poisson

from exovigil.statistics.evidence_process import e_bh, log_e_value


@pytest.mark.parametrize(
    ("events", "expected", "shape", "rate"), [(0, 0.5, 1, 0.1), (3, 0.08, 1, 0.1), (6, 4.0, 2, 0.5)]
)
def test_against_integrating_over_raised_rates(events, expected, shape, rate):
    def weighted(ratio):
        prior = rate**shape / math.gamma(shape) * ratio ** (shape - 1) * math.exp(-rate * ratio)
        return prior * ratio**events * math.exp(-(ratio - 1) * expected)

    def prior_only(ratio):
        return rate**shape / math.gamma(shape) * ratio ** (shape - 1) * math.exp(-rate * ratio)

    slow = quad(weighted, 1, 400, limit=500)[0] / quad(prior_only, 1, 400, limit=500)[0]
    assert math.exp(log_e_value(events, expected, prior_shape=shape, prior_rate=rate)) == pytest.approx(
        slow, rel=1e-6
    )


@given(
    expected=st.floats(0.01, 30),
    true_ratio=st.floats(0.05, 1.0),
    shape=st.floats(0.5, 4),
    rate=st.floats(0.05, 2),
)
@settings(max_examples=100, deadline=None)
def test_the_mean_under_any_rate_not_above_the_null_is_at_most_one(expected, true_ratio, shape, rate):
    counts = np.arange(0, 20_000)
    values = log_e_value(counts, expected, prior_shape=shape, prior_rate=rate)
    mean = float(np.exp(poisson.logpmf(counts, expected * true_ratio) + values).sum())
    assert mean <= 1 + 1e-9
    if true_ratio == 1.0:
        assert mean == pytest.approx(1.0, rel=1e-6)


@given(
    events=st.integers(0, 12), expected=st.floats(0.01, 5), step=st.floats(0.01, 2), shape=st.floats(0.5, 3)
)
@settings(max_examples=80, deadline=None)
def test_wherever_it_stands_it_may_be_expected_to_stay_or_fall(events, expected, step, shape):
    """The step of a martingale: the mean after more watching is the value now."""
    now = math.exp(log_e_value(events, expected, prior_shape=shape, prior_rate=0.3))
    more = np.arange(0, 2000)
    later = log_e_value(events + more, expected + step, prior_shape=shape, prior_rate=0.3)
    assert float(np.exp(poisson.logpmf(more, step) + later).sum()) == pytest.approx(now, rel=1e-6)


def test_looking_after_every_event_keeps_the_false_alarm_rate():
    rng, paths, alpha = np.random.default_rng(8), 20_000, 0.05
    times = rng.exponential(size=(paths, 60)).cumsum(axis=1)
    values = log_e_value(np.arange(1, 61), times)
    assert (values.max(axis=1) >= math.log(1 / alpha)).mean() < alpha


def test_treatments_of_one_event_at_most_are_covered_too():
    """Mean over Bernoulli treatments of risk p, with p added to the expected count for each."""
    risk, treatments = 0.3, 12
    mean = sum(
        math.comb(treatments, k)
        * risk**k
        * (1 - risk) ** (treatments - k)
        * math.exp(log_e_value(k, risk * treatments))
        for k in range(treatments + 1)
    )
    assert mean <= 1


def best_stopping(risk, believed, *, starts, window, days):
    """Highest mean e-value that any rule of stopping can reach, by walking every history of the treatments.

    One treatment starts on each of ``starts``; onset is uniform over ``window`` days. Who stops when is decided
    at the end of each day from all that was seen, so no rule is left out.
    """

    def elapsed(day, start):
        return min(max(day - start, 0), window) / window

    def value(day, ill):
        expected = believed * sum(elapsed(day, start) for start in starts)
        now = math.exp(log_e_value(sum(ill), expected))
        if day == days:
            return now
        chances = []
        for start, is_ill in zip(starts, ill, strict=True):
            passed, then = elapsed(day, start), elapsed(day + 1, start)
            chances.append(0.0 if is_ill else risk * (then - passed) / (1 - risk * passed))
        later = 0.0
        for new in product((False, True), repeat=len(starts)):
            chance = math.prod(c if n else 1 - c for c, n in zip(chances, new, strict=True))
            if chance:
                later += chance * value(day + 1, tuple(a or b for a, b in zip(ill, new, strict=True)))
        return max(now, later)

    return value(0, (False,) * len(starts))


@pytest.mark.parametrize("believed", [0.001, 0.01, 0.3])
@pytest.mark.parametrize("share", [0.2, 1.0])
def test_no_rule_of_stopping_gains_against_treatments_that_elapse(believed, share):
    """A supermartingale under the null risk and its upper bound, for true risks up to risk / (1 + risk)."""
    truth = share * believed / (1 + believed)
    assert best_stopping(truth, believed, starts=(0, 1, 1), window=2, days=4) <= 1 + 1e-12


def test_a_rule_of_stopping_gains_when_the_null_risk_is_too_low():
    assert best_stopping(0.3, 0.1, starts=(0, 1, 1), window=2, days=4) > 1.2


@given(events=st.integers(0, 500), expected=st.floats(0, 500))
def test_more_events_are_more_evidence_and_more_expected_less(events, expected):
    now, more, longer = log_e_value([events, events + 1, events], [expected, expected, expected + 1])
    assert longer < now < more


def picked_by_definition(values, level):
    """The largest set whose members each reach K / (size × level), by trying every set."""
    best = ()
    for size in range(1, len(values) + 1):
        for some in combinations(range(len(values)), size):
            if all(math.exp(values[i]) >= len(values) / (size * level) * (1 - 1e-12) for i in some):
                best = some
    return set(best)


@given(values=st.lists(st.floats(-2, 8), min_size=1, max_size=8), level=st.sampled_from([0.05, 0.1, 0.3]))
@settings(max_examples=100, deadline=None)
def test_e_bh_picks_the_largest_self_consistent_set(values, level):
    found = e_bh(values, level=level)
    assert set(np.flatnonzero(found.picked).tolist()) == picked_by_definition(values, level)
    assert np.all(np.array(values)[found.picked] >= math.log(found.threshold) - 1e-9)


def test_e_bh_worked_example():
    found = e_bh(np.log([60.0, 25.0, 1.0, 0.2]), level=0.1)  # bars: 40, 20, 13.3, 10
    assert found.picked.tolist() == [True, True, False, False]
    assert found.threshold == pytest.approx(20)
    assert e_bh(np.log([39.0, 19.0]), level=0.05).threshold == math.inf


@pytest.mark.slow
def test_false_discovery_rate_over_many_streams():
    rng, level, shares = np.random.default_rng(6), 0.1, []
    for _ in range(300):
        expected = rng.uniform(0.05, 2, 400)
        wrong = rng.random(400) < 0.05
        events = rng.poisson(expected * np.where(wrong, 12, 1))
        picked = e_bh(log_e_value(events, expected), level=level).picked
        shares.append(np.count_nonzero(picked & ~wrong) / max(1, np.count_nonzero(picked)))
    assert np.mean(shares) <= level


@pytest.mark.parametrize(
    ("events", "expected", "prior"),
    [(-1, 1.0, {}), (1.5, 1.0, {}), (1, -1.0, {}), (1, math.inf, {}), (1, 1.0, {"prior_rate": 0.0})],
)
def test_impossible_counts_are_refused(events, expected, prior):
    with pytest.raises(ValueError, match="must be"):
        log_e_value(events, expected, **prior)


@pytest.mark.parametrize(("values", "level"), [([1.0], 0.0), ([1.0], 1.0), ([math.nan], 0.1), ([[1.0]], 0.1)])
def test_impossible_e_values_are_refused(values, level):
    with pytest.raises(ValueError, match="must"):
        e_bh(values, level=level)
