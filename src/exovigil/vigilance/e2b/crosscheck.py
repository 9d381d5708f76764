"""Layer three of the check: what no single element can show.

A valid report has a reporter, a patient, a suspect product and a reaction; references lead somewhere; dates
are in order; a reaction without MedDRA is in a message that declares itself not for production.
"""

from collections.abc import Callable, Iterator

from lxml import etree

from exovigil.vigilance.e2b.dates import parse_point
from exovigil.vigilance.e2b.elements import HL7, by_id
from exovigil.vigilance.e2b.findings import Finding, Severity, readable
from exovigil.vigilance.e2b.places import Place, below

Found = dict[str, list[Place]]
_ID = f"{{{HL7}}}id"
_ACTS = f"{{{HL7}}}substanceAdministration"
_ACT_LINKS = f"{{{HL7}}}actReference"
_CODE = f"{{{HL7}}}processingCode"
_VALUE = f"{{{HL7}}}value"
_LINKS = (
    ((f"{{{HL7}}}subject1", f"{{{HL7}}}adverseEffectReference", _ID), "reaction", "G.k.9.i.1"),
    ((f"{{{HL7}}}subject2", f"{{{HL7}}}productUseReference", _ID), "drug", "G.k.9.i"),
)
_PATIENT = ("D.1", "D.2.1", "D.2.2a", "D.2.3", "D.5")


def crosscheck(batch: Place) -> Iterator[Finding]:
    """Check every message of a batch on its own, so that no reference can reach into another case."""
    for message in batch.inner.get("message", ()):
        found = message.by_level()
        if not found["case"]:
            continue  # reported as a missing part already
        for rule in _RULES:
            yield from rule(message, found)


def _finding(
    rule: str, element: str, at: Place | etree._Element, text: str, severity: Severity = "error"
) -> Finding:
    return Finding(rule, element, severity, readable(at.node if isinstance(at, Place) else at), text)


def _minimum(message: Place, found: Found) -> Iterator[Finding]:
    case = found["case"][0]
    for level, element, text in (
        ("reporter", "C.2.r", "no primary source; a valid report names where it came from"),
        ("reaction", "E.i", "no reaction; a valid report has at least one"),
        ("drug", "G.k", "no product; a valid report has at least one"),
    ):
        if not found[level]:
            yield _finding("minimum-criteria", element, case, text)
    for patient in found["patient"]:
        held = [spot for name in _PATIENT for spot in patient.spots.get(name, ())]
        if not any(spot.value or spot.flavor == "MSK" for spot in held):
            text = "no identifiable patient: give initials, age, age group, birth date or sex"
            yield _finding("minimum-criteria", "D.1", patient, text)
    roles = {role.value("G.k.1") for role in found["role"]}
    if found["drug"] and not roles & {"1", "3"}:
        yield _finding("minimum-criteria", "G.k.1", case, "no product is suspect (1) or interacting (3)")


def _references(message: Place, found: Found) -> Iterator[Finding]:
    known = {level: _identities(found[level]) for level in ("reaction", "drug")}
    for judgement in (*found["role"], *found["assessment"]):
        for path, level, element in _LINKS:
            for link in below(judgement.node, path):
                if _identity(link) not in known[level]:
                    text = f"{element} refers to {_identity(link)}, and no {level} of this case has that id"
                    yield _finding("reference", element, link, text)
    for link in _act_links(message.node):
        if _identity(link) not in known["reaction"]:
            text = f"G.k.9.i.1 refers to {_identity(link)}, and no reaction of this case has that id"
            yield _finding("reference", "G.k.9.i.1", link, text)
    for level, element in (("reaction", "E.i"), ("drug", "G.k")):
        if len(known[level]) < len(found[level]):
            text = f"{element}: every {level} needs an id of its own"
            yield _finding("reference", element, found[level][0], text)


def _act_links(message: etree._Element) -> Iterator[etree._Element]:
    """Give every identity that something inside a product refers to."""
    for reference in message.iter(_ACT_LINKS):
        if next(reference.iterancestors(_ACTS), None) is not None:
            yield from reference.iterchildren(_ID)


def _roles(message: Place, found: Found) -> Iterator[Finding]:
    characterised = {_identity(link) for role in found["role"] for link in below(role.node, _LINKS[1][0])}
    for drug in found["drug"]:
        if not _identities([drug]) & characterised:
            yield _finding("missing", "G.k.1", drug, "Characterisation of drug role is mandatory and missing")


def _identity(link: etree._Element) -> str:
    return f"{link.get('root', '')} {link.get('extension', '')}".strip()


def _identities(places: list[Place]) -> set[str]:
    return {_identity(link) for place in places for link in below(place.node, (_ID,))}


def _dates(message: Place, found: Found) -> Iterator[Finding]:
    for level, first, second in (
        ("case", "C.1.4", "C.1.5"),
        ("reaction", "E.i.4", "E.i.5"),
        ("dosage", "G.k.4.r.4", "G.k.4.r.5"),
    ):
        for place in found[level]:
            early, late = place.value(first), place.value(second)
            if early and late and _certainly_after(early, late):
                yield _finding("date-order", first, place, f"{first} ({early}) lies after {second} ({late})")


def _certainly_after(early: str, late: str) -> bool:
    """Compare the digits that both dates have, to the day; zones are left out."""
    if parse_point(early) is None or parse_point(late) is None:
        return False
    length = min(len(early), len(late), 8)
    return early[:length] > late[:length]


def _identifiers(message: Place, found: Found) -> Iterator[Finding]:
    case = found["case"][0]
    header, report = message.value("N.2.r.1"), case.value("C.1.1")
    if header and report and header != report:
        text = f"the message identifier {header!r} is not the report identifier C.1.1 {report!r}"
        yield _finding("identifier", "N.2.r.1", message, text, "warning")
    primary = [place for place in found["reporter"] if place.value("C.2.r.5")]
    if found["reporter"] and len(primary) != 1:
        text = f"{len(primary)} primary sources for regulatory purposes; exactly one is expected"
        yield _finding("primary-source", "C.2.r.5", case, text, "warning")


def _meddra(message: Place, found: Found) -> Iterator[Finding]:
    draft = declared_draft(message.node)
    for reaction in found["reaction"]:
        code, version = reaction.value("E.i.2.1b"), reaction.value("E.i.2.1a")
        if code and version:
            continue
        element = "E.i.2.1a" if code else "E.i.2.1b"
        if draft and not code and _draft_shape(reaction):
            continue
        remedy = "put a null flavour and the reporter's words" if draft else "code it or declare a draft"
        yield _finding(
            "missing", element, reaction, f"{by_id()[element].name} is mandatory and missing; {remedy}"
        )


def declared_draft(message: etree._Element) -> bool:
    """Say whether a message declares that it is not for production (processingCode other than P)."""
    code = message.find(_CODE)
    return code is not None and code.get("code") in {"T", "D"}


def _draft_shape(reaction: Place) -> bool:
    values = reaction.node.iterchildren(_VALUE)
    return any(value.get("nullFlavor") is not None for value in values) and bool(reaction.value("E.i.1.1a"))


_RULES: tuple[Callable[[Place, Found], Iterator[Finding]], ...] = (
    _minimum,
    _references,
    _roles,
    _dates,
    _identifiers,
    _meddra,
)
