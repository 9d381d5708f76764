"""Red flags among the reactions asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.clinic import solicited
from exovigil.clinic.solicited import red_flags

CODES = [reaction.code for reaction in solicited.reactions()]
answers = st.dictionaries(st.sampled_from(CODES), st.none() | st.integers(0, 3))


def _codes(given_answers: dict[str, int | None], days: int | None) -> list[str]:
    return [flag.reaction.code for flag in red_flags(given_answers, days)]


def test_every_row_has_a_source_and_a_read_depth() -> None:
    for row in (*solicited.reactions(), *solicited.severities()):
        assert row.sources
        assert all(source.read_depth and source.read_on for source in row.sources)
    assert [row.grade for row in solicited.severities()] == [0, 1, 2, 3]


def test_the_local_skin_responses_of_the_trial_are_all_asked_for() -> None:
    asked = {r.code for r in solicited.reactions() if any(s.key == "nct05523011" for s in r.sources)}
    assert asked == {
        "erythema",
        "scaling",
        "crusting",
        "swelling",
        "vesicle_pustule",
        "erosion_ulcer",
        "darkening",
        "lightening",
        "scar",
    }


@pytest.mark.parametrize(
    "code", ["nodule", "erosion_ulcer", "vesicle_pustule", "blackening", "fever", "allergic"]
)
def test_red_at_any_time_and_severity(code: str) -> None:
    for days in (0, 1, 400, None):
        for grade in (1, 2, 3):
            assert _codes({code: grade}, days) == [code]


def test_mild_redness_is_usual_early_and_a_flag_after_two_weeks() -> None:
    assert _codes({"erythema": 1}, 13) == []
    (flag,) = red_flags({"erythema": 1}, 14)
    assert flag.late
    assert _codes({"erythema": 3}, 1) == ["erythema"]


def test_unknown_time_since_treatment_is_treated_as_late() -> None:
    assert _codes({"swelling": 1}, None) == ["swelling"]


@pytest.mark.parametrize("code", ["scaling", "darkening", "lightening", "scar"])
def test_counted_but_never_red(code: str) -> None:
    assert _codes({code: 3}, 100) == []


@given(answers, st.none() | st.integers(0, 400))
def test_none_and_not_known_are_never_flags(given_answers: dict[str, int | None], days: int | None) -> None:
    assert all(flag.grade >= 1 for flag in red_flags(given_answers, days))


@given(answers, st.integers(0, 400), st.integers(0, 400))
def test_time_never_takes_a_flag_away(given_answers: dict[str, int | None], one: int, other: int) -> None:
    early, late = sorted((one, other))
    assert set(_codes(given_answers, early)) <= set(_codes(given_answers, late))


@given(st.sampled_from(CODES), st.integers(0, 2), st.integers(0, 400))
def test_worse_is_never_less_red(code: str, grade: int, days: int) -> None:
    assert len(red_flags({code: grade}, days)) <= len(red_flags({code: grade + 1}, days))


def test_a_misspelt_reaction_or_grade_is_not_dropped() -> None:
    with pytest.raises(KeyError, match="no reaction 'lump'"):
        red_flags({"lump": 1}, 1)
    with pytest.raises(ValueError, match="severity 4 is not on the scale"):
        red_flags({"nodule": 4}, 1)
