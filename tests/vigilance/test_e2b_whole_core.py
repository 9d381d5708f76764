"""The whole core: random cases break nothing, and one planted fault in any element is found and named."""

import datetime as dt
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.conditions import chains
from exovigil.vigilance.e2b.elements import ASIDE, HL7, by_id, elements, table
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.read_records import read_records
from exovigil.vigilance.e2b.rules import fda_rules, ich_conditions
from exovigil.vigilance.e2b.writer import write_record_file
from tests.vigilance.e2b_random import every_element, random_batch

SCHEMAS = Path(__file__).parents[2].parent / "shared" / "data" / "e2b" / "schemas"
needs_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"the ICH schema set is not at {SCHEMAS}")
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
CORE = [row for row in elements() if row.authority == "ICH"]


@needs_schemas
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_any_random_case_is_valid_breaks_no_rule_and_is_read_back_as_it_was(seed):
    batch = random_batch(seed)
    data = write_record_file(batch)
    assert check(data, schemas=SCHEMAS, now=NOW) == ()
    assert read_records(data) == batch


@needs_schemas
@pytest.mark.slow
def test_a_thousand_seeded_cases_over_every_element():
    seen: set[str] = set()
    for seed in range(1000):
        batch = random_batch(seed)
        seen |= every_element(batch)
        data = write_record_file(batch)
        assert check(data, schemas=SCHEMAS, now=NOW) == (), seed
        assert read_records(data) == batch, seed
    assert seen >= {row.element for row in CORE}


def test_the_same_seed_gives_the_same_bytes():
    assert write_record_file(random_batch(7, cases=2)) == write_record_file(random_batch(7, cases=2))


def with_element(element, value):
    """A valid batch in which one element is changed (removed for None); skips nothing: raises if none has it."""
    for seed in range(200):
        batch = random_batch(seed)
        for chain in chains(batch):
            if element in chain[-1].held:
                if value is None:
                    del chain[-1].held[element]
                else:
                    chain[-1].held[element] = value
                return write_record_file(batch)
    raise AssertionError(f"no random case has {element}")


def named(data, **options):
    return {(f.rule, f.element) for f in check(data, now=NOW, **options)}


TOO_LONG = [row for row in CORE if row.max_length and not row.codes and row.data_type in {"text", "number"}]
CODED = [row for row in CORE if row.codes]
MANDATORY = [
    row
    for row in CORE
    if row.conformance in {"mandatory", "required"} and row.element not in {"N.1.1", "E.i.2.1a"}
]
WRONG = {
    "number": "about 3",
    "date": "20261301",
    "day": "202603",
    "time": "20260312",
    "bool": "perhaps",
    "true": "false",
    "version": "27",
    "meddra": "1234567",
}
TYPED = [row for row in CORE if row.data_type in WRONG]
DATES = [row for row in CORE if row.data_type in {"date", "day"}]


@pytest.mark.parametrize("row", TOO_LONG, ids=lambda row: row.element)
def test_a_value_too_long_is_found(row):
    long = ("1" if row.data_type == "number" else "x") * (row.max_length + 1)
    assert ("length", row.element) in named(with_element(row.element, long))


@pytest.mark.parametrize("row", CODED, ids=lambda row: row.element)
def test_a_code_outside_its_list_is_found(row):
    assert ("code-list", row.element) in named(with_element(row.element, "98"))


@pytest.mark.parametrize("row", TYPED, ids=lambda row: row.element)
def test_a_value_of_the_wrong_type_is_found(row):
    assert ("format", row.element) in named(with_element(row.element, WRONG[row.data_type]))


@pytest.mark.parametrize("row", DATES, ids=lambda row: row.element)
def test_a_date_in_the_future_is_found(row):
    assert ("future-date", row.element) in named(with_element(row.element, "20990101"))


@pytest.mark.parametrize("row", MANDATORY, ids=lambda row: row.element)
def test_a_mandatory_element_that_is_missing_is_found(row):
    assert ("missing", row.element) in named(with_element(row.element, None))


def takes_null(row):
    """A reference is judged by what it leads to, a MedDRA code with its message, a number by its scheme."""
    return row.part not in ASIDE and row.data_type not in {"meddra", "link"} and "|" not in row.part


@pytest.mark.parametrize("row", [row for row in CORE if takes_null(row)], ids=lambda row: row.element)
def test_a_null_flavour_that_is_not_allowed_is_found(row):
    found = named(with_element(row.element, NullFlavor.POSITIVE_INFINITY))
    if "PINF" in row.null_flavors:
        assert ("null-flavour", row.element) not in found
    else:
        assert found & {("null-flavour", row.element), ("missing", row.element)}


ACROSS = [
    ("E.i.id", "00000000-0000-0000-0000-000000000000", {("reference", "G.k.9.i.1")}),
    ("G.k.9.i.1", "00000000-0000-0000-0000-000000000000", {("reference", "G.k.9.i.1")}),
    ("G.k.9.i.drug", "00000000-0000-0000-0000-000000000000", {("reference", "G.k.9.i")}),
    ("G.k.1.drug", "00000000-0000-0000-0000-000000000000", {("reference", "G.k.9.i"), ("missing", "G.k.1")}),
    ("G.k.9.i.4.reaction", "00000000-0000-0000-0000-000000000000", {("reference", "G.k.9.i.1")}),
    ("C.2.r.5", None, {("primary-source", "C.2.r.5")}),
    ("C.1.5", "19000101", {("date-order", "C.1.4")}),
]


