"""The case model: contradictions are refused where they arise. Holds the cases that other tests use."""

import dataclasses
import datetime as dt

import pytest

from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance.e2b.elements import code_lists, elements
from exovigil.vigilance.e2b.model import (
    Assessment,
    Batch,
    Dosage,
    Drug,
    FreeTerm,
    Icsr,
    MedDra,
    NullFlavor,
    Patient,
    Reaction,
    Reporter,
    Sender,
    TestResult,
)

WRITTEN = dt.datetime(2026, 3, 20, 9, 30, 0, tzinfo=dt.UTC)


def minimal_case(**changes):
    """A reaction as a small clinic would report it, without a MedDRA licence."""
    case = Icsr(
        report_id="GB-EXOVIGIL-0001",
        created=WRITTEN,
        first_received=dt.date(2026, 3, 12),
        most_recent=dt.date(2026, 3, 18),
        sender=Sender(kind="3", organisation="Harbour Skin Clinic"),
        reporters=(Reporter(qualification="1", country="GB", primary=True),),
        patient=Patient(sex="2", age=41),
        reactions=(Reaction(key="r1", words="lump under the skin", outcome="3", serious=frozenset("f")),),
        drugs=(Drug(key="d1", role="1", name="Unnamed exosome product"),),
        narrative="A firm lump appeared six weeks after microneedling with an exosome product.",
    )
    return dataclasses.replace(case, **changes)


def full_case(**changes):
    """A case that uses every element the model can hold."""
    case = Icsr(
        report_id="GB-EXOVIGIL-0002",
        created=WRITTEN,
        first_received=dt.date(2026, 3, 12),
        most_recent=dt.date(2026, 3, 18),
        sender=Sender("3", "Harbour Skin Clinic", "Safety", "Ada", "Marsh", "GB"),
        reporters=(
            Reporter("1", "GB", "Dr", "Mary", "Reed", "Harbour Skin Clinic", "Hull", "HU1 1AA", primary=True),
            Reporter(NullFlavor.UNKNOWN, NullFlavor.ASKED_BUT_UNKNOWN, family_name=NullFlavor.MASKED),
        ),
        patient=Patient("JD", PartialDate(1985, 2, 3), 41, "a", "5", 61, 168, "2", "Atopic eczema"),
        reactions=(
            Reaction(
                key="lump",
                words="lump under the skin",
                outcome="3",
                serious=frozenset("abcdef"),
                translation="subcutaneous nodule",
                meddra=MedDra("99.1", "12345678"),
                term=FreeTerm("C39618", "Subcutaneous Nodule"),
                highlighted="3",
                start=PartialDate(2026, 2),
                end=PartialDate(2026, 3, 10),
                confirmed=True,
                country="GB",
            ),
            Reaction(key="red", words="redness", outcome="1", meddra=MedDra("99.1", "12345679")),
        ),
        drugs=(
            Drug(
                key="exo",
                role="1",
                name="Exosome serum",
                country="KR",
                dosages=(
                    Dosage(
                        "LOT-7",
                        "one vial",
                        "microneedling",
                        PartialDate(2026, 1, 5),
                        PartialDate(2026, 1),
                        5,
                        "mL",
                    ),
                    Dosage(route=NullFlavor.UNKNOWN, start=NullFlavor.ASKED_BUT_UNKNOWN),
                ),
                indications=("scars", NullFlavor.UNKNOWN),
                action="9",
                assessments=(
                    Assessment("lump", "Reporter", "WHO-UMC", "Possible"),
                    Assessment("red", "Reporter", "Naranjo", "Probable (5)"),
                ),
                rechallenge=(("lump", "4"),),
                information=("11", "7"),
                more="Labelled for topical use",
            ),
            Drug(key="cream", role="2", name="Lidocaine cream"),
        ),
        tests=(
            TestResult(
                "Biopsy", PartialDate(2026, 3, 1), None, "Granulomatous inflammation", "4 mm punch", True
            ),
            TestResult("Mycobacterial culture", NullFlavor.UNKNOWN, "2", "No growth at 6 weeks"),
        ),
        narrative="A firm lump appeared six weeks after microneedling.",
        worldwide_id="GB-OTHER-77",
        first_sender="2",
        expedited=True,
        documents=("Histology report",),
        other_ids=(("Yellow Card", "ADR-123"),),
        nullification="2",
        nullification_reason="New biopsy result",
        reporter_comments="Asked to be told the outcome",
        sender_comments="Lot still in use",
    )
    return dataclasses.replace(case, **changes)


def batch(*cases):
    return Batch("EXOVIGIL-20260320-1", "HARBOUR", "MHRA", WRITTEN, cases)


def test_a_reaction_without_meddra_makes_a_draft():
    assert minimal_case().is_draft
    assert not full_case().is_draft
    assert batch(full_case(), minimal_case()).is_draft
    assert not batch(full_case()).is_draft


@pytest.mark.parametrize(
    ("changes", "element"),
    [
        ({"report_type": "9"}, "C.1.3"),
        ({"report_type": "2"}, "C.1.3"),
        ({"created": dt.datetime(2026, 3, 20)}, "C.1.2"),  # no time zone
        ({"nullification": "1"}, "C.1.11"),
        ({"reporters": (Reporter("1"),)}, "C.2.r.5"),
        ({"reactions": ()}, "E.i"),
        ({"reactions": (Reaction("r", "a", "1"), Reaction("r", "b", "1"))}, "E.i"),
        ({"drugs": ()}, "G.k"),
        ({"drugs": (Drug("d", "1", "X", assessments=(Assessment("no", "a", "b", "c"),)),)}, "G.k.9.i.1"),
        ({"drugs": (Drug("d", "1", "X", rechallenge=(("no", "1"),)),)}, "G.k.9.i.1"),
    ],
)
def test_a_contradictory_case_is_refused_and_the_element_named(changes, element):
    with pytest.raises(ValueError, match=f"^{element}"):
        minimal_case(**changes)


@pytest.mark.parametrize(
    ("make", "element"),
    [
        (lambda: Reporter("9"), "C.2.r.4"),
        (lambda: Sender("0"), "C.3.1"),
        (lambda: Patient(sex="3"), "D.5"),
        (lambda: Patient(age_group="7"), "D.2.3"),
        (lambda: Patient(birth_date=PartialDate(1985)), "D.2.1"),
        (lambda: Reaction("r", "words", "6"), "E.i.7"),
        (lambda: Reaction("r", " ", "1"), "E.i.1.1a"),
        (lambda: Reaction("r", "words", "1", frozenset("h")), "E.i.3.2"),
        (lambda: TestResult("Culture", code="5"), "F.r.3.1"),
        (lambda: Drug("d", "5", "X"), "G.k.1"),
        (lambda: Drug("d", "1", ""), "G.k.2.2"),
        (lambda: Drug("d", "1", "X", information=("12",)), "G.k.10.r"),
    ],
)
def test_a_code_outside_its_list_is_refused(make, element):
    with pytest.raises(ValueError, match=f"^{element}"):
        make()


def test_every_code_list_an_element_names_exists_and_codes_are_unique():
    lists = code_lists()
    assert {name for element in elements() for name in element.codes} <= set(lists)
    assert all(len(row.meanings) == len(row.codes) for row in lists.values())
    assert len({element.element for element in elements()}) == len(elements())
    assert len(lists["country"].codes) == 249
