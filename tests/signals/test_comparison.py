"""A lot or product beside its fellows and beside the needle alone: exact, honest about what the data cannot say."""

import dataclasses
import datetime as dt
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from exovigil.signals.comparison import Side, compare, compare_count
from exovigil.signals.watch import Exposure
from exovigil.statistics.conditional_maxsprt import conditional_critical_value, conditional_ratio
from tests.signals.test_watch import AS_OF, CLUSTER, DESIGN, LOT, day, event

FELLOWS = [Exposure(day(i - 400), "P", f"F{i % 4}") for i in range(240)]
QUIET = [event(f"B{n}", at, 30, at + 40, lot="F1") for n, at in enumerate((-380, -300, -250))]


def beside(events, *, exposures=(*LOT, *FELLOWS), as_of=AS_OF, product="P", lot="L1"):
    return compare(product, lot, exposures, events, DESIGN, as_of)


def test_worked_example_eight_of_120_against_three_of_240():
    others, products = beside([*CLUSTER, *QUIET])
    assert (others.own.treatments, others.own.events, others.other.treatments, others.other.events) == (
        120,
        8,
        240,
        3,
    )
    assert (others.own.at_risk, others.other.at_risk) == pytest.approx((120, 240))
    assert others.expected == pytest.approx(1.5)
    assert others.ratio.estimate == pytest.approx(16 / 3)
    assert others.ratio.p_higher == pytest.approx(binom.sf(7, 11, 1 / 3))
    assert others.words.startswith("The rate here is higher: 1.3 to 31 times that with other lots")
    assert (products.against, products.own) == ("all other products", others.own)
    assert (products.ratio, products.expected, products.sequential) == (None, None, None)
    assert products.words.startswith("No treatment with another product is recorded")


def test_the_conditional_test_goes_by_the_rate_before_the_lot_opened():
    test = beside([*CLUSTER, *QUIET])[0].sequential
    assert test.critical.history == 3
    until = day(-250 + 40)
    at_risk = sum(
        min(1.0, max(0.0, ((until - e.treated_on).days - 13) / 79)) for e in FELLOWS if e.treated_on <= until
    )
    assert test.history_at_risk == pytest.approx(at_risk)
    assert (
        test.critical.value
        == conditional_critical_value(history=3, alpha=0.05, min_events=3, max_events=25).value
    )
    ratios = {}
    for number, case in enumerate(CLUSTER, 1):
        mine = sum(min(1.0, max(0.0, ((case.received_on - e.treated_on).days - 13) / 79)) for e in LOT)
        ratios[case.received_on] = conditional_ratio(number, mine / at_risk, 3)
    assert test.highest == pytest.approx(max(ratios.values()))
    over = [
        on
        for number, (on, ratio) in enumerate(ratios.items(), 1)
        if number >= 3 and ratio >= test.critical.value
    ]
    assert test.crossed_on == over[0] == day(61)


def test_later_events_of_other_lots_do_not_change_the_rate_before():
    later = [event(f"N{n}", -10, 60, 55 + n, lot="F0") for n in range(5)]
    before, after = (beside([*CLUSTER, *QUIET, *more])[0] for more in ((), later))
    assert after.sequential == before.sequential
    assert after.other.events == before.other.events + 5


def test_a_product_is_compared_with_all_other_products_and_with_its_own_past():
    exposures = [*LOT, *(Exposure(e.treated_on, "Q", e.lot) for e in FELLOWS)]
    events = [*CLUSTER, *(dataclasses.replace(e, product="Q") for e in QUIET)]
    (whole,) = beside(events, exposures=exposures, lot=None)
    lots, products = beside(events, exposures=exposures)
    assert (whole.against, whole.own.events, whole.other.events) == ("all other products", 8, 3)
    assert whole.ratio == products.ratio == beside([*CLUSTER, *QUIET])[0].ratio
    assert (whole.sequential.crossed_on, lots.other.treatments) == (day(61), 0)
    assert "3 events in" in whole.sequential_words
    assert whole.sequential_words.startswith("More than the earlier rate of all other products explains")


def test_treatments_without_an_active_product_are_a_comparison_of_their_own():
    saline = [Exposure(e.treated_on, "S", f"S-{e.lot}") for e in FELLOWS]
    reacted = [dataclasses.replace(e, product="S", lot=f"S-{e.lot}") for e in QUIET[:1]]
    lots, products, alone = compare(
        "P", "L1", [*LOT, *saline], [*CLUSTER, *reacted], DESIGN, AS_OF, frozenset({"S"})
    )
    assert (lots.other.treatments, products.other.treatments) == (0, 0)
    assert alone.against == "treatments without an active product"
    assert (alone.other.treatments, alone.other.events) == (len(FELLOWS), 1)
    assert alone.words.startswith("The rate here is higher")


