"""E2B(R2): upgraded to valid R3, every value accounted for, and the DTD it names never looked for."""

import datetime as dt
import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from typer.testing import CliRunner

from exovigil.cli.app import app
from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.elements import allowed, by_id, levels_of_table
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.r2 import parse_report, r2_codes, tags, translate
from exovigil.vigilance.e2b.read_r2 import read_r2
from exovigil.vigilance.e2b.read_records import read_records
from exovigil.vigilance.e2b.reader import HostileXml, RefusedXml, UnreadableXml
from exovigil.vigilance.e2b.rewrite import rewrite
from exovigil.vigilance.e2b.writer import write_record_file
from tests.vigilance.r2_files import DOCTYPE, REPORT, add, r2

E2B = Path(__file__).parents[2].parent / "shared" / "data" / "e2b"
SCHEMAS = E2B / "schemas"
needs_shared = pytest.mark.skipif(not E2B.is_dir(), reason=f"the shared E2B samples are not at {E2B}")
SAMPLES = sorted((E2B / "samples").glob("utr2-*.xml"))
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def patient(**changes):
    return REPORT["patient"] | changes


def drug(**changes):
    return patient(drug=REPORT["patient"]["drug"] | changes)


def upgraded(data):
    return read_r2(parse_report(data).getroot())


def values(data):
    """What the upgraded file holds, as (element, value)."""
    batch = read_records(rewrite(data).content)
    return [(name, value) for record in batch.walk() for name, value in record.held.items()]


def fates(data):
    return {(said.path.rsplit("/", 1)[-1], said.fate) for said in upgraded(data).outcomes}


def leaves(data):
    root = parse_report(data).getroot()
    return Counter(
        (root.getroottree().getpath(node).removeprefix("/ichicsr/"), node.text.strip())
        for node in root.iter()
        if node.text and node.text.strip()
    )


