"""A typed case of this registry as records of the message: which field is which element.

The typed model (``model``) refuses contradictions; the records know every element. Identities of reactions and
products are derived from the report, so that the same case always gives the same message.
"""

import datetime as dt
import uuid
from collections.abc import Mapping

from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance.e2b.model import (
    Batch,
    Dosage,
    Drug,
    Icsr,
    NullFlavor,
    Patient,
    Reaction,
    Reporter,
    Sender,
    TestResult,
)
from exovigil.vigilance.e2b.record import Record


def header_of(batch: Batch) -> Record:
    """The batch without its messages."""
    return _record(
        "batch",
        {
            "N.1.1": "1",
            "N.1.2": batch.number,
            "N.1.3": batch.sender,
            "N.1.4": batch.receiver,
            "N.1.5": batch.created,
            "N.1.response": "D",
        },
    )


def message_of(batch: Batch, case: Icsr) -> Record:
    """One case of a batch with its message around it."""
    message = _record(
        "message",
        {
            "N.2.r.1": case.report_id,
            "N.2.r.2": batch.sender,
            "N.2.r.3": batch.receiver,
            "N.2.r.4": batch.created,
            "N.2.r.processing": "T" if case.is_draft else "P",
            "N.2.r.mode": "T",
            "N.2.r.accept": "AL",
            "C.1.2": case.created,
        },
    )
    _inside(message, "case", [_case(case)])
    return message


def _case(case: Icsr) -> Record:
    record = _record(
        "case",
        {
            "C.1.1": case.report_id,
            "C.1.3": case.report_type,
            "C.1.4": case.first_received,
            "C.1.5": case.most_recent,
            "C.1.6.1": bool(case.documents),
            "C.1.7": case.expedited,
            "C.1.8.1": case.worldwide_id or case.report_id,
            "C.1.8.2": case.first_sender,
            "C.1.9.1": True if case.other_ids else NullFlavor.NO_INFORMATION,
            "C.1.11.1": case.nullification,
            "C.1.11.2": case.nullification_reason,
            "H.1": case.narrative,
            "H.2": case.reporter_comments,
            "H.4": case.sender_comments,
        },
    )
    reactions = {r.key: _identity(case, "reaction", r.key) for r in case.reactions}
    drugs = {d.key: _identity(case, "drug", d.key) for d in case.drugs}
    _inside(record, "document", [_record("document", {"C.1.6.1.r.1": title}) for title in case.documents])
    _inside(record, "other_id", [
        _record("other_id", {"C.1.9.1.r.1": source, "C.1.9.1.r.2": number}) for source, number in case.other_ids
    ])  # fmt: skip
    _inside(record, "linked", [_record("linked", {"C.1.10.r": number}) for number in case.linked])
    _inside(record, "literature", [_record("literature", {"C.4.r.1": text}) for text in case.literature])
    _inside(record, "reporter", [_reporter(reporter) for reporter in case.reporters])
    _inside(record, "sender", [_sender(case.sender)])
    patient = _patient(case.patient)
    _inside(patient, "reaction", [_reaction(r, reactions[r.key]) for r in case.reactions])
    _inside(patient, "test", [_test(test) for test in case.tests])
    _inside(patient, "drug", [_drug(d, drugs[d.key], reactions) for d in case.drugs])
    _inside(record, "patient", [patient])
    _inside(
        record, "role", [_record("role", {"G.k.1": d.role, "G.k.1.drug": drugs[d.key]}) for d in case.drugs]
    )
    _inside(record, "assessment", [
        _record("assessment", {
            "G.k.9.i.1": reactions[item.reaction],
            "G.k.9.i.drug": drugs[d.key],
            "G.k.9.i.2.r.1": item.source,
            "G.k.9.i.2.r.2": item.method,
            "G.k.9.i.2.r.3": item.result,
        })
        for d in case.drugs
        for item in d.assessments
    ])  # fmt: skip
    return record


