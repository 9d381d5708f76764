"""The gap map says aloud where nothing was found, and never counts twice in a row."""

import dataclasses

import pytest

from exovigil.catalogue.composition import SourceClass
from exovigil.evidence import conditions, gapmap
from exovigil.evidence.gapmap import CellState
from exovigil.evidence.studies import Direction, studies


def test_the_review_names_twelve_conditions() -> None:
    assert len(conditions.the_twelve()) == 12
    assert len({row.key for row in conditions.conditions()}) == 21


def test_every_condition_has_a_source_and_plain_name() -> None:
    for row in conditions.conditions():
        assert row.plain
        assert row.source.read_depth
    assert all(row.source.doi == "10.1111/jocd.16761" for row in conditions.the_twelve())


def test_seven_of_the_twelve_have_no_human_study() -> None:
    gaps = {row.key for row in gapmap.build().gaps()}
    assert gaps == {
        "skin_flaps",
        "radiation_dermatitis",
        "allergic_contact_dermatitis",
        "lichen_simplex_chronicus",
        "vulvar_lichen_sclerosus",
        "systemic_sclerosis",
        "systemic_lupus_erythematosus",
    }


def test_an_empty_cell_says_so() -> None:
    cell = gapmap.build().cell("skin_flaps", SourceClass.HUMAN)
    assert cell.state is CellState.NONE_FOUND
    assert cell.state.value == "no human study found"


def test_psoriasis_row() -> None:
    row = gapmap.build().row("psoriasis")
    assert [s.key for s in row.studies] == ["psoriasis_adsc_exo_12", "pak_pso_vit_85"]
    assert (row.participants, row.randomised) == (97, 0)
    assert [s.key for s in row.set_aside] == ["chandran2025"]
    assert row.state is CellState.NOT_RANDOMISED


def test_wound_healing_row() -> None:
    row = gapmap.build().row("wound_healing")
    assert (row.human_studies, row.randomised, row.participants) == (5, 3, 4 + 11 + 7 + 110 + 60)
    assert row.directions[Direction.NO_DIFFERENCE] == 2


def test_conditioned_medium_is_visible_but_not_counted() -> None:
    cell = gapmap.build().cell("skin_ageing", SourceClass.HUMAN)
    assert [s.key for s in cell.set_aside] == ["liang2022_cm"]
    assert cell.randomised == 2


def test_unknown_size_is_not_nought_people() -> None:
    row = gapmap.build().row("atopic_dermatitis")
    assert (row.participants, row.size_unknown) == (2, 1)


def test_two_sources_stand_in_two_cells_and_once_in_the_row() -> None:
    built = gapmap.build()
    cells = [built.cell("postoperative_scars", s).human_studies for s in SourceClass]
    assert sum(cells) == 2
    assert built.row("postoperative_scars").human_studies == 1


def test_every_counted_study_is_somewhere() -> None:
    built = gapmap.build()
    counted = {s.key for cell in built.cells.values() for s in cell.studies}
    aside = {s.key for cell in built.cells.values() for s in cell.set_aside}
    assert counted | aside == {s.key for s in studies()}
    assert aside == {"chandran2025", "liang2022_cm"}


def test_no_animal_derived_product_was_studied_in_people() -> None:
    built = gapmap.build()
    assert all(built.cell(c.key, SourceClass.ANIMAL).state is CellState.NONE_FOUND for c in built.conditions)


def test_a_study_of_an_unknown_condition_is_not_lost() -> None:
    stray = dataclasses.replace(studies()[0], conditions=("rosacea",))
    with pytest.raises(ValueError, match=r"'rosacea' is not in conditions\.toml"):
        gapmap.build([stray])


def test_unknown_condition_is_named() -> None:
    with pytest.raises(KeyError, match="no condition 'rosacea'"):
        conditions.condition("rosacea")
