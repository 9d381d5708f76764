"""Acknowledgements: states of the batch and of each report, with the receiver's reason."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exovigil.cli.app import app
from exovigil.vigilance.e2b.acknowledgement import read_acknowledgement
from exovigil.vigilance.e2b.reader import HostileXml, UnreadableXml

SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "e2b" / "samples"
needs_shared = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the shared E2B samples are not at {SAMPLES}")


def acknowledgement(batch="AA", states=("CA",), reason="Report loaded"):
    messages = "".join(
        f"""<MCCI_IN000002UV01><id extension="L{n}" root="2.16.840.1.113883.3.989.2.1.3.19"/>
        <acknowledgement typeCode="{state}"><targetMessage><id extension="GB-X-{n}" root="1.2"/></targetMessage>
        <acknowledgementDetail><text>{reason} {n}</text></acknowledgementDetail></acknowledgement>
        </MCCI_IN000002UV01>"""
        for n, state in enumerate(states, start=1)
    )
    return f"""<MCCI_IN200101UV01 xmlns="urn:hl7-org:v3"><id extension="A-1" root="1.2"/>
    <creationTime value="20260320"/>{messages}<acknowledgement typeCode="{batch}"><targetBatch>
    <id extension="B-1" root="1.2"/></targetBatch></acknowledgement></MCCI_IN200101UV01>""".encode()


@needs_shared
def test_the_positive_sample_of_the_regulator():
    ack = read_acknowledgement(SAMPLES / "R3ack-positive.ack")
    assert (ack.number, ack.sender, ack.receiver) == ("33439257", "ZZFDA", "4567AB89012")
    assert ack.batch.identifier == "FAERS2022Scenario1-4069-a2dd-08002b30309d"
    assert (ack.batch.state, ack.batch.accepted) == ("AA", True)
    assert ack.batch.reason == "message successfully processed, no further action"
    assert ack.batch.local_number == "427032"
    (message,) = ack.messages
    assert message.identifier == "21ec1492-3aea-4069-a2ab-08002b30309d US-APHARMA-8744554B"
    assert (message.state, message.reason, message.local_number) == (
        "CA",
        "Report Loaded Successfully",
        "19426648",
    )
    assert message.created == "20141214151617-0500"


@needs_shared
def test_the_sample_of_the_conversion_package():
    ack = read_acknowledgement(SAMPLES / "ack3-01.xml")
    assert (ack.batch.state, ack.batch.identifier) == ("AA", "ICSR Batch Number")
    assert [(m.identifier, m.state, m.reason) for m in ack.messages] == [
        ("messageNumber1", "CA", ""),
        ("messageNumber2", "CA", ""),
    ]


@pytest.mark.parametrize("state", ["AE", "AR"])
def test_a_batch_with_faults_says_so_in_words(state):
    ack = read_acknowledgement(acknowledgement(batch=state, states=("CA", "CE", "CR")))
    assert not ack.batch.accepted
    assert [m.accepted for m in ack.messages] == [True, False, False]
    assert ack.messages[2].reason == "Report loaded 3"
    assert "again" in ack.messages[2].meaning


def test_an_unknown_state_is_not_taken_for_accepted():
    ack = read_acknowledgement(acknowledgement(batch="ZZ"))
    assert not ack.batch.accepted
    assert "unknown" in ack.batch.meaning


@pytest.mark.parametrize("data", [b"<html/>", b"", b'<MCCI_IN200101UV01 xmlns="urn:hl7-org:v3"/>'])
def test_what_is_no_acknowledgement_is_refused(data):
    with pytest.raises(UnreadableXml):
        read_acknowledgement(data)


def test_a_document_type_is_refused():
    with pytest.raises(HostileXml):
        read_acknowledgement(b"<!DOCTYPE a><a/>")


def test_the_command_prints_states_and_reasons_and_fails_on_a_refusal(tmp_path):
    good, bad = tmp_path / "good.ack", tmp_path / "bad.ack"
    good.write_bytes(acknowledgement())
    bad.write_bytes(acknowledgement(batch="AE", states=("CR",), reason="C.1.7 missing"))
    answer = CliRunner().invoke(app, ["report", "ack", str(good)])
    assert answer.exit_code == 0, answer.output
    answer = CliRunner().invoke(app, ["report", "ack", str(good), str(bad)])
    assert answer.exit_code == 1
    assert "C.1.7 missing 1" in answer.output.replace("\n", " ")
    answer = CliRunner().invoke(app, ["report", "ack", "--json", str(bad)])
    assert json.loads(answer.output)[0]["messages"][0]["state"] == "CR"
    (tmp_path / "none.ack").write_bytes(b"<a/>")
    assert CliRunner().invoke(app, ["report", "ack", str(tmp_path / "none.ack")]).exit_code == 2