def _identity(case: Icsr, kind: str, key: str) -> str:
    """Derive a UUID that stays the same for the same part of the same case."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{case.report_id}/{kind}/{key}"))


def _reporter(reporter: Reporter) -> Record:
    return _record(
        "reporter",
        {
            "C.2.r.1.1": reporter.title,
            "C.2.r.1.2": reporter.given_name,
            "C.2.r.1.4": reporter.family_name,
            "C.2.r.2.1": reporter.organisation,
            "C.2.r.2.4": reporter.city,
            "C.2.r.2.6": reporter.postcode,
            "C.2.r.3": reporter.country,
            "C.2.r.4": reporter.qualification,
            "C.2.r.5": "1" if reporter.primary else None,
        },
    )


def _sender(sender: Sender) -> Record:
    return _record(
        "sender",
        {
            "C.3.1": sender.kind,
            "C.3.2": sender.organisation,
            "C.3.3.1": sender.department,
            "C.3.3.3": sender.given_name,
            "C.3.3.5": sender.family_name,
            "C.3.4.5": sender.country,
        },
    )


def _patient(patient: Patient) -> Record:
    return _record(
        "patient",
        {
            "D.1": patient.initials,
            "D.2.1": patient.birth_date,
            "D.2.2a": patient.age,
            "D.2.2b": None if patient.age is None else patient.age_unit,
            "D.2.3": patient.age_group,
            "D.3": patient.weight_kg,
            "D.4": patient.height_cm,
            "D.5": patient.sex,
            "D.7.2": patient.history or NullFlavor.UNKNOWN,  # needed where no history is coded
        },
    )


def _reaction(reaction: Reaction, identity: str) -> Record:
    meddra, term = reaction.meddra, reaction.term
    serious = {
        f"E.i.3.2{letter}": True if letter in reaction.serious else NullFlavor.NO_INFORMATION
        for letter in "abcdef"
    }
    return _record(
        "reaction",
        {
            "E.i.id": identity,
            "E.i.1.1a": reaction.words,
            "E.i.1.1b": reaction.language,
            "E.i.1.2": reaction.translation,
            "E.i.2.1a": meddra.version if meddra else None,
            "E.i.2.1b": meddra.code if meddra else NullFlavor.NO_INFORMATION,
            "E.i.2.1.ncit": term.code if term else None,
            "E.i.2.1.ncit.name": term.label if term else None,
            "E.i.3.1": reaction.highlighted,
            **serious,
            "E.i.4": reaction.start,
            "E.i.5": reaction.end,
            "E.i.7": reaction.outcome,
            "E.i.8": reaction.confirmed,
            "E.i.9": reaction.country,
        },
    )


def _test(test: TestResult) -> Record:
    return _record(
        "test",
        {
            "F.r.1": test.date,
            "F.r.2.1": test.name,
            "F.r.3.1": test.code,
            "F.r.3.4": test.text,
            "F.r.6": test.comment,
            "F.r.7": test.more_available,
        },
    )


def _drug(drug: Drug, identity: str, reactions: Mapping[str, str]) -> Record:
    record = _record(
        "drug",
        {
            "G.k.id": identity,
            "G.k.2.2": drug.name,
            "G.k.2.4": drug.country,
            "G.k.8": drug.action,
            "G.k.11": drug.more,
        },
    )
    _inside(record, "dosage", [_dosage(dosage) for dosage in drug.dosages])
    _inside(record, "indication", [_record("indication", {"G.k.7.r.1": words}) for words in drug.indications])
    _inside(record, "rechallenge", [
        _record("rechallenge", {"G.k.9.i.4": code, "G.k.9.i.4.reaction": reactions[key]})
        for key, code in drug.rechallenge
    ])  # fmt: skip
    _inside(record, "remark", [_record("remark", {"G.k.10.r": code}) for code in drug.information])
    return record


def _dosage(dosage: Dosage) -> Record:
    return _record(
        "dosage",
        {
            "G.k.4.r.1a": dosage.dose,
            "G.k.4.r.1b": None if dosage.dose is None else dosage.unit,
            "G.k.4.r.4": dosage.start,
            "G.k.4.r.5": dosage.end,
            "G.k.4.r.7": dosage.lot,
            "G.k.4.r.8": dosage.text,
            "G.k.4.r.10.1": dosage.route,
        },
    )


def _record(level: str, fields: Mapping[str, object]) -> Record:
    """Make a record of what is said; an empty text says nothing."""
    return Record(
        level, {name: _plain(value) for name, value in fields.items() if value is not None and value != ""}
    )


def _inside(record: Record, level: str, inner: list[Record]) -> None:
    if inner:
        record.inner[level] = inner


def _plain(value: object) -> str | NullFlavor:
    """Write a value as HL7 writes it."""
    if isinstance(value, NullFlavor):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y%m%d%H%M%S%z")
    if isinstance(value, dt.date):
        return value.strftime("%Y%m%d")
    if isinstance(value, PartialDate):
        return str(value).replace("-", "")
    return str(value)
