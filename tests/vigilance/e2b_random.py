"""Random cases over the whole table: every element may occur, and every condition of ICH is met."""

import random
from string import ascii_letters

from exovigil.vigilance.e2b.conditions import chains
from exovigil.vigilance.e2b.elements import (
    ASIDE,
    Element,
    allowed,
    by_id,
    by_level,
    inner_levels,
    levels_of_table,
)
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.record import Record
from exovigil.vigilance.e2b.rules import broken

_SIGNS = ascii_letters + "     äßéøçłπ漢字—'\"&<>.,;0123456789"
# Of these only one may stand in a record: they share a node that the schema allows once.
_EITHER = (
    ("D.8.r.2", "D.8.r.3", "D.8.r.other"),
    ("D.10.8.r.2", "D.10.8.r.3", "D.10.8.r.other"),
    ("G.k.2.1.1", "G.k.2.1.2", "G.k.2.1.other"),
    ("G.k.2.3.r.2", "G.k.2.3.r.other"),
    ("E.i.5", "E.i.6"),
    ("F.r.3.2", "F.r.3.4"),
)
_ORDERED = (("C.1.4", "C.1.5"), ("E.i.4", "E.i.5"), ("G.k.4.r.4", "G.k.4.r.5"))
_LINKED = {"begin_interval", "end_interval", "rechallenge", "assessment", "role"}
_FIXED_HELD = {
    "N.1.response": "D",
    "N.2.r.processing": "P",
    "N.2.r.mode": "T",
    "N.2.r.accept": "AL",
    "C.2.r.5": None,
    "C.1.6.1.r.2.compression": None,
}


def random_batch(seed: int, cases: int = 1) -> Record:
    """A batch that breaks no rule, the same for the same seed."""
    rng = random.Random(seed)
    batch = _record(rng, "batch", with_inner=False)
    batch.inner["message"] = [random_message(rng) for _ in range(cases)]
    _meet_conditions(rng, batch)
    return batch


def random_message(rng: random.Random) -> Record:
    """One message with its case."""
    message = _record(rng, "message")
    (case,) = message.inner["case"]
    message.held["N.2.r.1"] = case.held["C.1.1"]
    case.inner["reporter"][0].held["C.2.r.5"] = "1"
    patient = case.inner["patient"][0]
    patient.held["D.5"] = rng.choice("12")
    _link(rng, case, patient)
    holder = Record("batch", {}, {"message": [message]})
    _meet_conditions(rng, holder)
    return message


def _record(rng: random.Random, level: str, *, with_inner: bool = True) -> Record:
    record = Record(level)
    for row in by_level()[level]:
        if row.data_type in {"fixed", "link"} or row.authority == "FDA":
            continue
        if row.element in _FIXED_HELD:
            fixed = _FIXED_HELD[row.element]
            if fixed:
                record.held[row.element] = fixed
        elif row.authority == "ICH" and _wanted(rng, row):
            record.held[row.element] = _value(rng, row)
    _choose(rng, record)
    for first, second in _ORDERED:
        _sort(record, first, second)
    for inner in inner_levels(level) if with_inner else ():
        count = _count(rng, inner.name)
        if count:
            record.inner[inner.name] = [_record(rng, inner.name) for _ in range(count)]
    return record


def _wanted(rng: random.Random, row: Element) -> bool:
    always = row.conformance in {"mandatory", "required"} or row.element in {"E.i.2.1a", "E.i.2.1b"}
    return always or rng.random() < 0.5


def _count(rng: random.Random, level: str) -> int:
    if level in _LINKED or levels_of_table()[level].element.startswith("FDA"):
        return 0
    if level in {"case", "sender", "patient"}:
        return 1
    if level in {"reporter", "reaction", "drug"}:
        return rng.choice((1, 1, 2, 3))
    if level in {"study", "parent"}:
        return rng.choice((0, 1))
    return rng.choice((0, 0, 1, 2))


def _value(rng: random.Random, row: Element) -> str | NullFlavor:
    if row.null_flavors and row.part not in ASIDE and row.element != "F.r.3.2" and rng.random() < 0.2:
        return NullFlavor(rng.choice(row.null_flavors))
    if row.codes:
        return rng.choice(sorted(code for code in allowed(row.codes) if len(code) <= (row.max_length or 50)))
    return _PLAIN[row.data_type](rng, row)


def _text(rng: random.Random, row: Element) -> str:
    if row.part == "@unit":
        return rng.choice(("mg", "mL", "ug/mL", "10*9/L", "{DF}", "%"))
    length = rng.randint(1, min(row.max_length or 40, 60))
    if row.part.startswith("@code"):
        return "".join(rng.choice(ascii_letters) for _ in range(length))
    return "".join(rng.choice(_SIGNS) for _ in range(length)).strip() or "x"


