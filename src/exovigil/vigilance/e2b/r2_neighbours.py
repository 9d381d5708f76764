"""Values of an R2 report that mean something only beside others: numbers and units, links, what holds for all.

Each function takes the walk, the records around the group and what the group said, and tells the fate of each value.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.r2 import Tag, translate
from exovigil.vigilance.e2b.record import Record

Chain = dict[str, Record]
NUMBER = re.compile(r"-?\d+(\.\d+)?")
_CRITERIA = tuple(f"E.i.3.2{letter}" for letter in "abcdef")
_REPORT = "safetyreport"
_PATIENT = "safetyreport/patient"
_NOT_ONE = "the report does not say which reaction or product is meant"
# A unit of time in the next smaller one, to share an interval between several doses.
_SMALLER = {"a": ("mo", 12), "wk": ("d", 7), "d": ("h", 24), "h": ("min", 60)}


@dataclass(frozen=True, slots=True)
class Said:
    """A value of the file, where it stands and its row."""

    path: str
    value: str
    tag: Tag

    @property
    def name(self) -> str:
        """The tag itself."""
        return self.path.rsplit("/", 1)[-1]


class Teller(Protocol):
    """The walk, as far as it is needed here."""

    def tell(self, said: Said, fate: Any, element: str = "", note: str = "") -> None:
        """Write down what became of a value."""

    def put(self, said: Said, element: str, value: str | NullFlavor, chain: Chain, note: str = "") -> None:
        """Hold a value."""

    def place(self, level: str, chain: Chain) -> Record:
        """Give the record of a level."""


def _take(special: list[Said], name: str) -> Said | None:
    return next((said for said in special if said.name == name), None)


def finish_report(walk: Teller, chain: Chain, special: list[Said]) -> None:
    """What holds for the whole report: its header, first sender, primary reporter, seriousness, draft or not."""
    message, case = chain["message"], walk.place("case", chain)
    patient = walk.place("patient", chain)
    batch = chain["batch"].held
    for element, origin in (("N.2.r.2", "N.1.3"), ("N.2.r.3", "N.1.4"), ("N.2.r.4", "N.1.5")):
        if origin in batch:
            message.held[element] = batch[origin]
    if case.value("C.1.1"):
        message.held["N.2.r.1"] = case.value("C.1.1")
    reactions = patient.inner.get("reaction", [])
    _first_sender(walk, chain, special)
    _primary(walk, case, special)
    for said in special:
        if said.tag.how == "reactions":
            _for_each(walk, said, reactions)
    _seriousness(walk, reactions, _take(special, "serious"))
    for element in ("C.1.7", "C.1.9.1"):
        case.held.setdefault(element, NullFlavor.NO_INFORMATION)
    draft = any(not reaction.value("E.i.2.1b") for reaction in reactions)
    for reaction in reactions:
        reaction.held.setdefault("E.i.2.1b", NullFlavor.NO_INFORMATION)
    message.held |= {"N.2.r.processing": "T" if draft else "P", "N.2.r.mode": "T", "N.2.r.accept": "AL"}


def _first_sender(walk: Teller, chain: Chain, special: list[Said]) -> None:
    for name, sender in (("authoritynumb", "1"), ("companynumb", "2")):
        said = _take(special, name)
        if said is not None:
            walk.put(said, "C.1.8.1", said.value, chain)
            if walk.place("case", chain).value("C.1.8.1") == said.value:
                walk.place("case", chain).held.setdefault("C.1.8.2", sender)


def _primary(walk: Teller, case: Record, special: list[Said]) -> None:
    reporters, said = case.inner.get("reporter", []), _take(special, "primarysourcecountry")
    if reporters:
        reporters[0].held["C.2.r.5"] = "1"
    if said is None:
        return
    if not reporters or reporters[0].held.get("C.2.r.3", said.value) != said.value:
        walk.tell(said, "lost", "C.2.r.3", "the first reporter is of another country, or there is none")
        return
    reporters[0].held["C.2.r.3"] = said.value
    walk.tell(said, "changed", "C.2.r.3", said.tag.note)


def _for_each(walk: Teller, said: Said, reactions: list[Record]) -> None:
    element, value = said.tag.element, translate(said.tag.codes, said.value) if said.tag.codes else said.value
    if value is None or not reactions:
        walk.tell(said, "lost", element, "not a code of E2B(R2)" if value is None else "there is no reaction")
        return
    for reaction in reactions:
        reaction.held[element] = value
    walk.tell(said, "changed", element, said.tag.note)


def _seriousness(walk: Teller, reactions: list[Record], said: Said | None) -> None:
    for reaction in reactions:
        for element in _CRITERIA:
            reaction.held.setdefault(element, NullFlavor.NO_INFORMATION)
    if said is None:
        return
    met = any(reaction.value(element) for reaction in reactions for element in _CRITERIA)
    if (said.value == "1") == met:
        walk.tell(said, "changed", "E.i.3.2", said.tag.note)
    else:
        walk.tell(said, "lost", "E.i.3.2", "the report says otherwise than its criteria of seriousness")


def _sender(walk: Teller, chain: Chain, special: list[Said]) -> None:
    for name, element in (("sendertel", "C.3.4.6"), ("senderfax", "C.3.4.7")):
        parts = [_take(special, name + part) for part in ("countrycode", "", "extension")]
        said = [part for part in parts if part is not None]
        number = " ".join(part.value for part in said)
        for part in said:
            walk.place("sender", chain).held[element] = number
            walk.tell(part, "held" if len(said) == 1 else "changed", element, part.tag.note)


def _patient(walk: Teller, chain: Chain, special: list[Said]) -> None:
    said = _take(special, "resultstestsprocedures")
    if said is not None:
        case = walk.place("case", chain)
        case.held["H.1"] = f"{case.value('H.1')}\n\nResults of tests and procedures: {said.value}".strip()
        walk.tell(said, "changed", "H.1", said.tag.note)


def _test(walk: Teller, chain: Chain, special: list[Said]) -> None:
    held = walk.place("test", chain).held
    result, unit = _take(special, "testresult"), _take(special, "testunit")
    usable = unit is not None and " " not in unit.value
    if result is not None and unit is not None and usable and NUMBER.fullmatch(result.value):
        walk.put(result, "F.r.3.2", result.value, chain)
        walk.put(unit, "F.r.3.3", unit.value, chain)
    elif result is not None:
        words = f"{result.value} {unit.value}" if unit is not None else result.value
        walk.put(result, "F.r.3.4", words, chain)
        if unit is not None:
            walk.tell(unit, "changed", "F.r.3.4", "part of the result in words")
    elif unit is not None:
        walk.tell(unit, "lost", "F.r.3.3", "a unit without a result")
    for name, element in (("lowtestrange", "F.r.4"), ("hightestrange", "F.r.5")):
        said = _take(special, name)
        if said is None:
            continue
        if not NUMBER.fullmatch(said.value):
            walk.tell(said, "lost", element, "not a number")
            continue
        walk.put(said, element, said.value, chain)
        if unit is not None and usable:
            held[element + ".unit"] = unit.value


def _reaction_of(chain: Chain, term: str) -> Record | None:
    """The reaction that a term names, by code or in words; without a term the only one."""
    reactions = chain["patient"].inner.get("reaction", [])
    if not term:
        return reactions[0] if len(reactions) == 1 else None
    for reaction in reactions:
        names = (reaction.value(element) for element in ("E.i.2.1b", "E.i.1.2", "E.i.1.1a"))
        if term.casefold() in {name.casefold() for name in names if name}:
            return reaction
    return None


def _drug(walk: Teller, chain: Chain, special: list[Said]) -> None:
    drug = walk.place("drug", chain)
    if "role" in chain:
        chain["role"].held["G.k.1.drug"] = drug.value("G.k.id")
    _interval(walk, chain, special)
    only = _reaction_of(chain, "")
    for name, level, element in (
        ("drugstartperiod", "begin_interval", "G.k.9.i.3.1"),
        ("druglastperiod", "end_interval", "G.k.9.i.3.2"),
    ):
        _period(walk, special, name, (drug, only), (level, element))
    _recurrence(walk, chain, special)


def _period(
    walk: Teller,
    special: list[Said],
    name: str,
    pair: tuple[Record | None, Record | None],
    at: tuple[str, str],
) -> None:
    """Hold an interval between a product and a reaction where it is known which two are meant."""
    number, unit = _take(special, name), _take(special, name + "unit")
    said = [value for value in (number, unit) if value is not None]
    (drug, reaction), (level, element) = pair, at
    known = translate("time_unit", unit.value) if unit is not None else None
    if number is None or not NUMBER.fullmatch(number.value) or not isinstance(known, str):
        for value in said:
            walk.tell(value, "lost", element, "a number and a unit of time are needed")
        return
    if drug is None or reaction is None:
        for value in said:
            walk.tell(value, "lost", element, _NOT_ONE)
        return
    identity = reaction.value("E.i.id")
    made = Record(level, {element + "a": number.value, element + "b": known, element + ".reaction": identity})
    if made not in drug.inner.get(level, []):
        drug.inner.setdefault(level, []).append(made)
    for value in said:
        walk.tell(value, "changed", element, value.tag.note)


def _interval(walk: Teller, chain: Chain, special: list[Said]) -> None:
    """Several doses in an interval become one dose in a shorter interval, where that is exact."""
    names = ("drugseparatedosagenumb", "drugintervaldosageunitnumb", "drugintervaldosagedefinition")
    doses, number, unit = (_take(special, name) for name in names)
    said = [value for value in (doses, number, unit) if value is not None]
    code = translate("interval_unit", unit.value) if unit is not None else None
    shared = _share(number.value if number else "", str(code or ""), doses.value if doses else "1")
    if shared is None:
        for value in said:
            walk.tell(value, "lost", "G.k.4.r.2", "no interval for a single dose can be told from it exactly")
        return
    held = walk.place("dosage", chain).held
    held["G.k.4.r.3"] = shared[1]
    if shared[0]:
        held["G.k.4.r.2"] = shared[0]
    for value in said:
        walk.tell(value, "changed", "G.k.4.r.2", value.tag.note)


def _share(number: str, unit: str, doses: str) -> tuple[str, str] | None:
    """Interval between single doses, exact or not at all."""
    if not unit or not doses.isdigit() or int(doses) == 0:
        return None
    if not number:
        return ("", unit) if doses == "1" else None
    if not number.isdigit():
        return None
    length, share = int(number), int(doses)
    while length % share and unit in _SMALLER:
        unit, factor = _SMALLER[unit]
        length *= factor
    return (str(length // share), unit) if length % share == 0 and length // share < 10_000 else None


def _recurrence(walk: Teller, chain: Chain, special: list[Said]) -> None:
    said = _take(special, "drugrecurreadministration")
    terms = [value for value in special if value.name == "drugrecuraction"]
    found = [_reaction_of(chain, term.value) for term in terms] or [_reaction_of(chain, "")]
    drug, kept = walk.place("drug", chain), False
    usable = said is not None and said.value in {"1", "2", "3"}
    for term, reaction in zip(terms or (None,), found, strict=True):
        held = usable and reaction is not None
        if held and said is not None and reaction is not None:
            drug.add("rechallenge").held = {
                "G.k.9.i.4": said.value,
                "G.k.9.i.4.reaction": reaction.value("E.i.id"),
            }
        kept = kept or held
        if term is not None:
            walk.tell(term, "changed" if held else "lost", "G.k.9.i.4", term.tag.note if held else _NOT_ONE)
    versions = [value for value in special if value.name == "drugrecuractionmeddraversion"]
    for version in versions:
        _version(walk, version, found, "G.k.9.i.4")
    if said is not None:
        walk.tell(said, "changed" if kept else "lost", "G.k.9.i.4", said.tag.note if kept else _NOT_ONE)


def _version(walk: Teller, said: Said, reactions: list[Record | None], element: str) -> None:
    """The version of a term that names a reaction is that of the reaction, or it is lost."""
    known = {reaction.value("E.i.2.1a") for reaction in reactions if reaction is not None}
    same = said.value in known
    walk.tell(said, "held" if same else "lost", element, "" if same else "the reaction has no such version")


def _assessment(walk: Teller, chain: Chain, special: list[Said]) -> None:
    term, version = _take(special, "drugreactionasses"), _take(special, "drugreactionassesmeddraversion")
    reaction = _reaction_of(chain, term.value if term else "")
    held = chain["assessment"].held
    held["G.k.9.i.drug"] = chain["drug"].value("G.k.id")
    if reaction is not None:
        held["G.k.9.i.1"] = reaction.value("E.i.id")
    if term is not None:
        found = reaction is not None
        walk.tell(term, "changed" if found else "lost", "G.k.9.i.1", term.tag.note if found else _NOT_ONE)
    if version is not None:
        _version(walk, version, [reaction], "G.k.9.i.1")


def _duration(walk: Teller, chain: Chain, special: list[Said]) -> None:
    """Hold how long a reaction lasted, unless its end is given, which the schema does not allow beside it."""
    ended, number = "E.i.5" in chain["reaction"].held, _take(special, "reactionduration")
    known = number is not None and bool(NUMBER.fullmatch(number.value))
    for name in ("reactionduration", "reactiondurationunit"):
        said = _take(special, name)
        if said is None:
            continue
        value = translate(said.tag.codes, said.value) if said.tag.codes else said.value
        if ended or not known or value is None:
            why = said.tag.note if ended else "a number and a unit of time are needed"
            walk.tell(said, "lost", said.tag.element, why)
        else:
            walk.put(said, said.tag.element, value, chain)


def _reaction(walk: Teller, chain: Chain, special: list[Said]) -> None:
    _duration(walk, chain, special)
    suspects = _suspects(walk, chain)
    drug = suspects[0] if len(suspects) == 1 else None
    for name, level, element in (
        ("reactionfirsttime", "begin_interval", "G.k.9.i.3.1"),
        ("reactionlasttime", "end_interval", "G.k.9.i.3.2"),
    ):
        _period(walk, special, name, (drug, chain["reaction"]), (level, element))


def _suspects(walk: Teller, chain: Chain) -> list[Record]:
    """Products whose role is suspect or interacting."""
    roles = walk.place("case", chain).inner.get("role", [])
    named = {role.value("G.k.1.drug") for role in roles if role.value("G.k.1") in {"1", "3"}}
    return [drug for drug in chain["patient"].inner.get("drug", []) if drug.value("G.k.id") in named]


# Products come before reactions, whose intervals need the roles.
FINISH: dict[str, Callable[[Teller, Chain, list[Said]], None]] = {
    f"{_REPORT}/sender": _sender,
    _PATIENT: _patient,
    f"{_PATIENT}/test": _test,
    f"{_PATIENT}/drug": _drug,
    f"{_PATIENT}/drug/drugreactionrelatedness": _assessment,
    f"{_PATIENT}/reaction": _reaction,
}
