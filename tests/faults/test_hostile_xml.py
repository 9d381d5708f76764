"""Hostile XML is refused quickly, and nothing it asks for happens."""

import time

import pytest

from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.reader import HostileXml, UnreadableXml, parse_untrusted

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">
<!ENTITY f "&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;"><!ENTITY g "&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;">]><lolz>&g;</lolz>"""
NESTED = b"<a>" * 20_000 + b"</a>" * 20_000  # 140 kB


@pytest.fixture(autouse=True)
def _in_under_a_second():
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    "data",
    [
        BILLION_LAUGHS,
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]><a/>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
        "<!DOCTYPE a><a/>".encode("utf-16"),
        NESTED,
        b"<a>" * 201 + b"</a>" * 201,
    ],
    ids=[
        "billion laughs",
        "external entity",
        "parameter entity",
        "external DTD",
        "utf-16",
        "nested",
        "201 deep",
    ],
)
def test_hostile_xml_is_refused(data, tmp_path):
    with pytest.raises(HostileXml):
        parse_untrusted(data)
    path = tmp_path / "hostile.xml"
    path.write_bytes(data)
    assert [finding.rule for finding in check(path)] == ["hostile-xml"]


def test_nesting_up_to_the_limit_is_read():
    assert parse_untrusted(b"<a>" * 200 + b"</a>" * 200).getroot().tag == "a"


def test_an_oversized_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.xml"
    with path.open("wb") as file:
        file.write(b"<a>")
        file.truncate(10 * 1024**3)  # sparse: ten gigabytes that take no space
    with pytest.raises(HostileXml, match="50 MB"):
        parse_untrusted(path)


def test_bytes_over_the_limit_are_refused():
    with pytest.raises(HostileXml, match="larger than"):
        parse_untrusted(b"<a>" + b" " * 2048 + b"</a>", max_bytes=1024)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01", b"<a>", b"<a></b>", b'<?xml version="1.0" encoding="nope"?><a/>', b"<a>&x;</a>"],
)
def test_broken_xml_is_called_unreadable(data):
    with pytest.raises(UnreadableXml):
        parse_untrusted(data)


def test_a_folder_is_called_unreadable_and_a_missing_file_keeps_its_own_error(tmp_path):
    with pytest.raises(UnreadableXml, match="folder"):
        parse_untrusted(tmp_path)
    with pytest.raises(FileNotFoundError):
        parse_untrusted(tmp_path / "none.xml")


def test_schema_location_is_never_followed():
    data = b"""<MCCI_IN200100UV01 xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
      xsi:schemaLocation="urn:hl7-org:v3 http://127.0.0.1:9/never.xsd"/>"""
    assert {finding.rule for finding in check(data)} == {"missing", "structure"}