class TestOurOwn:
    def test_a_complete_report_breaks_no_rule_after_the_upgrade(self):
        assert check(rewrite(r2()).content, now=NOW) == ()

    @needs_shared
    def test_the_schema_accepts_it(self):
        assert check(rewrite(r2()).content, schemas=SCHEMAS, now=NOW) == ()

    def test_every_value_stands_where_r3_wants_it(self):
        found = values(r2())
        for pair in (
            ("C.1.1", "GB-CLINIC-7"),
            ("N.2.r.1", "GB-CLINIC-7"),
            ("C.1.8.1", "GB-CLINIC-7"),
            ("C.1.8.2", "2"),
            ("C.1.7", "true"),
            ("C.1.9.1", NullFlavor.NO_INFORMATION),
            ("C.2.r.1.2", NullFlavor.MASKED),
            ("C.2.r.3", "GB"),
            ("C.2.r.5", "1"),
            ("C.3.4.6", "44 123"),
            ("E.i.1.1b", "eng"),
            ("E.i.2.1b", "12345678"),
            ("E.i.3.2a", NullFlavor.NO_INFORMATION),
            ("E.i.3.2c", "true"),
            ("E.i.7", "0"),
            ("E.i.9", "GB"),
            ("F.r.3.4", "no growth"),
            ("G.k.1", "1"),
            ("G.k.4.r.1b", "mL"),
            ("G.k.4.r.2", "8"),
            ("G.k.4.r.3", "h"),
            ("G.k.4.r.7", "LOT-7"),
            ("G.k.4.r.10.1", "Intradermal"),
            ("G.k.8", "0"),
            ("G.k.9.i.2.r.3", "possible"),
            ("G.k.9.i.3.1a", "3"),
            ("G.k.9.i.3.1b", "wk"),
            ("G.k.9.i.4", "2"),
            ("N.2.r.processing", "P"),
        ):
            assert pair in found, pair

    def test_the_same_file_gives_the_same_bytes(self):
        assert rewrite(r2()).content == rewrite(r2()).content

    def test_words_instead_of_a_code_make_a_draft_and_are_kept(self):
        reaction = {"reactionmeddrallt": "Nodule", "reactionmeddraversionllt": "11.0", "reactionoutcome": "1"}
        data = r2(patient=patient(reaction=reaction))
        found = values(data)
        assert ("E.i.1.2", "Nodule") in found
        assert ("E.i.2.1b", NullFlavor.NO_INFORMATION) in found
        assert ("N.2.r.processing", "T") in found
        assert ("reactionmeddraversionllt", "lost") in fates(data)

    def test_of_several_reactions_an_interval_belongs_to_none(self):
        reaction = REPORT["patient"]["reaction"]
        other = reaction | {"reactionmeddrallt": "87654321", "primarysourcereaction": "redness"}
        data = r2(patient=patient(reaction=[reaction, other]))
        assert {("drugstartperiod", "lost"), ("drugrecurreadministration", "lost")} <= fates(data)
        assert ("drugreactionasses", "changed") in fates(data)
        named = drug(drugrecurrence=[{"drugrecuraction": "87654321"}])
        named["reaction"] = [reaction, other]
        assert ("drugrecurreadministration", "changed") in fates(r2(patient=named))

    @pytest.mark.parametrize(
        ("doses", "number", "unit", "expected"),
        [
            ("3", "1", "804", ("8", "h")),
            ("1", "12", "804", ("12", "d")),
            ("2", "1", "803", ("84", "h")),
            ("", "1", "802", ("1", "mo")),
            ("2", "1", "802", None),
            ("7", "1", "805", None),
            ("0", "1", "804", None),
            ("", "", "812", ("", "{asnecessary}")),
            ("2", "", "812", None),
            ("1", "one", "804", None),
        ],
    )
    def test_doses_share_an_interval_exactly_or_not_at_all(self, doses, number, unit, expected):
        dose = {
            "drugseparatedosagenumb": doses,
            "drugintervaldosageunitnumb": number,
            "drugintervaldosagedefinition": unit,
        }
        data = r2(patient=drug(**dose))
        found = dict(values(data))
        if expected is None:
            assert "G.k.4.r.3" not in found
            assert ("drugintervaldosagedefinition", "lost") in fates(data)
        else:
            assert (found.get("G.k.4.r.2", ""), found["G.k.4.r.3"]) == expected

    def test_an_end_and_a_duration_do_not_fit_together(self):
        reaction = REPORT["patient"]["reaction"]
        lasted = reaction | {"reactionduration": "5", "reactiondurationunit": "804"}
        assert ("E.i.6a", "5") in values(r2(patient=patient(reaction=lasted)))
        ended = r2(patient=patient(reaction=lasted | {"reactionenddate": "202603"}))
        assert ("E.i.6a", "5") not in values(ended)
        assert ("reactionduration", "lost") in fates(ended)

    @pytest.mark.parametrize(
        ("changes", "tag"),
        [
            ({"serious": "2"}, "serious"),
            ({"authoritynumb": "GB-MHRA-1"}, "companynumb"),
            ({"primarysource": {"reportercountry": "FR", "qualification": "1"}}, "primarysourcecountry"),
            ({"additionaldocument": "7"}, "additionaldocument"),
            ({"newtag": {"inner": "said"}}, "inner"),
            ({"patient": patient(patientweight="about 60")}, "patientweight"),
            ({"receiver": {"receivertype": "1"}}, "receivertype"),
        ],
    )
    def test_what_has_no_place_is_named(self, changes, tag):
        losses = rewrite(r2(**changes)).losses
        assert tag in {loss.path.rsplit("/", 1)[-1] for loss in losses}
        assert all(loss.note for loss in losses)

    def test_a_result_with_a_unit_is_a_number(self):
        test = {
            "testdate": "20260301",
            "testname": "CRP",
            "testresult": "7.5",
            "testunit": "mg/L",
            "lowtestrange": "0",
        }
        found = values(r2(patient=patient(test=test | {"hightestrange": "about 5"})))
        assert {("F.r.3.2", "7.5"), ("F.r.3.3", "mg/L"), ("F.r.4", "0")} <= set(found)
        assert "F.r.5" not in dict(found)

    def test_free_results_are_added_to_the_narrative(self):
        data = r2(patient=patient(resultstestsprocedures="Biopsy: granuloma"))
        narrative = dict(values(data))["H.1"]
        assert narrative.startswith("A lump three weeks")
        assert narrative.endswith("Results of tests and procedures: Biopsy: granuloma")

    def test_several_reports_become_several_messages(self):
        root = parse_report(r2()).getroot()
        root.append(etree.fromstring(etree.tostring(root[1]).replace(b"GB-CLINIC-7", b"GB-CLINIC-8")))
        result = read_r2(root)
        assert [m.value("N.2.r.1") for m in result.batch.inner["message"]] == ["GB-CLINIC-7", "GB-CLINIC-8"]
        assert check(write_record_file(result.batch), now=NOW) == ()


