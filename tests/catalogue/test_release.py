"""May a lot be used: named reasons, worst result counts, nothing missing is overlooked."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.catalogue import release
from exovigil.catalogue.release import Outcome, TestResult, judge

TODAY = dt.date(2026, 3, 12)
LATER = dt.date(2026, 12, 31)
MANDATORY = ("sterility", "endotoxin", "mycoplasma", "identity")


def _all_passed() -> list[TestResult]:
    return [TestResult(t.code, Outcome.PASSED) for t in release.release_tests()]


def _with(code: str, *results: TestResult) -> list[TestResult]:
    return [r for r in _all_passed() if r.code != code] + list(results)


def test_the_mandatory_tests() -> None:
    assert tuple(t.code for t in release.release_tests() if t.level == "mandatory") == MANDATORY


def test_every_row_has_a_source_and_a_read_depth() -> None:
    rows = (*release.release_tests(), release.certificate_rule())
    for row in rows:
        assert row.source.citation
        assert row.source.read_on
        assert row.source.link or not row.source.verified
    assert all(t.source.verified for t in release.release_tests() if t.level != "report")


def test_a_complete_certificate_is_usable() -> None:
    decision = judge(_all_passed(), last_day=LATER, on=TODAY)
    assert decision.usable
    assert decision.notes == ()


def test_an_empty_certificate_names_every_mandatory_test() -> None:
    decision = judge([], last_day=LATER, on=TODAY)
    assert [r.code for r in decision.blocking] == list(MANDATORY)
    assert all(r.kind == "missing" and r.source.citation for r in decision.blocking)
    assert "no growth" in decision.blocking[0].text


@pytest.mark.parametrize("code", MANDATORY)
@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.NOT_DONE, Outcome.UNKNOWN])
def test_each_mandatory_test_blocks_alone(code: str, outcome: Outcome) -> None:
    decision = judge(_with(code, TestResult(code, outcome)), last_day=LATER, on=TODAY)
    assert [r.code for r in decision.blocking] == [code]
    assert decision.blocking[0].kind == ("failed" if outcome is Outcome.FAILED else "missing")


@pytest.mark.parametrize(("value", "usable"), [(0.49, True), (0.5, False), (0.51, False)])
def test_endotoxin_must_be_below_half_a_unit(value: float, usable: bool) -> None:
    results = _with("endotoxin", TestResult("endotoxin", Outcome.PASSED, value))
    decision = judge(results, last_day=LATER, on=TODAY)
    assert decision.usable is usable


def test_a_value_outside_the_limit_beats_a_certificate_that_says_passed() -> None:
    results = _with("endotoxin", TestResult("endotoxin", Outcome.PASSED, 2))
    decision = judge(results, last_day=LATER, on=TODAY)
    assert "2 EU/mL" in decision.blocking[0].text
    assert [r.kind for r in decision.notes] == ["contradiction"]


def test_not_a_number_never_passes() -> None:
    results = _with("endotoxin", TestResult("endotoxin", Outcome.PASSED, float("nan")))
    assert not judge(results, last_day=LATER, on=TODAY).usable


@pytest.mark.parametrize(("value", "inside"), [(79.9, False), (80, True), (120, True), (120.1, False)])
def test_particles_within_a_fifth_of_the_label(value: float, inside: bool) -> None:
    (test,) = (t for t in release.release_tests() if t.code == "particle_concentration")
    assert release.within_limit(test, value) is inside


def test_a_repeat_that_passes_does_not_hide_a_failure() -> None:
    results = [*_all_passed(), TestResult("sterility", Outcome.FAILED)]
    assert [r.code for r in judge(results, last_day=LATER, on=TODAY).blocking] == ["sterility"]


def test_a_missing_expected_test_is_said_but_does_not_block() -> None:
    decision = judge(_with("potency"), last_day=LATER, on=TODAY)
    assert decision.usable
    assert [r.code for r in decision.notes] == ["potency"]


def test_a_failed_expected_test_blocks() -> None:
    decision = judge(_with("potency", TestResult("potency", Outcome.FAILED)), last_day=LATER, on=TODAY)
    assert [r.code for r in decision.blocking] == ["potency"]


@pytest.mark.parametrize(
    ("last_day", "kinds"), [(TODAY, []), (dt.date(2026, 3, 11), ["expired"]), (None, ["expiry not known"])]
)
def test_expiry(last_day: dt.date | None, kinds: list[str]) -> None:
    assert [r.kind for r in judge(_all_passed(), last_day=last_day, on=TODAY).blocking] == kinds


def test_a_misspelt_test_is_not_dropped() -> None:
    with pytest.raises(KeyError, match="no release test 'sterilty'"):
        judge([TestResult("sterilty", Outcome.PASSED)], last_day=LATER, on=TODAY)


def test_all_combinations_of_the_mandatory_tests() -> None:
    others = [r for r in _all_passed() if r.code not in MANDATORY]
    for outcomes in itertools.product(Outcome, repeat=4):
        results = others + [TestResult(c, o) for c, o in zip(MANDATORY, outcomes, strict=True)]
        decision = judge(results, last_day=LATER, on=TODAY)
        assert decision.usable is all(o is Outcome.PASSED for o in outcomes)
        expected = [c for c, o in zip(MANDATORY, outcomes, strict=True) if o is not Outcome.PASSED]
        assert [r.code for r in decision.blocking] == expected


results = st.lists(
    st.builds(
        TestResult,
        st.sampled_from([t.code for t in release.release_tests()]),
        st.sampled_from(list(Outcome)),
        st.none() | st.floats(0, 1000),
    )
)


@given(results, st.randoms())
def test_the_order_of_results_does_not_matter(rows: list[TestResult], random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = (judge(r, last_day=LATER, on=TODAY) for r in (rows, shuffled))
    assert {(r.code, r.kind) for r in one.blocking} == {(r.code, r.kind) for r in other.blocking}


@given(results)
def test_a_failure_more_never_frees_a_lot(rows: list[TestResult]) -> None:
    worse = [*rows, TestResult("sterility", Outcome.FAILED)]
    assert not judge(worse, last_day=LATER, on=TODAY).usable
