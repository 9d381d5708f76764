"""Writing the patient, the reactions and the tests (sections D, E and F)."""

from lxml import etree

from exovigil.vigilance.e2b.build import add, coded, observed, valued, worded
from exovigil.vigilance.e2b.elements import SYSTEMS, code_lists
from exovigil.vigilance.e2b.model import Patient, Reaction, TestResult

# ICH observation codes of E.i.3.2a to E.i.3.2f.
SERIOUSNESS = {"a": "34", "b": "21", "c": "33", "d": "35", "e": "12", "f": "26"}
_PART = "outboundRelationship2"


def subject(parent: etree._Element, tag: str) -> etree._Element:
    """Append ``subjectOf2`` and in it ``tag``: everything that is said of the patient hangs from one."""
    return add(add(parent, "subjectOf2", typeCode="SBJ"), tag)


def organiser(parent: etree._Element, code: str) -> etree._Element:
    """Append a grouping: 1 history, 3 tests, 4 products."""
    group = subject(parent, "organizer")
    coded(group, code, "grouping")
    return group


def patient(role: etree._Element, person: Patient) -> None:
    """Section D."""
    player = add(role, "player1")
    add(player, "name", person.initials)
    valued(player, "administrativeGenderCode", person.sex, "code", codeSystem=code_lists()["sex"].oid)
    valued(player, "birthTime", person.birth_date)
    for code, number, unit in (
        ("3", person.age, person.age_unit),
        ("7", person.weight_kg, "kg"),
        ("17", person.height_cm, "cm"),
    ):
        if number is not None:
            _measured(role, code, type="PQ", value=number, unit=unit)
    if person.age_group is not None:
        system = code_lists()["age_group"].oid
        _measured(role, "4", type="CE", code=person.age_group, codeSystem=system)
    if person.history is not None:
        part = add(organiser(role, "1"), "component")
        observed(part, "observation", "18", type="ED", text=person.history)


def _measured(role: etree._Element, code: str, /, **value: object) -> None:
    observation = subject(role, "observation")
    coded(observation, code, "observation")
    add(observation, "value", **value)


def reaction(role: etree._Element, event: Reaction, identity: str) -> None:
    """Section E for one reaction; without MedDRA its value is a null flavour with words and a free code."""
    observation = subject(role, "observation")
    add(observation, "id", root=identity)
    coded(observation, "29", "observation")
    _interval(observation, event.start, event.end)
    _term(observation, event)
    if event.country:
        place = add(add(observation, "location", typeCode="LOC"), "locatedEntity/locatedPlace")
        coded(place, event.country, code_lists()["country"].oid)
    if event.translation:
        _part(observation, "30", type="ED", text=event.translation)
    if event.highlighted:
        system = code_lists()["highlighted"].oid
        _part(observation, "37", type="CE", code=event.highlighted, codeSystem=system)
    for letter, code in SERIOUSNESS.items():
        true = letter in event.serious
        _part(observation, code, type="BL", value="true" if true else None, nullFlavor=None if true else "NI")
    _part(observation, "27", type="CE", code=event.outcome, codeSystem=code_lists()["outcome"].oid)
    if event.confirmed is not None:
        _part(observation, "24", type="BL", value=event.confirmed)


def _interval(observation: etree._Element, start: object, end: object) -> None:
    if start is None and end is None:
        return
    time = add(observation, "effectiveTime", type="IVL_TS")
    valued(time, "low", start)
    valued(time, "high", end)


def _term(observation: etree._Element, event: Reaction) -> None:
    meddra = event.meddra
    value = add(
        observation,
        "value",
        type="CE",
        code=meddra.code if meddra else None,
        codeSystem=SYSTEMS["meddra"],
        codeSystemVersion=meddra.version if meddra else None,
        nullFlavor=None if meddra else "NI",
    )
    add(value, "originalText", event.words, language=event.language)
    if event.term:
        coded(value, event.term.code, "ncit", "translation", displayName=event.term.label)


def _part(observation: etree._Element, code: str, /, **value: object) -> None:
    observed(add(observation, _PART, typeCode="PERT"), "observation", code, **value)


def tests(role: etree._Element, results: tuple[TestResult, ...]) -> None:
    """Section F: one grouping with a component for each test."""
    if not results:
        return
    group = organiser(role, "3")
    for result in results:
        observation = add(group, "component/observation")
        add(observation, "code", codeSystem=SYSTEMS["meddra"])
        worded(observation[-1], "originalText", result.name)
        valued(observation, "effectiveTime", result.date)
        if result.text:
            add(observation, "value", result.text, type="ED")
        if result.code:
            coded(observation, result.code, code_lists()["test_result"].oid, "interpretationCode")
        if result.comment:
            _part(observation, "10", type="ED", text=result.comment)
        if result.more_available is not None:
            more = add(observation, _PART, typeCode="REFR")
            observed(more, "observation", "25", type="BL", value=result.more_available)