@pytest.mark.parametrize(("element", "value", "expected"), ACROSS, ids=[item[0] for item in ACROSS])
def test_a_fault_across_the_message_is_found(element, value, expected):
    for seed in range(300):
        batch = random_batch(seed)
        holders = [chain[-1] for chain in chains(batch) if element in chain[-1].held]
        if not holders or (
            element == "E.i.id" and not batch.inner["message"][0].inner["case"][0].inner.get("assessment")
        ):
            continue
        for holder in holders:
            if value is None:
                del holder.held[element]
            else:
                holder.held[element] = value
        assert expected & named(write_record_file(batch))
        return
    raise AssertionError(f"no random case has {element}")


# Everything that the schema gives a type of its own: numbers, dates, yes or no, codes.
SCHEMA_TYPED = [
    row for row in CORE if (row.data_type in WRONG and row.data_type != "version") or row.part == "@code"
]


@needs_schemas
@pytest.mark.parametrize("row", SCHEMA_TYPED, ids=lambda row: row.element)
def test_the_schema_names_the_element_of_a_value_of_the_wrong_type(row):
    assert ("schema", row.element) in named(with_element(row.element, "no such value"), schemas=SCHEMAS)


def _first(root, path):
    return root.xpath(path, namespaces={"h": HL7})[0]


def _stranger(root):
    etree.SubElement(_first(root, "//h:primaryRole/h:player1"), f"{{{HL7}}}shoeSize", value="39")


def _no_namespace(root):
    etree.SubElement(_first(root, "//h:investigationEvent"), "note").text = "hello"


def _order(root):
    patient = _first(root, "//h:primaryRole")
    patient.append(patient.find(f"{{{HL7}}}player1"))


def _twice(root):
    node = _first(root, "//h:PORR_IN049016UV/h:creationTime")
    node.addnext(etree.fromstring(etree.tostring(node)))


def _attribute(root):
    _first(root, "//h:primaryRole/h:player1").set("shoeSize", "39")


def _words(root):
    _first(root, "//h:investigationEvent").text = "words between the elements"


def _kind(root):
    _first(root, "//h:primaryRole").set("classCode", "NOBODY")


def _no_kind(root):
    del _first(root, "//h:investigationEvent").attrib["classCode"]


def _no_message_number(root):
    node = _first(root, "//h:PORR_IN049016UV/h:id")
    node.getparent().remove(node)


def _no_receiver(root):
    node = _first(root, "/*/h:receiver")
    node.getparent().remove(node)


STRUCTURE = [
    (_stranger, "shoeSize"),
    (_no_namespace, "note"),
    (_order, "subjectOf2"),
    (_twice, "N.2.r.4"),
    (_attribute, "player1"),
    (_words, "investigationEvent"),
    (_kind, "primaryRole"),
    (_no_kind, "investigationEvent"),
    (_no_message_number, "N.2.r.4"),
    (_no_receiver, "sender"),
]


@needs_schemas
@pytest.mark.parametrize(("spoil", "name"), STRUCTURE, ids=[spoil.__name__ for spoil, _ in STRUCTURE])
def test_the_schema_names_the_place_of_a_fault_in_the_structure(spoil, name):
    root = etree.fromstring(write_record_file(random_batch(2)))
    spoil(root)
    found = {f.element for f in check(etree.tostring(root), schemas=SCHEMAS, now=NOW) if f.rule == "schema"}
    assert name in found


def test_each_layer_has_twenty_faults_and_more(capsys):
    layers = {
        "schema": len(SCHEMA_TYPED) + len(STRUCTURE),
        "elements": len(TOO_LONG) + len(CODED) + len(TYPED) + len(DATES) + len(MANDATORY),
        "across the message": len(ACROSS) + len(ich_conditions()) + len(fda_rules()),
    }
    assert min(layers.values()) >= 20
    with capsys.disabled():
        print("\nplanted faults: " + ", ".join(f"{name} {count}" for name, count in layers.items()))


def test_every_element_of_the_core_is_covered_by_a_check(capsys):
    conditional = {rule.element for rule in ich_conditions()}
    kinds = {
        "must be there": {row.element for row in CORE if row.conformance in {"mandatory", "required"}},
        "conditional": conditional,
        "length": {row.element for row in TOO_LONG},
        "code list": {row.element for row in CODED},
        "type": {row.element for row in TYPED},
        "reference": {"G.k.9.i.1"},
        "rule across elements": {"C.2.r.5"},
    }
    covered = set().union(*kinds.values())
    # An included document is any content of any length; its null flavour is all that can be wrong.
    free = {"C.1.6.1.r.2", "C.4.r.2"}
    groups = [row for row in table() if row.authority == "ICH" and row.data_type == "group"]
    assert {row.element for row in CORE} - covered == free
    assert len(CORE) + len(groups) == 259
    assert {row.element for row in CORE if row.conformance == "conditional"} - conditional == {"C.2.r.5"}
    with capsys.disabled():
        print(f"\nICH core: {len(covered)} of {len(CORE)} elements and {len(groups)} groups covered")
        for kind, rows in kinds.items():
            print(f"  {kind}: {len(rows)}")


def test_a_random_case_uses_the_levels_of_the_table():
    rng = random.Random(1)
    seeds = [rng.randrange(10**6) for _ in range(30)]
    levels = {chain[-1].level for seed in seeds for chain in chains(random_batch(seed))}
    core = {by_id()[row.element].level for row in CORE}
    assert core <= levels
