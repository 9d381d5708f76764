"""The watch on lots and products: the scenario it exists for, type I error, and its edges."""

import dataclasses
import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.foundation.content import ReadDepth
from exovigil.signals.second_opinion import sensitivity
from exovigil.signals.watch import (
    Event,
    Exposure,
    StreamKey,
    StreamState,
    critical_value,
    open_streams,
    run_stream,
    stream_alpha,
    watch,
    watch_designs,
)
from exovigil.statistics.maxsprt import poisson_critical_value

(DESIGN,) = watch_designs()
DAY_0 = dt.date(2026, 1, 5)
AS_OF = dt.date(2026, 9, 30)


def day(number: int) -> dt.date:
    return DAY_0 + dt.timedelta(days=number)


def event(case: str, treated: int, onset: int | None, received: int, **more: str) -> Event:
    """A case with its days counted from the first treatment of the lot; ``onset`` is after treatment."""
    onset_on = None if onset is None else day(treated + onset)
    return Event(case, day(received), onset_on, day(treated), more.get("product", "P"), more.get("lot", "L1"))


LOT = [Exposure(day(i), "P", "L1") for i in range(120)]  # one treatment a day for four months
CLUSTER = [  # onset 14 to 90 days after treatment, told of a few days later
    event("C1", 2, 30, 36),
    event("C2", 9, 41, 55),
    event("C3", 20, 37, 61),
    event("C4", 31, 14, 66),
    event("C5", 33, 62, 99),
    event("C6", 52, 70, 124),
    event("C7", 60, 88, 150),
    event("C8", 71, 90, 170),
]


def run(events, *, kept=None, exposures=LOT, design=DESIGN, alpha=0.05, as_of=AS_OF):
    return run_stream(exposures, events, events if kept is None else kept, design, alpha, as_of)


def test_the_lot_alarms_at_the_third_report_of_eight():
    streams = {s.key: (s, r) for s, r in watch(LOT, CLUSTER, CLUSTER, DESIGN, AS_OF).streams}
    stream, found = streams[StreamKey("lot", "L1")]
    assert set(streams) == {StreamKey("lot", "L1"), StreamKey("product", "P")}
    assert stream.alpha == pytest.approx(0.05 / 2 * (1 - 2**-0.5))
    assert (found.raw.alarm_on, found.raw.alarm_event) == (day(61), 3)
    assert found.deduplicated == found.raw
    assert (found.state, found.treatments, found.raw.events) == (StreamState.ALARM, 120, 8)
    assert found.expected == pytest.approx(0.12)
    assert not found.expected_missing


def test_worked_example_of_expected_events():
    found = run([], exposures=[Exposure(day(0), "P"), Exposure(day(10), "P")], as_of=day(30))
    assert found.expected == pytest.approx(0.001 * (17 / 79 + 7 / 79))  # days 14 … 30 and 14 … 20


def test_the_chart_boundary_agrees_with_the_alarms():
    found = run(CLUSTER)
    limits = {point.events: point.expected for point in found.boundary}
    assert [p.on for p in found.path] == [e.received_on for e in CLUSTER]
    for point in found.path:
        inside = point.raw in limits and point.expected <= limits[point.raw]
        assert inside == (point.llr_raw >= found.critical.value and point.raw >= 3)
    assert min(limits) == 3
    assert list(limits.values()) == sorted(limits.values())


def test_deduplication_is_shown_beside_the_raw_count_and_delays_its_own_alarm_only():
    found = run(CLUSTER, kept=[CLUSTER[0], *CLUSTER[2:]])
    assert (found.raw.alarm_on, found.raw.events) == (day(61), 8)
    assert (found.deduplicated.alarm_on, found.deduplicated.alarm_event) == (day(66), 3)
    assert found.deduplicated.events == 7


def test_events_outside_the_window_or_without_onset_are_shown_apart():
    early, late, unknown = event("E", 2, 13, 20), event("L", 2, 93, 100), event("U", 2, None, 50)
    found = run([early, late, unknown, event("A", 2, 14, 40), event("B", 2, 92, 110)])
    assert found.outside_window == (early, late)
    assert found.unknown_onset == (unknown,)
    assert found.raw.events == 2


def test_a_watch_knows_only_what_was_received_by_its_date():
    found = run(CLUSTER, as_of=day(60))
    assert (found.raw.events, found.state, found.treatments) == (2, StreamState.WATCHING, 61)
    assert run(CLUSTER, as_of=day(61)).state is StreamState.ALARM


@given(st.integers(0, 268))
@settings(max_examples=30, deadline=None)
def test_an_alarm_once_raised_stands_on_every_later_day(later):
    assert run(CLUSTER, as_of=day(61 + later)).raw.alarm_on == day(61)


