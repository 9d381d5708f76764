"""The evidence base as carried over, and the rule for the direction of a study."""

import dataclasses
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.catalogue.composition import SourceClass
from exovigil.evidence import studies as evidence
from exovigil.evidence.studies import Direction, Outcome, direction


def _row(**changes: object) -> Outcome:
    base = next(row for row in evidence.outcomes() if row.study == "kwon2020")
    return dataclasses.replace(base, **changes)


def test_counts_of_the_extraction() -> None:
    rows = evidence.studies()
    assert len(rows) == 34
    assert len({row.key for row in rows}) == 34
    assert sum(row.is_randomised for row in rows) == 10
    assert sum(row.participants is not None for row in rows) == 30
    assert len(evidence.outcomes()) == 64
    assert [row.number for row in evidence.outcomes()] == list(range(1, 65))
    assert len(evidence.trials()) == 13


@pytest.mark.parametrize("load", [evidence.studies, evidence.outcomes, evidence.trials, evidence.reviews])
def test_every_row_says_where_and_how_far_it_was_read(load) -> None:
    for row in load():
        assert row.url.startswith("http")
        assert row.read_depth
        assert row.read_on
        assert all(ch not in row.url for ch in " ;\n")


def test_every_study_has_an_outcome_row() -> None:
    assert {row.study for row in evidence.outcomes()} == {row.key for row in evidence.studies()}


def test_every_trial_that_names_a_study_names_a_known_one() -> None:
    for row in evidence.trials():
        if row.study:
            assert evidence.study(row.study).registry_id == row.registry_id


def test_conditioned_medium_is_kept_but_not_counted() -> None:
    liang = evidence.study("liang2022_cm")
    assert liang.is_secretome
    assert not liang.counts
    assert "skin_ageing" in liang.conditions
    assert [row.key for row in evidence.studies() if row.is_secretome] == ["liang2022_cm"]


def test_healthy_volunteers_do_not_count_as_psoriasis() -> None:
    assert not evidence.study("chandran2025").counts


def test_the_head_to_head_trial_stands_under_both_sources() -> None:
    assert evidence.study("park2026_scar").source_classes == (SourceClass.HUMAN, SourceClass.PLANT)


def test_unstated_source_is_not_guessed() -> None:
    assert evidence.study("nahm2024").source_classes == (SourceClass.NOT_STATED,)


def test_numbers_of_the_best_reported_trials() -> None:
    (kwon,) = evidence.outcomes_of("kwon2020")
    assert (kwon.exosome_value, kwon.comparator_value, kwon.p) == (Decimal("32.5"), Decimal("19.9"), "<0.01")
    (amini,) = evidence.outcomes_of("amini2025")
    assert (amini.effect, amini.ci_low, amini.ci_high) == (Decimal("0.73"), Decimal("0.41"), Decimal("0.89"))
    assert (amini.exosome_spread, amini.spread_kind) == (Decimal("16.88"), "IQR")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("kwon2020", Direction.FAVOURS_EXOSOME),
        ("hacs_microneedling", Direction.FAVOURS_EXOSOME),
        ("behfar2025_pep_stsg", Direction.FAVOURS_EXOSOME),
        ("johnson2023_plexoval2", Direction.NO_DIFFERENCE),
        ("estupinan2025", Direction.NO_DIFFERENCE),
        ("pbsc_exo_dfu", Direction.NO_DIFFERENCE),
        ("wyles2024", Direction.IMPROVED_UNCONTROLLED),
        ("nilforoushzadeh2025", Direction.IMPROVED_UNCONTROLLED),
        ("nahm2024", Direction.HARM_ONLY),
        ("chandran2025", Direction.HARM_ONLY),
        ("cho2020", Direction.UNCLEAR),
        ("liang2022_cm", Direction.UNCLEAR),
    ],
)
def test_direction_of_known_studies(key: str, expected: Direction) -> None:
    assert evidence.direction_of(key) is expected


def test_directions_of_all_studies() -> None:
    assert Counter(evidence.direction_of(row.key) for row in evidence.studies()) == {
        Direction.IMPROVED_UNCONTROLLED: 16,
        Direction.FAVOURS_EXOSOME: 6,
        Direction.UNCLEAR: 6,
        Direction.NO_DIFFERENCE: 3,
        Direction.HARM_ONLY: 3,
    }


def test_no_uncontrolled_study_favours_the_product() -> None:
    for row in evidence.studies():
        if evidence.direction_of(row.key) is Direction.FAVOURS_EXOSOME:
            assert row.comparator


def test_lower_can_be_better() -> None:
    worse = _row(better="lower")
    assert direction([worse]) is Direction.FAVOURS_COMPARATOR


def test_conflicting_outcomes_are_unclear() -> None:
    assert direction([_row(), _row(better="lower")]) is Direction.UNCLEAR


def test_seventy_per_cent_is_enough() -> None:
    assert direction([_row()] * 7 + [_row(better="lower")] * 3) is Direction.FAVOURS_EXOSOME
    assert direction([_row()] * 6 + [_row(better="lower")] * 3) is Direction.UNCLEAR


def test_nothing_read_is_unclear() -> None:
    assert direction([]) is Direction.UNCLEAR


def test_getting_worse_without_comparator_is_said() -> None:
    assert direction([_row(comparator_value=None, better="lower")]) is Direction.WORSE_UNCONTROLLED


values = st.decimals(min_value=-100, max_value=100, places=1)


@given(values, values, st.sampled_from(["higher", "lower"]))
def test_swapping_the_arms_swaps_the_direction(ours: Decimal, theirs: Decimal, better: str) -> None:
    swap = {
        Direction.FAVOURS_EXOSOME: Direction.FAVOURS_COMPARATOR,
        Direction.FAVOURS_COMPARATOR: Direction.FAVOURS_EXOSOME,
        Direction.NO_DIFFERENCE: Direction.NO_DIFFERENCE,
    }
    one = direction([_row(exosome_value=ours, comparator_value=theirs, better=better)])
    other = direction([_row(exosome_value=theirs, comparator_value=ours, better=better)])
    assert other is swap[one]


@given(st.sampled_from(["0.001", "<0.05", ">0.05", "0.9", ""]))
def test_p_values_play_no_part(p: str) -> None:
    assert direction([_row(p=p)]) is Direction.FAVOURS_EXOSOME


def test_unknown_study_is_named() -> None:
    with pytest.raises(KeyError, match="no study 'nobody'"):
        evidence.study("nobody")
