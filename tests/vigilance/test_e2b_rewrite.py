"""Reading and writing again: every value at each path of the shared dictionary stays, and losses are named."""

import dataclasses
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree
from typer.testing import CliRunner

from exovigil.cli.app import app
from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.elements import table
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.read_records import read_records
from exovigil.vigilance.e2b.rewrite import rewrite
from exovigil.vigilance.e2b.writer import write, write_record_file
from tests.vigilance.test_e2b_model import batch, full_case

E2B = Path(__file__).parents[2].parent / "shared" / "data" / "e2b"
needs_shared = pytest.mark.skipif(not E2B.is_dir(), reason=f"the shared E2B samples are not at {E2B}")
SAMPLES = sorted((E2B / "samples").glob("FAERS2022Scenario*.xml"))
NAMESPACES = {"h": "urn:hl7-org:v3", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
# The dictionary spells four identifiers its own way.
SPELT = {"N.2.R": "N.2.r", "D.": "D", "E.1.3.2": "E.i.3.2"}


def dictionary():
    return json.loads((E2B / "codes" / "ich-e2br3.json").read_text())["entries"]


def as_xpath(path):
    """A path of the dictionary with the namespace put in and its placeholders (index, UUID) taken out."""
    path = re.sub(r"\[@xsi:schemaLocation='[^']*'\]", "", path)
    path = re.sub(r"\[[^\[\]]*\[@root='UUID[^']*'\]\]", "", path)
    path = re.sub(r"\[[rik]\]", "", path)
    pieces = re.split(r"('[^']*')", path)
    name = r"(?<![\w@:.$-])([A-Za-z_]\w*)(?![\w(:-])"
    return "".join(p if p.startswith("'") else re.sub(name, r"h:\1", p) for p in pieces)


def values(root, path):
    """What a path gives: texts and attribute values, counted."""
    found = root.xpath(path, namespaces=NAMESPACES)
    if isinstance(found, str):
        return Counter([found.strip()])
    texts = (str(item).strip() for item in found if not isinstance(item, etree._Element))
    return Counter(text for text in texts if text)


@needs_shared
def test_the_table_has_every_entry_of_the_dictionary():
    ours = {row.element for row in table() if row.authority == "ICH"}
    theirs = {SPELT.get(entry["code"], entry["code"]) for entry in dictionary()}
    assert len(dictionary()) == 259
    assert ours == theirs


@needs_shared
def test_the_table_says_of_each_element_what_the_dictionary_says():
    rows = {row.element: row for row in table()}
    for entry in dictionary():
        row = rows[SPELT.get(entry["code"], entry["code"])]
        if entry["kind"] == "group":
            assert row.data_type == "group", entry["code"]
            continue
        conformance = {"conditional_mandatory": "conditional"}.get(entry["conformance"], entry["conformance"])
        assert row.conformance == conformance, entry["code"]
        said = entry.get("max_length") or ""
        length = re.search(r"(\d+)\* E2B\(R3\)", said) or re.match(r"(\d+)$", said)
        if length:
            assert row.max_length == int(length[1]), entry["code"]
        if entry.get("null_flavors"):
            assert set(entry["null_flavors"]) <= set(row.null_flavors), entry["code"]


@needs_shared
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_value_at_each_path_of_the_dictionary_is_kept(path):
    result = rewrite(path)
    before, after = etree.parse(path).getroot(), etree.fromstring(result.content)
    compared = 0
    for entry in dictionary():
        if entry.get("xpath"):
            xpath = as_xpath(entry["xpath"])
            held = values(before, xpath)
            assert not held - values(after, xpath), (entry["code"], xpath)
            compared += sum(held.values())
    assert compared > 80
    assert [f for f in check(result.content, schemas=E2B / "schemas") if f.severity == "error"] == []


@needs_shared
def test_the_dictionarys_paths_find_191_of_its_elements_in_the_mega_sample():
    root = etree.parse(E2B / "samples" / "FAERS2022Scenario6.xml").getroot()
    hit = [e["code"] for e in dictionary() if e.get("xpath") and any(values(root, as_xpath(e["xpath"])))]
    assert len(hit) == 191  # those with a value; a path that finds only a null flavour is not counted


@needs_shared
def test_what_cannot_be_held_is_listed_and_nothing_else_is_lost():
    result = rewrite(SAMPLES[0])
    lost = {loss.path.rsplit("/", 1)[-1] for loss in result.losses}
    assert "@displayName" in lost  # a name beside a code is not kept, and is said not to be
    again = rewrite(result.content)
    assert again.losses == ()
    assert again.content == result.content


@needs_shared
def test_the_mega_sample_gives_back_what_was_read():
    records = read_records(E2B / "samples" / "FAERS2022Scenario6.xml")
    assert read_records(write_record_file(records)) == records


def test_our_own_file_is_read_and_written_without_loss():
    data = write(batch(full_case(), full_case(report_id="GB-EXOVIGIL-0003")))
    result = rewrite(data)
    assert result.losses == ()
    assert result.content == data


def test_value_null_flavour_and_nothing_said_stay_apart():
    record = read_records(write(batch(full_case())))
    (message,) = record.inner["message"]
    first, second = message.inner["case"][0].inner["reporter"]
    assert first.held["C.2.r.3"] == "GB"
    assert second.held["C.2.r.3"] is NullFlavor.ASKED_BUT_UNKNOWN
    assert "C.2.r.2.4" not in second.held


def test_a_value_outside_the_table_is_named_among_the_losses():
    data = write(batch(full_case())).replace(b"<birthTime", b"<addr><city>Hull</city></addr><birthTime")
    losses = rewrite(data).losses
    assert [(loss.path.rsplit("/", 2)[1:], loss.value) for loss in losses] == [(["addr", "city"], "Hull")]


class TestCommand:
    """``exovigil report rewrite IN OUT``."""

    def test_it_writes_and_says_that_nothing_was_lost(self, tmp_path):
        source, target = tmp_path / "in.xml", tmp_path / "out.xml"
        source.write_bytes(write(batch(full_case())))
        answer = CliRunner().invoke(app, ["report", "rewrite", str(source), str(target)])
        assert answer.exit_code == 0, answer.output
        assert target.read_bytes() == source.read_bytes()

    def test_losses_are_printed_and_come_as_json(self, tmp_path):
        source, target = tmp_path / "in.xml", tmp_path / "out.xml"
        source.write_bytes(
            write(batch(full_case())).replace(b"<birthTime", b"<addr><city>Hull</city></addr><birthTime")
        )
        answer = CliRunner().invoke(app, ["report", "rewrite", str(source), str(target)])
        assert answer.exit_code == 1
        assert "Hull" in answer.output.replace("\n", "")
        answer = CliRunner().invoke(app, ["report", "rewrite", "--json", str(source), str(target)])
        assert [loss["value"] for loss in json.loads(answer.output)["lost"]] == ["Hull"]

    @pytest.mark.parametrize("data", [b"<html/>", b"", b"<!DOCTYPE a><a/>"])
    def test_what_is_no_report_is_refused_and_nothing_is_written(self, data, tmp_path):
        source, target = tmp_path / "in.xml", tmp_path / "out.xml"
        source.write_bytes(data)
        assert CliRunner().invoke(app, ["report", "rewrite", str(source), str(target)]).exit_code == 2
        assert not target.exists()

    def test_it_does_not_overwrite_what_it_reads(self, tmp_path):
        source = tmp_path / "in.xml"
        source.write_bytes(write(batch(full_case())))
        assert CliRunner().invoke(app, ["report", "rewrite", str(source), str(source)]).exit_code == 2


def test_losses_are_counted():
    data = write(batch(full_case(), full_case(report_id="GB-EXOVIGIL-0003")))
    twice = data.replace(b"<birthTime", b"<addr><city>Hull</city></addr><birthTime")
    assert [dataclasses.asdict(loss)["times"] for loss in rewrite(twice).losses] == [2]
