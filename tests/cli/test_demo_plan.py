"""The demonstration's plan: the same from the same seed, and the published picture inside it."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exovigil.cli.demo.places import CLUSTER
from exovigil.cli.demo.plan import make_plan
from exovigil.signals.watch import Event, Exposure, watch, watch_designs

TODAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="module")
def plan():
    return make_plan(20260101, TODAY)


def women(plan):
    return [(p, t) for p, t in plan.treatments if t.reaction and t.reaction.woman]


def test_the_same_seed_gives_the_same_world(plan):
    again, other = make_plan(20260101, TODAY), make_plan(7, TODAY)
    assert plan == again
    assert plan != other


def test_it_is_as_large_as_it_says(plan):
    assert len(plan.treatments) == 1500
    assert {p.clinic for p in plan.patients} == {"alder", "quay", "north"}
    assert {p.product.key for p in plan.patients} == {"adipose", "cord", "plant", "salmon"}
    assert (TODAY - plan.first_day).days > 14 * 30


def test_eight_women_of_26_to_52_years_on_one_human_lot_two_weeks_to_three_months_after(plan):
    found = women(plan)
    ages = sorted(
        t.day.year - p.born_on.year - ((t.day.month, t.day.day) < (p.born_on.month, p.born_on.day))
        for p, t in found
    )
    assert len(found) == 8
    assert (ages[0], ages[-1]) == (26, 52)
    assert {p.sex for p, _ in found} == {"female"}
    assert {t.lot for _, t in found} == {plan.cluster_lot}
    assert {p.product.source_class for p, _ in found} == {"human"}
    days = [(t.reaction.onset_on - t.day).days for _, t in found]
    assert (min(days), max(days)) == (14, 90)


def test_the_women_told_on_days_that_have_come(plan):
    assert all(t.day < t.reaction.onset_on <= t.reaction.told_on <= TODAY for _, t in women(plan))


def test_the_watch_alarms_on_the_lot_at_the_third_woman(plan):
    exposures = [Exposure(t.day, t.lot.product, t.lot.number) for _, t in plan.treatments]
    events = [
        Event(str(n), t.reaction.told_on, t.reaction.onset_on, t.day, t.lot.product, t.lot.number)
        for n, (_, t) in enumerate(plan.treatments)
        if t.reaction and t.reaction.kind in {"cluster", "nodule"}
    ]
    (design,) = watch_designs()
    streams = {s.key.name: r for s, r in watch(exposures, events, events, design, TODAY).streams}
    found = streams[plan.cluster_lot.number].raw
    assert (found.alarm_on, found.alarm_event) == (dt.date(2026, 6, 27), 3)
    assert {name for name, result in streams.items() if result.raw.alarm_on} == {
        plan.cluster_lot.number,
        plan.cluster_lot.product,
    }


@settings(max_examples=25, deadline=None)
@given(st.dates(dt.date(2026, 1, 1), dt.date(2030, 12, 31)), st.integers(0, 2**31))
def test_it_fits_any_day_it_is_built_on(today, seed):
    plan = make_plan(seed, today, treatments=300)
    assert len(plan.treatments) == 300
    assert len(women(plan)) == len(CLUSTER)
    for patient, treatment in plan.treatments:
        assert plan.first_day <= treatment.day <= today
        assert treatment.lot.product == patient.product.key
        assert treatment.lot.first_use <= treatment.day
        assert not treatment.lot.failed
