"""The checker: quiet on the regulator's own samples, and every planted fault found with its element named."""

import csv
import datetime as dt
from pathlib import Path

import pytest
from lxml import etree

from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.elements import HL7
from exovigil.vigilance.e2b.findings import select
from exovigil.vigilance.e2b.schema import SchemasMissing
from exovigil.vigilance.e2b.writer import write
from tests.vigilance.test_e2b_model import batch, full_case, minimal_case

E2B = Path(__file__).parents[2].parent / "shared" / "data" / "e2b"
needs_shared = pytest.mark.skipif(not E2B.is_dir(), reason=f"the shared E2B samples are not at {E2B}")
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)

SAMPLES = sorted((E2B / "samples").glob("FAERS2022Scenario*.xml"))
# What the manifest says was violated, as the data elements any one of which must be named.
MUTANTS = {
    "m01_no_controlact.xml": {"C.1"},
    "m02_bad_ts.xml": {"N.1.5"},
    "m05_no_reactions.xml": {"E.i"},
    "m06_no_drugs.xml": {"G.k"},
    "m09_outcome_code_99.xml": {"E.i.7"},
    "m11_bad_country.xml": {"C.2.r.3"},
    "m15_dangling_reaction_ref.xml": {"G.k.9.i.1"},
    "m18_c11_too_long.xml": {"C.1.1"},
}


def errors(source, **options):
    return [finding for finding in check(source, now=NOW, **options) if finding.severity == "error"]


@needs_shared
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_error_on_the_samples_of_the_regulator(path):
    assert errors(path, schemas=E2B / "schemas") == []


@needs_shared
@pytest.mark.parametrize("name", MUTANTS)
@pytest.mark.parametrize("schemas", [None, E2B / "schemas"], ids=["alone", "with schemas"])
def test_every_shared_mutant_is_caught_and_its_element_named(name, schemas):
    named = {finding.element for finding in errors(E2B / "mutants" / name, schemas=schemas)}
    assert named & MUTANTS[name]


@needs_shared
def test_the_manifest_has_no_mutant_left_out():
    with (E2B / "mutants" / "manifest.csv").open(newline="") as file:
        assert {row["file"] for row in csv.DictReader(file)} == set(MUTANTS)


FAULTS = [
    # what is replaced, by what, the rule and the element that must be named
    (b'value="20260312"', b'value="20261312"', "format", "C.1.4"),
    (b'<low value="20260312"/>', b'<low value="202603"/>', "format", "C.1.4"),
    (b'<low value="20260312"/>', b'<low value="20260319"/>', "date-order", "C.1.4"),
    (b'<low value="202602"/>', b'<low value="20990201"/>', "future-date", "E.i.4"),
    (b'<low value="20260105"/>', b'<low value="20260205"/>', "date-order", "G.k.4.r.4"),
    (
        b'code="3" codeSystem="2.16.840.1.113883.3.989.2.1.1.11"',
        b'code="7" codeSystem="x"',
        "code-list",
        "E.i.7",
    ),
    (
        b'code="1" codeSystem="2.16.840.1.113883.3.989.2.1.1.13"',
        b'code="9" codeSystem="x"',
        "code-list",
        "G.k.1",
    ),
    (
        b'code="GB" codeSystem="1.0.3166.1.2.2"',
        b'code="ZZ" codeSystem="1.0.3166.1.2.2"',
        "code-list",
        "C.2.r.3",
    ),
    (b'unit="a"', b'unit="furlong"', "code-list", "D.2.2b"),
    (b'code="12345678"', b'code="1234567"', "format", "E.i.2.1b"),
    (b' codeSystemVersion="99.1"', b"", "missing", "E.i.2.1a"),
    (b"LOT-7", b"L" * 36, "length", "G.k.4.r.7"),
    (b"Exosome serum", b"", "missing", "G.k.2.2"),
    (b"<name>JD</name>", b"", "missing", "D.1"),
    (b'<priorityNumber value="1"/>', b"", "primary-source", "C.2.r.5"),
    (b">New biopsy result<", b"><", "together", "C.1.11.2"),
    (b'language="eng"', b"", "together", "E.i.1.1b"),
    (b'<value xsi:type="BL" value="true"/>', b'<value xsi:type="BL" value="false"/>', "format", "E.i.3.2a"),
    (
        b'<value xsi:type="BL" nullFlavor="NI"/>',
        b'<value xsi:type="BL" nullFlavor="UNK"/>',
        "null-flavour",
        "E.i.3.2b",
    ),
    (
        b'<id root="2.16.840.1.113883.3.989.2.1.3.1" extension="GB-EXOVIGIL-0002"/>\n    <creationTime',
        b"<creationTime",
        "missing",
        "N.2.r.1",
    ),
    (b"2.16.840.1.113883.3.989.2.1.1.11", b"2.16.840.1.113883.3.989.2.1.1.99", "code-system", "E.i.7"),
    (b'<processingCode code="P"/>', b'<processingCode code="T"/>', None, None),
]


