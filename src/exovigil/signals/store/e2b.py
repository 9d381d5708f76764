"""E2B(R3) files, through the reader of the vigilance room: a message a report, a row a dosage.

The case goes by its worldwide number (C.1.8.1), its versions by the day of the latest information (C.1.5). A report
sent to nullify another takes the case out.
"""

from pathlib import Path

from exovigil.signals.store.gathered import Gathered
from exovigil.signals.store.problems import Unreadable
from exovigil.signals.store.workbench import FileCount, Origin, Workbench
from exovigil.vigilance.e2b.read_records import read_records
from exovigil.vigilance.e2b.reader import RefusedXml
from exovigil.vigilance.e2b.record import Record

FORMAT = "e2b"
_CRITERIA = tuple(f"E.i.3.2{letter}" for letter in "abcdef")
_REPORTERS = {"1": "MD", "2": "PH", "3": "OT", "4": "LW", "5": "CN"}
_DAY = 8  # digits of a date; what follows is a time


def read_e2b(work: Workbench, source: Path) -> list[str]:
    """Read one E2B(R3) file into the staged tables."""
    try:
        batch = read_records(source)
    except RefusedXml as error:
        raise Unreadable(source.name, str(error)) from error
    rows = Gathered()
    messages = batch.inner.get("message", [])
    for number, message in enumerate(messages, start=1):
        for case in message.inner.get("case", []):
            _case(rows, source.name, number, case)
    counts = {
        table: FileCount(f"{source.name} ({table})", table, read=len(r)) for table, r in rows.rows.items()
    }
    rows.stage(work, Origin("E2B", "E2B", FORMAT), counts)
    return []


def _case(rows: Gathered, file: str, number: int, case: Record) -> None:
    """Take a message's report out; its place in the batch stands for the line."""
    patient = _first(case, "patient")
    report = case.value("C.1.1")
    reactions = patient.inner.get("reaction", [])
    primary = next(
        (r for r in case.inner.get("reporter", []) if r.value("C.2.r.5") == "1"), _first(case, "reporter")
    )
    rows.add(
        "reports", f"{file} (reports)", number,
        report_number=report, case_id=case.value("C.1.8.1") or report, received=case.value("C.1.5")[:_DAY],
        event=min((onset for r in reactions if (onset := r.value("E.i.4")[:_DAY])), default=""),
        age=patient.value("D.2.2a"), age_unit=patient.value("D.2.2b"), sex=patient.value("D.5"),
        reporter=_REPORTERS.get(primary.value("C.2.r.4"), ""), reporter_country=primary.value("C.2.r.3"),
        country=next((c for r in reactions if (c := r.value("E.i.9"))), ""),
        serious="yes" if any(r.value(c) == "true" for r in reactions for c in _CRITERIA) else "",
        nullified="yes" if case.value("C.1.11.1") == "1" else "",
    )  # fmt: skip
    for reaction in reactions:
        rows.add(
            "reactions", f"{file} (reactions)", number,
            report_number=report, onset=reaction.value("E.i.4")[:_DAY],
            coded=reaction.value("E.i.2.1.ncit.name") or _meddra(reaction.value("E.i.2.1b")),
            reaction=reaction.value("E.i.1.2") or reaction.value("E.i.1.1a"),
        )  # fmt: skip
    roles = {_link(role, "G.k.1.drug"): role.value("G.k.1") for role in case.inner.get("role", [])}
    for seq, drug in enumerate(patient.inner.get("drug", []), start=1):
        _drug(rows, f"{file} (products)", number, report, seq, drug, roles.get(_link(drug, "G.k.id"), ""))


def _drug(rows: Gathered, file: str, number: int, report: str, seq: int, drug: Record, role: str) -> None:
    substances = sorted(filter(None, (s.value("G.k.2.3.r.1") for s in drug.inner.get("substance", []))))
    for dosage in drug.inner.get("dosage", []) or [Record("dosage")]:
        rows.add(
            "products", file, number,
            report_number=report, seq=str(seq), product=drug.value("G.k.2.2"), role=role,
            ingredient="\\".join(substances), route=dosage.value("G.k.4.r.10.1"),
            dose=" ".join(filter(None, (dosage.value("G.k.4.r.1a"), dosage.value("G.k.4.r.1b")))),
            lot=dosage.value("G.k.4.r.7"), started=dosage.value("G.k.4.r.4")[:_DAY],
            indication=_first(drug, "indication").value("G.k.7.r.1"),
        )  # fmt: skip


def _meddra(code: str) -> str:
    """Count a reaction by its MedDRA code; its term is licensed and not ours to ship."""
    return f"MedDRA {code}" if code else ""


def _first(record: Record, level: str) -> Record:
    return next(iter(record.inner.get(level, [])), Record(level))


def _link(record: Record, element: str) -> tuple[str, str]:
    return record.value(element), record.value(f"{element}.extension")
