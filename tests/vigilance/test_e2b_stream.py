"""Large batches: checked message by message with the same findings, and refused as safely as small ones."""

import datetime as dt
import io
import random
from pathlib import Path

import pytest
from lxml import etree

from exovigil.vigilance.e2b import checker
from exovigil.vigilance.e2b.checker import check, check_stream
from exovigil.vigilance.e2b.elements import HL7
from exovigil.vigilance.e2b.frame import cut_frame, same_frame
from exovigil.vigilance.e2b.reader import HostileXml, UnreadableXml, stream_untrusted
from exovigil.vigilance.e2b.writer import write_record_file
from tests.vigilance.e2b_random import random_batch
from tests.vigilance.test_e2b_places import broken_by

SCHEMAS = Path(__file__).parents[2].parent / "shared" / "data" / "e2b" / "schemas"
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
MESSAGE = f"{{{HL7}}}PORR_IN049016UV"


def file_of(tmp_path, data):
    path = tmp_path / "batch.xml"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("schemas", [None, SCHEMAS], ids=["alone", "with schemas"])
@pytest.mark.parametrize("seed", range(12))
def test_message_by_message_finds_what_the_whole_file_shows(seed, schemas, tmp_path):
    if schemas and not schemas.is_dir():
        pytest.skip(f"the ICH schema set is not at {schemas}")
    root = etree.fromstring(write_record_file(random_batch(seed, cases=1 + seed % 4)))
    if seed:
        broken_by(random.Random(seed), root)
    path = file_of(tmp_path, etree.tostring(root))
    whole = check(path, schemas=schemas, now=NOW)
    assert set(check_stream(path, schemas=schemas, now=NOW)) == set(whole)
    assert seed or not whole


def test_a_large_file_is_streamed_and_a_small_one_is_not(tmp_path, monkeypatch):
    path = file_of(tmp_path, write_record_file(random_batch(1, cases=2)))
    monkeypatch.setattr(checker, "parse_report", lambda source: pytest.fail("the whole file was read"))
    monkeypatch.setattr(checker, "STREAMED_FROM", 1000)
    assert check(path, now=NOW) == ()
    monkeypatch.undo()
    monkeypatch.setattr(checker, "check_stream", lambda *_, **__: pytest.fail("it was streamed"))
    assert check(path, now=NOW) == ()


def test_no_more_messages_are_held_than_were_read_together():
    data = write_record_file(random_batch(1, cases=40))
    seen = 0
    for node in stream_untrusted(io.BytesIO(data), MESSAGE):
        if node.tag == MESSAGE:
            seen += 1
            # those of a chunk, one held back, and those that go over its edges
            assert len(node.getparent().findall(MESSAGE)) <= 4 + 2**18 * 40 // len(data)
            assert len(node) > 4
    assert seen == 40
    assert node.tag == f"{{{HL7}}}MCCI_IN200100UV01"
    assert node.find(MESSAGE) is None


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a/>', HostileXml),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', HostileXml),
        (b"<a>" * 20_000, HostileXml),
        (b"<a>" * 201 + b"</a>" * 201, HostileXml),
        (b"<a><m>" + b"<b>" * 199 + b"</b>" * 199 + b"</m></a>", HostileXml),
        (b"<a><m/>" + b" " * 3000 + b"</a>", HostileXml),
        (b"", UnreadableXml),
        (b"<a><m></a>", UnreadableXml),
        (b"<a><m>", UnreadableXml),
        (b"<a><m>&x;</m></a>", UnreadableXml),
    ],
)
def test_hostile_and_broken_streams_are_refused(data, kind):
    with pytest.raises(kind):
        list(stream_untrusted(io.BytesIO(data), "m", max_bytes=2500 if b"   " in data else 10**6))