def _number(rng: random.Random, row: Element) -> str:
    return str(rng.randint(0, 10 ** min(row.max_length or 3, 5) - 1))


def _day(rng: random.Random) -> str:
    return f"{rng.randint(1950, 2025)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"


def _time(rng: random.Random) -> str:
    return f"{_day(rng)}{rng.randint(0, 23):02}{rng.randint(0, 59):02}{rng.randint(0, 59):02}+0000"


_PLAIN = {
    "text": _text,
    "code": _text,
    "number": _number,
    "date": lambda rng, row: _day(rng)[: rng.choice((4, 6, 8))],
    "day": lambda rng, row: _day(rng),
    "time": lambda rng, row: _time(rng),
    "bool": lambda rng, row: rng.choice(("true", "false")),
    "true": lambda rng, row: "true",
    "version": lambda rng, row: f"{rng.randint(5, 29)}.{rng.randint(0, 1)}",
    "meddra": lambda rng, row: str(rng.randint(10_000_000, 10_099_999)),
}


def _choose(rng: random.Random, record: Record) -> None:
    """Keep one of what cannot stand together."""
    for groups in _EITHER:
        kept = rng.choice(groups)
        for group in groups:
            if group != kept:
                for element in [name for name in record.held if name.startswith(group)]:
                    del record.held[element]
    for element in (
        "D.8.r.2",
        "D.8.r.3",
        "D.10.8.r.2",
        "D.10.8.r.3",
        "G.k.2.1.1",
        "G.k.2.1.2",
        "G.k.2.3.r.2",
    ):
        if element + "a" in record.held and element + "b" not in record.held:
            del record.held[element + "a"]  # a version of nothing


def _sort(record: Record, first: str, second: str) -> None:
    early, late = record.held.get(first), record.held.get(second)
    if isinstance(early, str) and isinstance(late, str) and early[:4] >= late[:4]:
        record.held[first], record.held[second] = late, early
        if early[:4] == late[:4]:
            record.held[first] = record.held[second] = max(early, late, key=len)


def _link(rng: random.Random, case: Record, patient: Record) -> None:
    """Give reactions and products identities, every product a role, and some pairs an assessment."""
    reactions = [_identify(rng, record, "E.i.id") for record in patient.inner["reaction"]]
    drugs = [_identify(rng, record, "G.k.id") for record in patient.inner["drug"]]
    for place, drug in enumerate(drugs):
        role = case.add("role")
        role.held = {"G.k.1": rng.choice("13" if place == 0 else "1234"), "G.k.1.drug": drug}
        record = patient.inner["drug"][place]
        for reaction in reactions:
            if rng.random() < 0.5:
                _filled(rng, case.add("assessment"), {"G.k.9.i.1": reaction, "G.k.9.i.drug": drug})
            for level, link in (
                ("begin_interval", "G.k.9.i.3.1.reaction"),
                ("end_interval", "G.k.9.i.3.2.reaction"),
                ("rechallenge", "G.k.9.i.4.reaction"),
            ):
                if rng.random() < 0.5:
                    _filled(rng, record.add(level), {link: reaction})


def _filled(rng: random.Random, record: Record, links: dict[str, str]) -> None:
    for row in by_level()[record.level]:
        if row.authority == "ICH" and row.data_type != "link":
            record.held[row.element] = _value(rng, row)
    record.held.update(links)


def _identify(rng: random.Random, record: Record, element: str) -> str:
    identity = f"{rng.getrandbits(128):032x}"
    identity = "-".join((identity[:8], identity[8:12], identity[12:16], identity[16:20], identity[20:]))
    record.held[element] = identity
    return identity


def _meet_conditions(rng: random.Random, batch: Record) -> None:
    """Give what a condition asks for until nothing is asked for any more."""
    for _ in range(6):
        found = [b for b in broken(batch) if b.rule.rule == "together"]
        for item in found:
            row = by_id()[item.rule.element]
            record = item.record
            if record.level != row.level:
                if row.level == "study":
                    record = record.inner["patient"][0]
                inner = record.inner.get(row.level)
                record = inner[0] if inner else record.add(row.level)
            if row.element not in record.held:
                record.held[row.element] = "x" if row.element == "F.r.3.4" else _value(rng, row)
            if (
                row.element in {"F.r.3.2", "F.r.3.1"}
                and "F.r.3.4" in record.held
                and "F.r.3.2" in record.held
            ):
                del record.held["F.r.3.4"]
            if row.element == "F.r.3.2":
                record.held["F.r.3.3"] = "mg/dL"
        if not found:
            return
    left = {(b.rule.element, b.rule.when) for b in broken(batch)}
    raise AssertionError(f"conditions that cannot be met together: {left}")


def every_element(batch: Record) -> set[str]:
    """Names of all elements that a batch holds."""
    return {name for chain in chains(batch) for name in chain[-1].held}
