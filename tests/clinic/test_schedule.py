"""Follow-up visits in calendar days, against a day-by-day oracle."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.clinic import schedule
from exovigil.clinic.schedule import VisitState

TREATED = dt.date(2026, 3, 12)
dates = st.dates(dt.date(2000, 1, 1), dt.date(2090, 12, 31))


def test_every_visit_has_a_source_and_a_read_depth() -> None:
    for visit in schedule.visits():
        assert visit.why
        assert visit.sources
        assert all(source.read_depth and source.read_on for source in visit.sources)


def test_the_protocol() -> None:
    days = {visit.code: visit.target_day for visit in schedule.visits()}
    assert days == {
        "day_1_3": 2,
        "week_2": 14,
        "week_4": 28,
        "week_8": 56,
        "week_12": 84,
        "week_24": 168,
        "month_12": 365,
    }


def test_visits_cover_two_weeks_to_three_months() -> None:
    inside = [v for v in schedule.visits() if 14 <= v.target_day <= 92]
    assert [v.code for v in inside] == ["week_2", "week_4", "week_8", "week_12"]


def test_worked_example() -> None:
    week_8 = schedule.plan(TREATED)[3]
    assert (week_8.opens, week_8.due, week_8.closes) == (
        dt.date(2026, 4, 30),
        dt.date(2026, 5, 7),
        dt.date(2026, 5, 14),
    )


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (dt.date(2026, 4, 29), VisitState.UPCOMING),
        (dt.date(2026, 4, 30), VisitState.OPEN),
        (dt.date(2026, 5, 6), VisitState.OPEN),
        (dt.date(2026, 5, 7), VisitState.DUE),
        (dt.date(2026, 5, 8), VisitState.OVERDUE),
        (dt.date(2026, 5, 14), VisitState.OVERDUE),
        (dt.date(2026, 5, 15), VisitState.MISSED),
    ],
)
def test_states_around_the_window(on: dt.date, state: VisitState) -> None:
    assert schedule.plan(TREATED)[3].state(on) is state


def test_done_counts_only_once_it_happened() -> None:
    week_8 = schedule.plan(TREATED)[3]
    done = dt.date(2026, 5, 20)
    assert week_8.state(done, done_on=done) is VisitState.DONE
    assert week_8.state(dt.date(2026, 5, 19), done_on=done) is VisitState.MISSED


def test_a_leap_day_is_a_day() -> None:
    assert schedule.plan(dt.date(2028, 2, 28))[0].due == dt.date(2028, 3, 1)


@given(dates)
def test_windows_never_overlap(treated_on: dt.date) -> None:
    rows = schedule.plan(treated_on)
    for earlier, later in itertools.pairwise(rows):
        assert earlier.closes < later.opens
    assert all(row.opens <= row.due <= row.closes for row in rows)


@given(dates)
def test_states_only_ever_move_forward(treated_on: dt.date) -> None:
    order = [VisitState.UPCOMING, VisitState.OPEN, VisitState.DUE, VisitState.OVERDUE, VisitState.MISSED]
    for row in schedule.plan(treated_on)[:3]:
        seen = [row.state(treated_on + dt.timedelta(days=d)) for d in range(60)]
        ranks = [order.index(state) for state in seen]
        assert ranks == sorted(ranks)
        assert set(seen) == set(order)
        assert seen.count(VisitState.DUE) == 1