def test_before_everything_a_stream_is_not_open():
    found = run(CLUSTER, as_of=day(-1))
    assert (found.state, found.expected, found.treatments) == (StreamState.NOT_OPEN, 0.0, 0)
    assert found.first_treated_on is None
    assert watch(LOT, CLUSTER, CLUSTER, DESIGN, day(-1)).streams == ()


def test_events_without_recorded_treatments_alarm_and_say_that_the_denominator_is_missing():
    found = run(CLUSTER, exposures=[])
    assert (found.state, found.raw.alarm_event, found.raw.llr) == (StreamState.ALARM, 3, math.inf)
    assert found.expected_missing


def test_past_the_upper_limit_the_design_is_exhausted_and_never_alarms():
    small = dataclasses.replace(DESIGN, upper_limit=0.05)
    late = [event(f"C{n}", 80, 60, 250) for n in range(6)]
    found = run(late, design=small, alpha=1e-6)
    assert (found.state, found.raw.alarm_on, found.raw.events) == (StreamState.EXHAUSTED, None, 6)
    assert run(CLUSTER, design=small, alpha=0.01).state is StreamState.ALARM  # earlier alarms stand


def test_sensitivity_to_the_null_risk():
    rows = sensitivity(LOT, CLUSTER, CLUSTER, DESIGN, 0.001, AS_OF)
    assert [row.null_risk for row in rows] == list(DESIGN.sensitivity_null_risks)
    numbers = [row.raw.alarm_event or math.inf for row in rows]
    assert numbers == sorted(numbers)
    assert numbers[0] == numbers[3] == 3
    assert numbers[-1] > 3
    assert rows[-1].expected == pytest.approx(1.2)


def test_a_case_of_unknown_product_and_lot_is_handed_back():
    lost = Event("X", day(40), day(30), day(1))
    known = event("Y", 1, 30, 40)
    found = watch(LOT, [lost, known], [lost, known], DESIGN, AS_OF)
    assert found.unassigned == (lost,)
    assert all(result.raw.events == 1 for _, result in found.streams)


def test_streams_open_in_order_of_first_treatment_and_keep_ranks_given_out():
    exposures = [Exposure(day(5), "P", "B"), Exposure(day(5), "P", "A"), Exposure(day(9), "P", "C")]
    ranks = {s.key: s.rank for s in open_streams(exposures, [], DESIGN, AS_OF)}
    lot_a, lot_b, lot_c = (StreamKey("lot", name) for name in "ABC")
    assert ranks == {lot_a: 1, lot_b: 2, lot_c: 3, StreamKey("product", "P"): 1}
    backdated = [*exposures, Exposure(day(1), "P", "Z")]
    later = {s.key: s.rank for s in open_streams(backdated, [], DESIGN, AS_OF, ranks)}
    assert later == {**ranks, StreamKey("lot", "Z"): 4}


@given(products=st.integers(0, 400), lots=st.integers(0, 400), decay=st.floats(0.05, 1))
@settings(max_examples=40)
def test_the_family_never_spends_more_than_alpha(products, lots, decay):
    design = dataclasses.replace(DESIGN, decay=decay)
    spent = [stream_alpha(design, "product", k + 1) for k in range(products)]
    spent += [stream_alpha(design, "lot", k + 1) for k in range(lots)]
    assert math.fsum(spent) <= design.alpha


@given(products=st.integers(0, 40), lots=st.integers(0, 40), decay=st.floats(0.05, 1))
@settings(max_examples=10, deadline=None)
def test_the_boundaries_together_cost_no_more_than_alpha_and_no_stream_more_than_its_share(
    products, lots, decay
):
    design, spent = dataclasses.replace(DESIGN, decay=decay), []
    for kind, count in (("product", products), ("lot", lots)):
        for rank in range(1, count + 1):
            share = stream_alpha(design, kind, rank)
            found = critical_value(design.of(kind), share)
            assert found.alpha_spent <= share * (1 + 1e-8)
            spent.append(found.alpha_spent)
    assert math.fsum(spent) <= design.alpha


def test_a_lot_is_watched_to_its_own_limit_and_a_product_to_its():
    streams = {s.key.kind: r for s, r in watch(LOT, [], [], DESIGN, AS_OF).streams}
    assert streams["lot"].critical.upper_limit == DESIGN.lot_upper_limit == 1
    assert streams["product"].critical.upper_limit == DESIGN.upper_limit == 10
    assert streams["lot"].alpha == streams["product"].alpha
    assert streams["lot"].boundary[0].expected > streams["product"].boundary[0].expected


# ---- the rule for the expected count: elapsed share, against the two that are wrong ----


def first_alarm(treated, received, share, critical, risk):
    """Day of the first alarm under any ``share`` of the days since treatment; None without one."""
    for number, on in enumerate(received, start=1):
        if critical.crossed_by(number, risk * share(on - treated).sum()):
            return on
    return None


def whole_at_once(days):
    return (days >= 0).astype(float)


def only_complete(days):
    return (days >= DESIGN.window_end_days).astype(float)


