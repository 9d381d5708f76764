"""vigiGrade: every combination of penalties against the published table read by hand, and what a case shows of it."""

import itertools
from fractions import Fraction

import pytest
from django.urls import reverse
from django_scopes import scopes_disabled

from exovigil.vigilance import queries
from exovigil.vigilance.completeness import completeness, levels, penalties
from exovigil.vigilance.completeness_of import completeness_of
from exovigil.vigilance.models import Case

# PMC9503115, typed in a second time from the table and not read from the content file.
TABLE = {
    "onset": {"given": "0", "missing": "0.5", "uncertain": "0.3", "imprecise": "0.1"},
    "indication": {"given": "0", "missing": "0.3"},
    "outcome": {"given": "0", "missing": "0.3"},
    "sex": {"given": "0", "missing": "0.3"},
    "age": {"given": "0", "missing": "0.3", "group": "0.1"},
    "dose": {"given": "0", "missing": "0.1"},
    "country": {"given": "0", "missing": "0.1"},
    "reporter": {"given": "0", "missing": "0.1"},
    "report_type": {"given": "0", "missing": "0.1"},
    "comments": {"given": "0", "missing": "0.1"},
}
COMPLETE = dict.fromkeys(TABLE, "given")


def test_all_3072_combinations_are_exact():
    seen = 0
    for combination in itertools.product(*(TABLE[d].items() for d in TABLE)):
        expected = Fraction(1)
        for _, penalty in combination:
            expected *= 1 - Fraction(penalty)
        found = completeness(dict(zip(TABLE, (level for level, _ in combination), strict=True)))
        assert Fraction(found.score) == expected
        assert found.well_documented == (expected > Fraction(4, 5))
        assert len(found.lost) == sum(level != "given" for level, _ in combination)
        seen += 1
    assert seen == 3072


def test_the_levels_are_those_of_the_table():
    assert {d: set(names) for d, names in levels().items()} == {d: set(row) for d, row in TABLE.items()}
    assert all(row.source.verified and row.todo for row in penalties())


def test_the_worst_and_the_best_report():
    assert completeness(COMPLETE).score == 1
    worst = completeness(dict.fromkeys(TABLE, "missing"))
    assert Fraction(worst.score) == Fraction(1, 2) * Fraction(7, 10) ** 4 * Fraction(9, 10) ** 5
    assert worst.lost[0].dimension == "onset"


def test_what_is_shown_never_rounds_up_past_the_mark():
    found = completeness(COMPLETE | {"onset": "imprecise", "dose": "missing"})  # 0.81
    assert (found.rounded, found.well_documented) == ("0.81", True)
    found = completeness(COMPLETE | {d: "missing" for d in ("dose", "country", "reporter")})  # 0.729
    assert (found.rounded, found.well_documented) == ("0.72", False)


@pytest.mark.parametrize(
    ("standing", "named"),
    [
        ({k: v for k, v in COMPLETE.items() if k != "dose"}, "dose"),
        (COMPLETE | {"weather": "given"}, "weather"),
        (COMPLETE | {"sex": "group"}, "sex"),
    ],
)
def test_a_dimension_left_out_or_a_level_it_lacks_is_named(standing, named):
    with pytest.raises(ValueError, match=named):
        completeness(standing)


@pytest.fixture
def page(client_of, safety_officer):
    client = client_of(safety_officer)
    return lambda case: client.get(reverse("vigilance:case", args=[case.pk])).content.decode()


def _whole(case: Case) -> Case:
    with scopes_disabled():
        return queries.case(case.pk)


def test_a_case_with_everything_recorded_scores_one(full_case, page):
    assert completeness_of(full_case).score == 1
    assert "Well documented" in page(full_case)


def test_a_new_case_shows_what_is_missing_and_what_each_costs(case, page):
    found = completeness_of(_whole(case))
    assert {row.dimension for row in found.lost} == {"outcome", "comments"}
    assert Fraction(found.score) == Fraction(7, 10) * Fraction(9, 10)
    text = page(case)
    assert "0.63" in text
    assert "Record how the reaction stands now." in text
    assert "−0.3" in text


@pytest.mark.parametrize(
    ("onset", "level"),
    [
        ("2026-04-08", None),
        ("2026-03-31", None),
        ("2026-04", "imprecise"),
        ("2026", "uncertain"),
        ("", "missing"),
    ],
)
def test_an_onset_costs_what_its_precision_costs(case, onset, level):
    with scopes_disabled():
        Case.objects.filter(pk=case.pk).update(onset=onset)
    lost = {row.dimension: row.level for row in completeness_of(_whole(case)).lost}
    assert lost.get("onset") == level


def test_a_case_of_nobody_known_loses_what_the_treatment_would_have_told(case):
    with scopes_disabled():
        Case.objects.filter(pk=case.pk).update(patient=None, treatment=None, reporter="unknown")
    lost = {row.dimension for row in completeness_of(_whole(case)).lost}
    assert lost >= {"onset", "indication", "sex", "age", "dose", "reporter"}
