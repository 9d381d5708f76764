"""How long cases waited: those that still wait are in every figure, and few cases are called few."""

from hypothesis import given
from hypothesis import strategies as st

from exovigil.statistics.time_to_onset import Ending, cumulative_incidence, median_time
from exovigil.vigilance.waiting import FEW, Wait, measure, measure_each

WAITS, GOT, ENDED = Ending.STILL_WATCHED, Ending.ONSET, Ending.LOST
waits = st.lists(
    st.builds(Wait, st.sampled_from(["Alder", "Quay"]), st.integers(0, 60), st.sampled_from(list(Ending))),
    max_size=30,
)


def test_a_case_that_still_waits_moves_the_median():
    done = [Wait("A", day, GOT) for day in (5, 10, 20)]
    assert measure("A", done).median.days == 10
    assert measure("A", [*done, *[Wait("A", 40, WAITS)] * 3]).median.days == 20
    late = measure("A", [*done, *[Wait("A", 40, WAITS)] * 4])
    assert (late.median.days, late.waiting, late.cases) == (None, 4, 7)


def test_what_can_no_longer_happen_competes():
    rows = [Wait("A", 5, ENDED), Wait("A", 5, ENDED), Wait("A", 9, GOT), Wait("A", 12, WAITS)]
    found = measure("A", rows, undated=2)
    assert (found.reached, found.waiting, found.ended, found.undated, found.cases) == (1, 1, 2, 2, 6)
    assert found.curve.incidence.tolist()[-1] == 0.25


def test_nobody_with_a_day_gives_no_figure():
    found = measure("A", [], undated=1)
    assert (found.curve, found.median, found.cases, found.interval) == (
        None,
        None,
        1,
        "no interval can be given",
    )


def test_the_interval_in_words():
    assert measure("A", [Wait("A", 5, GOT)]).interval == "no interval can be given"
    rows = [Wait("A", day, GOT) for day in range(1, 21)]
    assert measure("A", rows).interval == "5 to 15"  # 1 - 0.30 ** 0.5735 = 0.4986 on day 14, 0.551 on day 15
    few = [Wait("A", 5, GOT), Wait("A", 9, WAITS), Wait("A", 9, WAITS)]
    assert measure("A", few).interval == "5 or later"


def test_fewer_than_ten_cases_with_a_day_are_few():
    rows = [Wait("A", 5, GOT)] * (FEW - 1)
    assert measure("A", rows, undated=5).is_few
    assert not measure("A", [*rows, Wait("A", 9, WAITS)]).is_few


@given(waits, st.lists(st.sampled_from(["Alder", "Quay"]), max_size=4))
def test_every_case_is_counted_once_at_its_clinic_and_once_together(rows, undated):
    found = measure_each(rows, undated, together="All")
    names = sorted({row.clinic for row in rows} | set(undated))
    if len(names) < 2:
        assert [row.clinic for row in found] == names
        return
    together, *each = found
    assert [row.clinic for row in each] == names
    for count in ("cases", "reached", "waiting", "ended", "undated"):
        assert getattr(together, count) == sum(getattr(row, count) for row in each)
    if rows:
        straight = cumulative_incidence([r.days for r in rows], [r.ending for r in rows])
        assert together.median == median_time(straight)