def test_a_broken_large_file_is_one_finding(tmp_path, monkeypatch):
    monkeypatch.setattr(checker, "STREAMED_FROM", 10)
    for data, rule in (
        (b"<!DOCTYPE a><a>" + b" " * 50 + b"</a>", "hostile-xml"),
        (b"<a>" + b" " * 50, "unreadable-xml"),
        (b"<html>" + b" " * 50 + b"</html>", "structure"),
    ):
        assert [finding.rule for finding in check(file_of(tmp_path, data), now=NOW)] == [rule]


def test_a_file_beyond_all_bounds_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.xml"
    with path.open("wb") as file:
        file.write(b"<a>")
        file.truncate(10 * 1024**3)  # sparse: ten gigabytes that take no space
    (finding,) = check(path, now=NOW)
    assert (finding.rule, "400 MB" in finding.message) == ("hostile-xml", True)


def test_a_batch_without_messages_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setattr(checker, "STREAMED_FROM", 10)
    root = etree.fromstring(write_record_file(random_batch(1)))
    root.remove(root.find(MESSAGE))
    assert ("structure", "N.2.r") in {
        (f.rule, f.element) for f in check(file_of(tmp_path, etree.tostring(root)), now=NOW)
    }


def _spelt_with_a_prefix(data):
    return data.replace(b"<PORR", b"<a:PORR").replace(b"</PORR", b"</a:PORR").replace(
        b" xmlns=", b' xmlns:a="urn:hl7-org:v3" xmlns=', 1
    )  # fmt: skip


def _in_utf_16(data):
    return data.decode().replace("UTF-8", "UTF-16", 1).encode("utf-16")


def _told_of_in_a_comment(data):
    return data + b"<!-- </PORR_IN049016UV> -->"


def _far_from_the_end(data):
    return data + b" " * 100_000


def _with_words_between(data):
    return data.replace(b"</PORR_IN049016UV>", b"</PORR_IN049016UV>words", 1)


@pytest.mark.parametrize(
    ("spell", "cut"),
    [
        (bytes, True),
        (_spelt_with_a_prefix, False),
        (_in_utf_16, False),
        (_told_of_in_a_comment, False),
        (_far_from_the_end, False),
        (_with_words_between, True),
    ],
)
def test_the_frame_is_cut_out_or_read_and_the_findings_are_those_of_the_whole_file(spell, cut, tmp_path):
    data = write_record_file(random_batch(4, cases=3)).replace(b'unit="', b'unit="furlong')
    data = data.replace(b"<receiver", b'<receiver shoeSize="39"')
    path = file_of(tmp_path, spell(data))
    assert (cut_frame(path, MESSAGE) is not None) is cut
    found = check_stream(path, now=NOW)
    assert len(found) > 3
    assert set(found) == set(check(path, now=NOW))


def test_a_cut_that_is_not_the_frame_is_seen(tmp_path):
    data = write_record_file(random_batch(4, cases=2))
    path = file_of(tmp_path, data)
    with path.open("rb") as file:
        *_, frame = stream_untrusted(file, MESSAGE)
    cut = cut_frame(path, MESSAGE)
    assert same_frame(cut, frame)
    line = cut_frame(file_of(tmp_path, data.replace(b"<PORR", b"\n<PORR", 1)), MESSAGE)
    value = cut_frame(file_of(tmp_path, data.replace(b'typeCode="RCV"', b'typeCode="SND"')), MESSAGE)
    assert not same_frame(line, frame)
    assert not same_frame(value, frame)


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"the ICH schema set is not at {SCHEMAS}")
def test_a_stray_child_between_the_messages_is_found(tmp_path):
    """The cut leaves it out with the messages, so the file is read once more for its real frame."""
    data = write_record_file(random_batch(4, cases=2))
    path = file_of(tmp_path, data.replace(b"</PORR_IN049016UV>", b"</PORR_IN049016UV><sender/>", 1))
    found = check_stream(path, schemas=SCHEMAS, now=NOW)
    assert "schema" in {finding.rule for finding in found}
    assert {f.rule for f in found} == {f.rule for f in check(path, schemas=SCHEMAS, now=NOW)}