def value_for(rng, tag):
    """A value that R2 might give for a tag."""
    if tag.codes:
        return rng.choice(sorted(r2_codes()[tag.codes]))
    row = by_id().get(tag.element)
    if row is None:
        return rng.choice(("1", "words", "801", "12345678"))
    if row.codes:
        return rng.choice([code for code in sorted(allowed(row.codes)) if len(code) < 4])
    kinds = {
        "number": rng.choice(("42", "about 42")),
        "date": "20260101",
        "day": "20260101",
        "time": "20260101",
        "bool": "1",
        "true": "1",
    }
    kinds |= {"meddra": rng.choice(("12345678", "words")), "version": "11.0"}
    return kinds.get(row.data_type) or rng.choice(("words", "PRIVACY", "unknown", "text & <more>"))


NEVER_ABSENT = {
    "messagenumb",
    "messagesenderidentifier",
    "messagereceiveridentifier",
    "messagedate",
    "safetyreportid",
}


def random_r2(seed):
    """An R2 file in which every tag may occur, some groups twice."""
    rng = random.Random(seed)
    content: dict = {}
    for path, tag in tags().items():
        *groups, name = path.split("/")
        holders = [content]
        for group in groups:
            holders = [
                inner for holder in holders for inner in holder.get(group, []) if isinstance(inner, dict)
            ]
        for holder in holders:
            if tag.how in {"level", "group"}:
                twice = tag.how == "level" and tag.element not in {
                    "message",
                    "case",
                    "sender",
                    "patient",
                    "parent",
                }
                least = 0 if path.count("/") > 1 else 1
                holder[name] = [{} for _ in range(rng.randint(least, 2 if twice else 1))]
            elif name in NEVER_ABSENT or rng.random() < 0.6:
                holder[name] = value_for(rng, tag)
    root = etree.Element("ichicsr", lang=rng.choice(("en", "fr", "xx")))
    add(root, content)
    return etree.tostring(root)


def told(outcomes):
    return Counter((said.path, said.value) for said in outcomes)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_nothing_is_dropped_in_silence(seed):
    data = random_r2(seed)
    result = upgraded(data)
    said = Counter()
    for (path, value), times in leaves(data).items():
        said["/".join(step.partition("[")[0] for step in path.split("/")), value] += times
    assert told(result.outcomes) == said
    held = Counter((name, value) for record in result.batch.walk() for name, value in record.held.items())
    for item in result.outcomes:
        assert item.note or item.fate != "lost"
        if item.fate == "held" and item.element == "H.1":
            assert any(name == "H.1" and value.startswith(item.value) for name, value in held), item
        elif item.fate == "held" and item.element and not item.path.endswith("version"):
            assert held[item.element, item.value], item
    if SCHEMAS.is_dir():
        found = check(write_record_file(result.batch), schemas=SCHEMAS, now=NOW)
        assert [finding for finding in found if finding.rule == "schema"] == []


class TestTable:
    def test_every_row_leads_to_something_of_the_tables(self):
        for tag in tags().values():
            if tag.how == "level":
                assert tag.element in levels_of_table(), tag
            elif tag.how in {"copy", "code", "version", "meddra", "reactions"}:
                assert tag.element in by_id(), tag
            assert not tag.otherwise or tag.otherwise in by_id(), tag
            assert not tag.codes or tag.codes in r2_codes(), tag
            assert tag.note or tag.how != "lost", tag
            group = tag.path.rpartition("/")[0]
            assert not group or tags()[group].how in {"level", "group"}, tag

    def test_every_code_is_one_of_the_elements_codes(self):
        for tag in tags().values():
            row = by_id().get(tag.element)
            if not tag.codes or row is None:
                continue
            for code in r2_codes()[tag.codes]:
                value = translate(tag.codes, code)
                if isinstance(value, NullFlavor):
                    assert value.value in row.null_flavors, (tag, code)
                elif row.codes and not (tag.codes == "time_unit" and row.codes == ("age_unit",)):
                    assert value in allowed(row.codes), (tag, code)

    def test_a_tag_is_named_once(self):
        assert len(tags()) == 259


