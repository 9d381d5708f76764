"""What a message from another sender says that decides what becomes of it: who told, about whom, what, and its numbers.

Everything else in the message is kept as it is and shown as it stands (``readable``).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.record import Record

_SUSPECTS = frozenset({"1", "3"})  # G.k.1: suspect, interacting
_SEXES = {"1": "male", "2": "female"}
_QUALIFICATIONS = frozenset({"1", "2", "3", "4", "5"})
_YEAR = {"a": 1.0, "{decade}": 10.0, "10.a": 10.0, "mo": 1 / 12, "wk": 7 / 365.25, "d": 1 / 365.25, "h": 0.0}
_NAMES = ("C.2.r.1.1", "C.2.r.1.2", "C.2.r.1.3", "C.2.r.1.4")
_PLACES = ("C.2.r.2.1", "C.2.r.2.2", "C.2.r.2.3", "C.2.r.2.4", "C.2.r.2.5", "C.2.r.2.6", "C.2.r.2.7")
MASKED = "masked by the sender"


@dataclass(frozen=True, slots=True)
class IncomingFacts:
    """One message in the terms of an incoming report; an empty text is nothing said.

    ``numbers`` holds (element, source, number) for C.1.1, C.1.8.1, C.1.9.1 and C.1.10; ``serious`` the letters of
    E.i.3.2; ``onset`` a partial date as text; ``retraction`` is C.1.11.1 with its reason.
    """

    numbers: tuple[tuple[str, str, str], ...]
    reporter: str
    reporter_name: str
    reporter_contact: str
    country: str
    patient_name: str
    patient_note: str
    age: int | None
    sex: str
    product: str
    lot: str
    words: str
    onset: str
    outcome: str
    serious: frozenset[str]
    narrative: str
    literature: str
    retraction: tuple[str, str]


def messages_of(batch: Record) -> tuple[Record, ...]:
    """The messages of a batch, in order."""
    return tuple(batch.inner.get("message", ()))


def alone(batch: Record, message: Record) -> Record:
    """A batch with one of its messages and nothing of the others."""
    return Record("batch", dict(batch.held), {"message": [message]})


def facts_of(message: Record) -> IncomingFacts:
    """Read one message; what it does not say stays empty."""
    case = next(iter(message.inner.get("case", ())), Record("case"))
    patient = next(iter(case.inner.get("patient", ())), Record("patient"))
    reporter = _primary(case.inner.get("reporter", []))
    reactions = patient.inner.get("reaction", [])
    suspects = _suspects(case, patient)
    return IncomingFacts(
        numbers=tuple(_numbers(case)),
        reporter=reporter.value("C.2.r.4") if reporter.value("C.2.r.4") in _QUALIFICATIONS else "",
        reporter_name=_said(reporter, _NAMES, " "),
        reporter_contact=_said(reporter, _PLACES, ", "),
        country=reporter.value("C.2.r.3")[:2],
        patient_name=_masked(patient, "D.1"),
        patient_note=_patient_note(patient),
        age=_age(patient),
        sex=_SEXES.get(patient.value("D.5"), ""),
        product=_each(drug.value("G.k.2.2") for drug in suspects),
        lot=_each(d.value("G.k.4.r.7") for drug in suspects for d in drug.inner.get("dosage", [])),
        words=_each((_words(reaction) for reaction in reactions), "\n"),
        onset=min((day for day in map(_onset, reactions) if day), default=""),
        outcome=_outcome(reactions),
        serious=frozenset(
            letter for letter in "abcdef" for r in reactions if r.value(f"E.i.3.2{letter}") == "true"
        ),
        narrative=case.value("H.1"),
        literature=_each(row.value("C.4.r.1") for row in case.inner.get("literature", [])),
        retraction=(case.value("C.1.11.1"), case.value("C.1.11.2")),
    )


def _numbers(case: Record) -> Iterable[tuple[str, str, str]]:
    for element in ("C.1.8.1", "C.1.1"):
        if case.value(element):
            yield element, "", case.value(element)
    for other in case.inner.get("other_id", []):
        if other.value("C.1.9.1.r.2"):
            yield "C.1.9.1", other.value("C.1.9.1.r.1"), other.value("C.1.9.1.r.2")
    for linked in case.inner.get("linked", []):
        if linked.value("C.1.10.r"):
            yield "C.1.10", "", linked.value("C.1.10.r")


def _primary(reporters: list[Record]) -> Record:
    first = next((r for r in reporters if r.value("C.2.r.5") == "1"), None)
    return first or next(iter(reporters), Record("reporter"))


def _suspects(case: Record, patient: Record) -> list[Record]:
    roles = {row.value("G.k.1.drug"): row.value("G.k.1") for row in case.inner.get("role", [])}
    return [drug for drug in patient.inner.get("drug", []) if roles.get(drug.value("G.k.id")) in _SUSPECTS]


def _said(record: Record, elements: tuple[str, ...], between: str) -> str:
    found = between.join(record.value(element) for element in elements if record.value(element))
    masked = any(record.held.get(element) is NullFlavor.MASKED for element in elements)
    return found or (MASKED if masked else "")


def _masked(record: Record, element: str) -> str:
    return record.value(element) or (MASKED if record.held.get(element) is NullFlavor.MASKED else "")


def _patient_note(patient: Record) -> str:
    """Say what else shows one real person: an age group, or that a birth date was given."""
    if patient.value("D.2.1"):
        return "date of birth given"
    return f"age group {patient.value('D.2.3')}" if patient.value("D.2.3") else ""


def _age(patient: Record) -> int | None:
    """Whole years from the age as sent; None when its unit or figure says nothing certain."""
    factor = _YEAR.get(patient.value("D.2.2b"))
    try:
        years = float(patient.value("D.2.2a")) * (factor if factor is not None else -1)
    except ValueError:
        return None
    return int(years) if 0 <= years <= 130 else None


def _words(reaction: Record) -> str:
    return reaction.value("E.i.1.1a") or reaction.value("E.i.1.2")


def _onset(reaction: Record) -> str:
    digits = reaction.value("E.i.4")[:8]
    text = "-".join(part for part in (digits[:4], digits[4:6], digits[6:8]) if part)
    try:
        return str(PartialDate.parse(text)) if text else ""
    except ValueError:
        return ""


def _outcome(reactions: list[Record]) -> str:
    """Give the outcome of a death if there is one, else of the first reaction; not known otherwise."""
    found = [r.value("E.i.7") for r in reactions]
    if "5" in found:
        return "5"
    return found[0] if found and found[0] in {"1", "2", "3", "4"} else "0"


def _each(values: Iterable[str], between: str = "; ") -> str:
    return between.join(dict.fromkeys(value.strip() for value in values if value.strip()))