def test_counting_treatments_whole_at_once_alarms_later():
    critical = poisson_critical_value(upper_limit=10.0, alpha=1e-4, min_events=3)
    treated, received = np.arange(120), [(e.received_on - DAY_0).days for e in CLUSTER]
    wrong = first_alarm(treated, received, whole_at_once, critical, DESIGN.null_risk)
    right = run(CLUSTER, alpha=1e-4).raw
    assert (right.alarm_on, right.alarm_event) == (day(61), 3)
    assert wrong == 66


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 119), st.integers(14, 92), st.integers(0, 90)), min_size=3, max_size=10
    ),
    alpha=st.sampled_from([0.05, 1e-3, 1e-5]),
)
@settings(max_examples=60, deadline=None)
def test_reports_on_their_way_never_raise_an_alarm_that_prompt_ones_would_not_have_raised_before(rows, alpha):
    late = [event(str(n), at, onset, at + onset + wait) for n, (at, onset, wait) in enumerate(rows)]
    prompt = [event(str(n), at, onset, at + onset) for n, (at, onset, _) in enumerate(rows)]
    found, sooner = (run(events, alpha=alpha, as_of=day(400)).raw.alarm_on for events in (late, prompt))
    assert found is None or sooner <= found


def test_what_was_expected_is_taken_by_the_latest_onset_known_and_a_partial_one_as_late_as_it_can_be():
    cases = [event("A", 2, 20, 90), event("B", 9, 30, 95), event("C", 9, 40, 160)]
    expected = [
        DESIGN.null_risk * sum(min(1, max(0, (on - 13 - i) / 79)) for i in range(120)) for on in (22, 39, 49)
    ]
    assert [p.expected for p in run(cases).path] == pytest.approx(expected)
    partial = dataclasses.replace(cases[2], onset_by=day(70))
    later = DESIGN.null_risk * sum(max(0, (70 - 13 - i) / 79) for i in range(120))
    assert run([*cases[:2], partial]).path[-1].expected == pytest.approx(later)
    impossible = dataclasses.replace(cases[0], onset_by=day(300))
    as_received = DESIGN.null_risk * sum(min(1, max(0, (90 - 13 - i) / 79)) for i in range(91))
    assert run([impossible]).path[0].expected == pytest.approx(as_received)


def test_type_one_error_of_the_elapsed_share_and_of_complete_windows_only():
    """Nothing is wrong: 300 treatments at the null risk, onset uniform, reported on the day."""
    rng, alpha, worlds, risk = np.random.default_rng(20260105), 0.05, 1500, 0.03
    design = dataclasses.replace(DESIGN, null_risk=risk, null_risk_upper=risk, min_events=1, upper_limit=9.0)
    critical = poisson_critical_value(upper_limit=9.0, alpha=alpha)
    treated = np.sort(rng.integers(0, 150, size=300))
    exposures = [Exposure(day(int(t)), "P") for t in treated]
    ours = complete = 0
    for _ in range(worlds):
        ill = treated[rng.random(300) < risk]
        onsets = ill + rng.integers(14, 93, size=len(ill))
        events = [
            Event(str(i), day(int(on)), day(int(on)), day(int(t)))
            for i, (t, on) in enumerate(zip(ill, onsets, strict=True))
        ]
        ours += run_stream(exposures, events, events, design, alpha, AS_OF).raw.alarm_on is not None
        complete += first_alarm(treated, np.sort(onsets), only_complete, critical, risk) is not None
    error = 3 * math.sqrt(alpha * (1 - alpha) / worlds)
    assert ours / worlds <= alpha + error
    assert ours / worlds > alpha / 5  # the guarantee is used, not bought by never alarming
    assert complete / worlds > 5 * alpha


def test_the_shipped_design_says_where_its_numbers_come_from():
    assert (DESIGN.window_start_days, DESIGN.window_end_days, DESIGN.null_risk) == (14, 92, 0.001)
    assert DESIGN.window_source.doi == "10.1002/der2.242"
    assert DESIGN.null_risk_source.read_depth is ReadDepth.DESIGN
    assert "0.01-1 %" in DESIGN.null_risk_source.note
    assert DESIGN.null_risk in DESIGN.sensitivity_null_risks
    assert DESIGN.null_risk < DESIGN.null_risk_upper == 0.01  # the upper end of what the note cites


@pytest.mark.parametrize(
    "wrong",
    [
        {"window_end_days": 3},
        {"null_risk": 0.0},
        {"null_risk_upper": 1.0},
        {"alpha": 0.9},
        {"min_events": 0},
        {"upper_limit": 0.0},
        {"lot_upper_limit": 0.0},
        {"null_risk_upper": 0.0005},
        {"product_share": 1.5},
        {"decay": 0.0},
    ],
)
def test_a_design_that_cannot_be_computed_is_refused(wrong):
    with pytest.raises(ValueError, match="out of range"):
        dataclasses.replace(DESIGN, **wrong)