class TestDoctype:
    def test_a_declaration_without_a_subset_is_cut_out_unread(self):
        assert parse_report(r2()).getroot().tag == "ichicsr"
        assert (
            parse_report(r2(doctype='<!DOCTYPE ichicsr PUBLIC "-//ICH//X//EN" "x.dtd">')).docinfo.doctype
            == ""
        )
        assert parse_report(r2(doctype="<!DOCTYPE ichicsr>")).getroot().tag == "ichicsr"

    @pytest.mark.parametrize(
        "doctype",
        [
            '<!DOCTYPE ichicsr [<!ENTITY a "b">]>',
            '<!DOCTYPE ichicsr SYSTEM "x.dtd" [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>',
            '<!DOCTYPE other SYSTEM "x.dtd">',
            '<!-- <!DOCTYPE ichicsr SYSTEM "x.dtd"> --><!DOCTYPE ichicsr [<!ENTITY a "b">]>',
            '<!DOCTYPE ichicsr SYSTEM "x.dtd"><!DOCTYPE ichicsr [<!ENTITY a "b">]>',
        ],
    )
    def test_anything_else_is_refused(self, doctype):
        with pytest.raises(RefusedXml):
            parse_report(r2(doctype=doctype))
        (finding,) = check(r2(doctype=doctype), now=NOW)
        assert finding.rule in {"hostile-xml", "unreadable-xml"}

    def test_a_declaration_far_down_is_refused(self):
        with pytest.raises(HostileXml):
            parse_report(r2(doctype="<!--" + " " * 5000 + "-->" + DOCTYPE))

    def test_an_entity_of_the_dtd_cannot_be_used(self):
        with pytest.raises(UnreadableXml):
            parse_report(r2().replace(b"Clinic<", b"&clinic;<"))

    def test_nothing_is_fetched(self, monkeypatch):
        def refuse(*_, **__):
            raise AssertionError("a connection was tried")

        monkeypatch.setattr("socket.socket.connect", refuse)
        assert rewrite(r2()).upgraded


class TestCommand:
    def test_a_check_says_what_to_do(self, tmp_path):
        source = tmp_path / "old.xml"
        source.write_bytes(r2())
        answer = CliRunner().invoke(app, ["report", "check", str(source)])
        assert answer.exit_code == 1
        said = " ".join(answer.output.split())
        assert "E2B(R2)" in said
        assert "report rewrite" in said

    def test_a_rewrite_lists_what_was_changed_and_lost(self, tmp_path):
        source, target = tmp_path / "old.xml", tmp_path / "new.xml"
        source.write_bytes(r2(safetyreportversion="2"))
        answer = CliRunner().invoke(app, ["report", "rewrite", str(source), str(target)])
        said = " ".join(answer.output.split())
        assert answer.exit_code == 1
        assert "safetyreportversion = 2" in said
        assert "upgraded from E2B(R2)" in said
        assert CliRunner().invoke(app, ["report", "check", str(target)]).exit_code == 0
        answer = CliRunner().invoke(app, ["report", "rewrite", "--json", str(source), str(target)])
        found = json.loads(answer.output)
        assert found["upgraded"] is True
        assert [loss["path"] for loss in found["lost"]] == ["safetyreport/safetyreportversion"]
        assert {"path", "value", "element", "note"} <= set(found["changed"][0])

    def test_without_a_loss_it_succeeds(self, tmp_path):
        source, target = tmp_path / "old.xml", tmp_path / "new.xml"
        source.write_bytes(r2())
        answer = CliRunner().invoke(app, ["report", "rewrite", str(source), str(target)])
        assert answer.exit_code == 0, answer.output

    def test_a_message_without_a_report_is_refused(self, tmp_path):
        source, target = tmp_path / "old.xml", tmp_path / "new.xml"
        source.write_bytes(b"<ichicsr/>")
        assert CliRunner().invoke(app, ["report", "rewrite", str(source), str(target)]).exit_code == 2
        assert not target.exists()


@pytest.mark.skipif(not SAMPLES, reason=f"the shared E2B samples are not at {E2B}")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_sample_of_ich_becomes_valid_r3_with_every_value_told(path):
    result = rewrite(path)
    found = check(result.content, schemas=SCHEMAS, now=NOW)
    assert [finding for finding in found if finding.rule == "schema"] == []
    outcomes = read_r2(parse_report(path).getroot()).outcomes
    assert sum(told(outcomes).values()) == sum(leaves(path.read_bytes()).values())
    assert not [said for said in outcomes if "not a tag" in said.note]
