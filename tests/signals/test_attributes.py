"""Reactions by attribute: which level an answer makes, the counts, and what the words claim."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exovigil.signals import attributes
from exovigil.signals.attributes import OTHER, SEVERAL, UNKNOWN, Given, banded, compare, grouped, level_of
from exovigil.signals.watch import watch_designs
from exovigil.statistics.intervals import proportion_interval

DAY = dt.date(2026, 1, 5)
AS_OF = dt.date(2026, 9, 30)
DESIGN = watch_designs()[0]
SPECIES = attributes.attribute("source_species")


def treated(lot: int, treatments: int, affected: int = 0, product: int = 1, **more) -> Given:
    row = Given(DAY, product, lot, "intradermal", "", "", 2.0, "mL", treatments, affected)
    return dataclasses.replace(row, **more)


def found(rows, stated, of=SPECIES, basis="declared", as_of=AS_OF):
    return compare(of, basis, rows, stated, {"human": "Human", "plant": "Plant or alga"}, DESIGN, as_of)


@pytest.mark.parametrize(
    ("of", "text", "level"),
    [
        ("storage_temperature", "−80 °C", "deep_frozen"),
        ("storage_temperature", "-20 °C", "frozen"),
        ("storage_temperature", "2–8 °C", "refrigerated"),
        ("storage_temperature", "Room temperature", "room"),
        ("storage_temperature", "as the maker says", OTHER),
        ("purification", "Size-Exclusion chromatography", "size_exclusion"),
        ("device", "Pen with 12 needles, 0.5 mm", "needling"),
        ("device", "RF needling with insulated pins", "rf_needling"),
        ("device", "", UNKNOWN),
        ("adjunct", "Vitamin C serum", "vitamin_c"),
        ("adjunct", "HA", "hyaluronic"),
        ("adjunct", "a shake of the head", OTHER),
        ("adjunct", "lidocaine, then vitamin C", SEVERAL),
    ],
)
def test_words_make_a_level(of, text, level):
    assert grouped(of, text) == level


@pytest.mark.parametrize(
    ("number", "level"),
    [
        (9.9e8, "1"),
        (1e9, "2"),
        (1e10, "3"),
        (1e11, "4"),
        (0.0, UNKNOWN),
        (None, UNKNOWN),
        (float("nan"), UNKNOWN),
    ],
)
def test_numbers_make_a_level_at_their_bounds(number, level):
    assert banded("particle_dose", number) == level


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_number_has_one_level(number):
    assert banded("purity", number) in {"1", "2", "3", UNKNOWN}


def test_a_dose_in_particles_needs_millilitres_and_a_claim_that_is_a_number():
    level = level_of("particle_dose", {(1, "particle_claim"): "5e9", (2, "particle_claim"): "billions"})
    assert level(treated(1, 1)) == "3"
    assert level(treated(1, 1, dose_unit="vial")) == UNKNOWN
    assert level(treated(1, 1, product=2)) == UNKNOWN
    assert level(treated(1, 1, product=3)) == UNKNOWN


def test_purity_is_the_ratio_of_two_claims():
    level = level_of(
        "purity", {(1, "particle_claim"): "6e12", (1, "protein_claim"): "100", (2, "protein_claim"): "9"}
    )
    assert (level(treated(1, 1)), level(treated(1, 1, product=2))) == ("3", UNKNOWN)


def test_not_stated_is_a_level_of_its_own_and_comes_last():
    rows = [treated(1, 10), treated(2, 900, product=2), treated(3, 40, product=3)]
    result = found(rows, {(1, "source_species"): "human", (2, "source_species"): "not stated"})
    assert [(row.label, row.treatments) for row in result.rows] == [("Human", 10), ("Not stated", 940)]


def test_counts_are_those_of_a_plain_sum_and_the_crude_rate_is_exact():
    rows = [
        treated(1, 30, 2),
        treated(1, 20, 1, treated_on=DAY + dt.timedelta(9)),
        treated(2, 50),
        treated(3, 70, 4, 2),
    ]
    result = found(rows, {(1, "source_species"): "human", (2, "source_species"): "plant"})
    human = next(row for row in result.rows if row.key == "human")
    assert (human.lots, human.treatments, human.affected, human.still_open) == (2, 100, 3, 0)
    assert human.crude == proportion_interval(3, 100)
    assert human.effective_lots == pytest.approx(2.0)
    assert (human.worst_lot, human.worst_share) == (1, 1.0)
    assert sum(row.treatments for row in result.rows) == 170


def test_one_bad_lot_is_said_to_be_one():
    rows = [treated(1, 60, 8), *[treated(n, 50) for n in range(2, 6)], treated(9, 700, product=2)]
    result = found(rows, {(1, "source_species"): "human", (2, "source_species"): "plant"})
    said = " ".join(result.words)
    assert "Human: one lot carries all 8 affected treatments, and its other 4 lots had none." in said
    assert "cannot tell the levels apart" in said
    assert "τ²" in said


def test_many_bad_lots_of_one_source_are_told_apart_without_naming_a_cause():
    rows = [treated(n, 60, 9) for n in range(8)] + [treated(n, 300, product=2) for n in range(20, 32)]
    result = found(rows, {(1, "source_species"): "human", (2, "source_species"): "plant"})
    said = " ".join(result.words)
    assert "lie apart (Human and Plant or alga" in said or "lie apart (Plant or alga and Human" in said
    assert "no proof of a cause" in said
    assert "one lot carries" not in said


def test_treatments_before_their_window_are_counted_and_named_but_tell_nothing():
    early = DAY + dt.timedelta(days=DESIGN.window_start_days - 1)
    result = found([treated(1, 10)], {}, as_of=early)
    (row,) = result.rows
    assert (row.treatments, row.still_open, row.shrunken) == (10, 10, None)
    assert result.words == ("No treatment has reached its risk window yet, so there is nothing to compare.",)
    later = found([treated(1, 10)], {}, as_of=early + dt.timedelta(days=1)).rows[0]
    assert (later.still_open, later.shrunken is None) == (10, False)


def test_without_any_reaction_the_words_say_so():
    assert "Nobody has had this reaction" in found([treated(1, 10)], {}).words[0]


def test_every_attribute_of_the_issue_is_there_with_its_source():
    assert [row.key for row in attributes.attributes()] == [
        "source_species",
        "source_tissue",
        "isolation",
        "purification",
        "storage_temperature",
        "formulation",
        "particle_dose",
        "purity",
        "route",
        "device",
        "adjunct",
    ]
    assert all(row.source.citation for row in attributes.attributes())