@pytest.mark.parametrize(("old", "new", "rule", "element"), FAULTS)
def test_one_fault_in_our_own_file_is_found_and_named(old, new, rule, element):
    data = write(batch(full_case()))
    assert old in data, "the fault must be possible"
    found = {(finding.rule, finding.element) for finding in check(data.replace(old, new), now=NOW)}
    assert (rule, element) in found if rule else not found


def test_a_missing_meddra_code_is_an_error_in_production_and_none_in_a_draft():
    draft = write(batch(minimal_case()))
    assert check(draft, now=NOW) == ()
    filed = draft.replace(b'<processingCode code="T"/>', b'<processingCode code="P"/>')
    assert [(f.rule, f.element) for f in errors(filed)] == [("missing", "E.i.2.1b")]
    wordless = draft.replace(b"lump under the skin</originalText>", b"</originalText>")
    assert ("missing", "E.i.2.1b") in {(f.rule, f.element) for f in errors(wordless)}


def test_a_reference_cannot_reach_into_another_case_of_the_batch():
    data = write(batch(full_case(), full_case(report_id="GB-EXOVIGIL-0003")))
    assert check(data, now=NOW) == ()
    root = etree.fromstring(data)
    first, second = select(root, "//h:investigationEvent")
    own = select(first, ".//h:adverseEffectReference/h:id")[0]
    foreign = select(second, ".//h:adverseEffectReference/h:id")[0]
    assert own.get("root") != foreign.get("root")
    own.set("root", foreign.get("root"))
    assert [(f.rule, f.element) for f in errors(etree.tostring(root))] == [("reference", "G.k.9.i.1")]


def _found_in(root) -> set[tuple[str, str]]:
    return {(f.rule, f.element) for f in errors(etree.tostring(root))}


def test_a_patient_of_whom_nothing_is_said_is_not_identifiable():
    root = etree.fromstring(write(batch(minimal_case())))
    (patient,) = select(root, "//h:primaryRole/h:player1")
    for said in list(patient):
        patient.remove(said)
    for said in select(root, "//h:primaryRole/h:subjectOf2[h:observation/h:code[@code='3' or @code='4']]"):
        said.getparent().remove(said)
    assert ("minimum-criteria", "D.1") in _found_in(root)


def test_a_drug_without_its_role_is_found():
    root = etree.fromstring(write(batch(full_case())))
    for link in select(root, "//h:causalityAssessment/h:subject2/h:productUseReference/h:id"):
        link.set("extension", "nowhere")
    assert ("missing", "G.k.1") in _found_in(root)


def test_two_reactions_with_one_id_are_found():
    root = etree.fromstring(write(batch(full_case())))
    reaction = select(root, "//h:subjectOf2[h:observation/h:code[@code='29']]")[0]
    reaction.addnext(etree.fromstring(etree.tostring(reaction)))
    assert ("reference", "E.i") in _found_in(root)


def test_what_is_not_a_report_at_all_is_one_finding():
    for data, element in (
        (b"<html/>", "N.1"),
        (b"not xml", "file"),
        (b"", "file"),
        (b"<!DOCTYPE a><a/>", "file"),
    ):
        (finding,) = check(data, now=NOW)
        assert (finding.severity, finding.element) == ("error", element)


def test_a_folder_without_schemas_is_refused_by_name(tmp_path):
    with pytest.raises(SchemasMissing, match=r"MCCI_IN200100UV01\.xsd"):
        check(write(batch(minimal_case())), schemas=tmp_path)


def test_a_country_in_small_letters_is_a_warning():
    data = write(batch(minimal_case())).replace(b'code="GB"', b'code="gb"')
    assert [(f.severity, f.element) for f in check(data, now=NOW)] == [("warning", "C.2.r.3")]


def test_a_future_date_outside_the_table_is_found_and_a_large_laboratory_value_is_not():
    data = write(batch(full_case()))
    root = etree.fromstring(data)
    history = select(root, "//h:observation/h:code[@code='18']")[0]
    history.addnext(etree.fromstring(f'<effectiveTime xmlns="{HL7}"><low value="2099"/></effectiveTime>'))
    assert [(f.rule, f.element) for f in errors(etree.tostring(root))] == [("future-date", "low")]
    result = b'<value xsi:type="ED">No growth at 6 weeks</value>'
    assert result in data
    assert (
        errors(data.replace(result, b'<value xsi:type="IVL_PQ"><low value="9000" unit="U/L"/></value>')) == []
    )
