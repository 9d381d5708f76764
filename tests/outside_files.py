"""Files as other senders and receivers would send them; everybody and everything in them is invented."""

import dataclasses
import datetime as dt
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from exovigil.vigilance.e2b.model import Batch, Dosage, Drug, Icsr, Patient, Reaction, Reporter, Sender
from exovigil.vigilance.e2b.writer import write

WRITTEN = dt.datetime(2026, 3, 20, 9, 30, tzinfo=dt.UTC)


def message(**changes: Any) -> Icsr:
    """A report of another sender: one woman, one product, one lump."""
    case = Icsr(
        report_id="DE-MADEUP-77001",
        created=WRITTEN,
        first_received=dt.date(2026, 3, 12),
        most_recent=dt.date(2026, 3, 18),
        sender=Sender(kind="1", organisation="Madeup Bio"),
        reporters=(Reporter("1", "DE", given_name="Nemo", family_name="Nobody", primary=True),),
        patient=Patient(initials="XY", age=44, sex="2"),
        reactions=(Reaction(key="r", words="hard lumps on the cheek", outcome="3", serious=frozenset("f")),),
        drugs=(Drug(key="d", role="1", name="Inventa E1", dosages=(Dosage(lot="LX-01"),)),),
        narrative="Six weeks after microneedling hard lumps appeared. Invented.",
    )
    return dataclasses.replace(case, **changes)


def e2b_file(*cases: Icsr, number: str = "MADEUP-1") -> bytes:
    """A batch of another sender's reports; one if none is given."""
    return write(Batch(number, "MADEUP", "EXOVIGIL", WRITTEN, cases or (message(),)))


def e2b_upload(*cases: Icsr, name: str = "batch.xml") -> SimpleUploadedFile:
    """The same as a browser sends it."""
    return SimpleUploadedFile(name, e2b_file(*cases))


def acknowledgement(
    batch: str, *, code: str = "AA", message_code: str = "CA", about: str = "", reason: str = "Report loaded"
) -> bytes:
    """An acknowledgement of a batch of one message; without ``message_code`` only of the batch."""
    one = (
        f"""<MCCI_IN000002UV01><id extension="L-1" root="2.16.840.1.113883.3.989.2.1.3.19"/>
        <acknowledgement typeCode="{message_code}"><targetMessage>
        <id extension="{about or batch.rpartition("-")[0]}" root="2.16.840.1.113883.3.989.2.1.3.1"/></targetMessage>
        <acknowledgementDetail><text>{reason}</text></acknowledgementDetail></acknowledgement>
        </MCCI_IN000002UV01>"""
        if message_code
        else ""
    )
    return f"""<MCCI_IN200101UV01 xmlns="urn:hl7-org:v3">
    <id extension="ACK-1" root="2.16.840.1.113883.3.989.2.1.3.20"/><creationTime value="20260320"/>{one}
    <sender><device><id extension="NOWHERE" root="2.16.840.1.113883.3.989.2.1.3.17"/></device></sender>
    <acknowledgement typeCode="{code}"><targetBatch>
    <id extension="{batch}" root="2.16.840.1.113883.3.989.2.1.3.22"/></targetBatch></acknowledgement>
    </MCCI_IN200101UV01>""".encode()


def acknowledgement_upload(batch: str, **said: Any) -> SimpleUploadedFile:
    """The same as a browser sends it."""
    return SimpleUploadedFile("answer.ack", acknowledgement(batch, **said))