def test_saline_in_alarm_is_compared_with_products_and_not_with_itself():
    exposures = [*LOT, *(Exposure(e.treated_on, "Q", e.lot) for e in FELLOWS)]
    found = compare("P", None, exposures, CLUSTER, DESIGN, AS_OF, frozenset({"P"}))
    assert [row.against for row in found] == ["all other products"]


def test_against_the_needle_alone():
    own = beside(CLUSTER)[0].own
    needling = compare_count(own, 1, 100)
    assert needling.other == Side(100, 100.0, 1)
    assert needling.expected == pytest.approx(1.2)
    assert needling.ratio.estimate == pytest.approx((8 / 120) / (1 / 100))
    assert needling.words.startswith("The data cannot tell it from microneedling without product")
    assert (needling.sequential, needling.sequential_words[:21]) == (None, "A count without dates")


@pytest.mark.parametrize(
    ("events", "exposures", "as_of", "words"),
    [
        ([], LOT, AS_OF, "No treatment with another lot of the product"),
        ([], (*LOT, *FELLOWS), AS_OF, "Neither side has an event"),
        ([], (*LOT, *FELLOWS), day(5), "No risk window has begun after treatment with what is in alarm"),
        (CLUSTER, (*LOT, Exposure(AS_OF, "P", "F9")), AS_OF, "No risk window has begun after treatment with another"),
        (CLUSTER, (*LOT, *FELLOWS), AS_OF, "The rate here is higher: 3.4 to any number of times"),
        (CLUSTER, FELLOWS, AS_OF, "No treatment in alarm is recorded, so it has no rate"),
        (QUIET * 4, (*LOT, *FELLOWS[:40]), AS_OF, "The rate here is lower: 0 to "),
    ],
)  # fmt: skip
def test_words_when_the_data_cannot_say(events, exposures, as_of, words):
    assert beside(events, exposures=exposures, as_of=as_of)[0].words.startswith(words)


def test_without_an_earlier_event_there_is_no_conditional_test():
    found = beside(CLUSTER)[0]
    assert found.sequential is None
    assert "no earlier rate to go by" in found.sequential_words


def test_events_outside_the_window_of_another_product_or_without_a_lot_are_on_neither_side():
    stray = [
        event("E", 1, 13, 20),
        event("U", 1, None, 20),
        event("Q", 1, 30, 40, product="Q", lot="Q1"),
        dataclasses.replace(event("X", 1, 30, 40), lot=None),
    ]
    exposures = (*LOT, *FELLOWS, Exposure(day(1), "P"), Exposure(day(1), "Q", "Q1"))
    assert beside([*CLUSTER, *QUIET, *stray], exposures=exposures)[:1] == beside([*CLUSTER, *QUIET])[:1]


def test_events_before_any_treatment_was_recorded_are_counted_and_not_tested():
    found = beside([*CLUSTER, *QUIET], exposures=FELLOWS)[0]
    assert (found.own, found.ratio, found.sequential) == (Side(0, 0.0, 8), None, None)


row = st.tuples(
    st.integers(0, 200), st.integers(14, 92), st.integers(0, 40), st.sampled_from(["L1", "F1", "F2"])
)


@given(rows=st.lists(row, max_size=25), until=st.integers(60, 400))
@settings(max_examples=60, deadline=None)
def test_counted_and_weighed_as_by_hand(rows, until):
    """Against counting day by day and summing binomial chances one by one."""
    exposures = [Exposure(day(at), "P", lot) for at, _, _, lot in rows] + [Exposure(day(0), "P", "L1")]
    events = [
        event(str(n), at, onset, at + onset + late, lot=lot) for n, (at, onset, late, lot) in enumerate(rows)
    ]
    found = beside(events, exposures=exposures, as_of=day(until))[0]

    def by_hand(mine):
        days = [e.treated_on for e in exposures if (e.lot == "L1") == mine and e.treated_on <= day(until)]
        passed = sum(sum(on + dt.timedelta(days=d) <= day(until) for d in range(14, 93)) / 79 for on in days)
        return passed, sum(e.received_on <= day(until) and (e.lot == "L1") == mine for e in events)

    (own, n), (other, m) = by_hand(True), by_hand(False)
    assert (found.own.at_risk, found.other.at_risk) == pytest.approx((own, other))
    assert (found.own.events, found.other.events) == (n, m)
    if own and other:
        share = own / (own + other)
        chance = sum(math.comb(n + m, k) * share**k * (1 - share) ** (n + m - k) for k in range(n, n + m + 1))
        assert found.ratio.p_higher == pytest.approx(chance, abs=1e-9)
        assert found.expected == pytest.approx(m * own / other)
        assert (
            found.ratio.low <= (n / own) / (m / other) <= found.ratio.high
            if m
            else found.ratio.high == math.inf
        )
