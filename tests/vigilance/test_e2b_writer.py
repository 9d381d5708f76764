"""The writer: the schema accepts what it writes, and the table finds every value where it looks for it."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance.e2b.checker import check, is_draft
from exovigil.vigilance.e2b.elements import elements
from exovigil.vigilance.e2b.model import FreeTerm, Patient, Reaction
from exovigil.vigilance.e2b.places import read_places
from exovigil.vigilance.e2b.reader import parse_untrusted
from exovigil.vigilance.e2b.writer import write
from tests.vigilance.test_e2b_model import batch, full_case, minimal_case

SCHEMAS = Path(__file__).parents[2].parent / "shared" / "data" / "e2b" / "schemas"
needs_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"the ICH schema set is not at {SCHEMAS}")
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def values(data):
    """Every value the table finds, by element."""
    found = read_places(parse_untrusted(data).getroot()).by_level()
    return {
        element.element: [
            spot.value or f"null:{spot.flavor}"
            for place in found[element.level]
            for spot in place.spots.get(element.element, ())
        ]
        for element in elements()
    }


def uncoded_case():
    """The full case as a site without a MedDRA licence exports it."""
    case = full_case()
    return dataclasses.replace(
        case, reactions=tuple(dataclasses.replace(r, meddra=None) for r in case.reactions)
    )


@needs_schemas
@pytest.mark.parametrize("make", [minimal_case, full_case, uncoded_case])
def test_the_schema_and_the_checker_find_nothing_in_our_own_files(make):
    assert check(write(batch(make())), schemas=SCHEMAS, now=NOW) == ()


@pytest.mark.parametrize("make", [minimal_case, full_case])
def test_the_checker_finds_nothing_without_schemas(make):
    assert check(write(batch(make())), now=NOW) == ()


def test_every_modelled_element_is_written_where_the_table_looks():
    found = values(write(batch(full_case())))
    assert found["C.1.1"] == ["GB-EXOVIGIL-0002"]
    assert found["N.2.r.1"] == ["GB-EXOVIGIL-0002"]
    assert found["C.1.2"] == ["20260320093000+0000"]
    assert found["C.2.r.4"] == ["1", "null:UNK"]
    assert found["D.2.1"] == ["19850203"]
    assert found["E.i.1.1a"] == ["lump under the skin", "redness"]
    assert found["E.i.3.2a"] == ["true", "null:NI"]
    assert found["E.i.4"] == ["202602"]
    assert found["F.r.1"] == ["20260301", "null:UNK"]
    assert found["G.k.1"] == ["1", "2"]
    assert found["G.k.4.r.7"] == ["LOT-7"]
    assert found["G.k.4.r.4"] == ["20260105", "null:ASKU"]
    assert found["G.k.7.r.1"] == ["scars", "null:UNK"]
    assert found["G.k.9.i.2.r.3"] == ["Possible", "Probable (5)"]
    assert found["G.k.10.r"] == ["11", "7"]
    assert found["H.2"] == ["Asked to be told the outcome"]
    assert found["H.4"] == ["Lot still in use"]


def test_a_draft_says_so_three_times_and_invents_no_code():
    reaction = Reaction("r", "a lump", "3", term=FreeTerm("C39618", "Subcutaneous Nodule"))
    data = write(batch(minimal_case(reactions=(reaction,))))
    assert is_draft(data)
    assert b"DRAFT" in data.split(b"<MCCI")[0]
    found = values(data)
    assert found["E.i.2.1b"] == ["null:NI"]
    assert found["E.i.1.1a"] == ["a lump"]
    translation = etree.fromstring(data).find(".//{urn:hl7-org:v3}translation")
    assert translation is not None
    assert translation.get("code") == "C39618"


def test_a_coded_case_is_for_production():
    data = write(batch(full_case()))
    assert not is_draft(data)
    assert b"DRAFT" not in data


def test_the_same_batch_gives_the_same_bytes():
    assert write(batch(full_case())) == write(batch(full_case()))


def test_characters_that_xml_cannot_carry_become_spaces():
    found = values(write(batch(minimal_case(narrative="a\x0bb\x00c", report_id="GB-X-\x1f1"))))
    assert (found["H.1"], found["C.1.1"]) == (["a b c"], ["GB-X- 1"])


_text = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60).filter(str.strip)


@needs_schemas
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    words=_text,
    narrative=_text,
    outcome=st.sampled_from("012345"),
    serious=st.frozensets(st.sampled_from("abcdef")),
    year=st.integers(1990, 2025),
    age=st.integers(0, 120),
)
def test_any_case_we_can_build_is_schema_valid_and_keeps_its_words(
    words, narrative, outcome, serious, year, age
):
    reaction = Reaction("r", words, outcome, serious, start=PartialDate(year))
    case = minimal_case(reactions=(reaction,), narrative=narrative, patient=Patient(age=age))
    data = write(batch(case))
    assert check(data, schemas=SCHEMAS, now=NOW) == ()
    assert values(data)["E.i.1.1a"] == [words.strip()]
