"""Conditions over elements, as the content files write them.

``A.1&!A.2`` holds where A.1 is given and A.2 is not; ``A.1=1,2|A.3=NI`` where A.1 is 1 or 2 or A.3 has the null
flavour NI; ``A.1!=7`` where A.1 is given as something else; ``A.1~IND,PANDA`` where A.1 contains one of these,
in capitals or not; ``A.1=@A.2`` where A.1 is what A.2 is; ``A.1=#device_problems`` where A.1 is a code of that
list. An element is looked for where the condition is asked: in the record itself and those around it, else among
the records inside the nearest one around it; ``^A.1`` looks at those of the first product only.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from exovigil.vigilance.e2b.elements import by_id, device_problems, inner_levels, levels_of_table
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.record import Record

Chain = tuple[Record, ...]
Test = Callable[[Chain], bool]
Values = Callable[[Chain], Sequence[str]]
_ATOM = re.compile(r"(!?)(\^?)([\w.]+?)(?:(!?=|~)([@#]?[\w,.]+))?$")
_PRODUCT = ("role", "drug")  # levels of which there is one record a product, in the order of the products
_LISTS = {"#device_problems": device_problems}


@dataclass(frozen=True, slots=True)
class Atom:
    """One element of a condition: denied or not, where it stands, and the values or element it is compared with.

    ``first``: of the products inside only the first is looked at.
    """

    denied: bool
    element: str
    comparison: str
    values: frozenset[str]
    lineage: tuple[str, ...]
    other: "Atom | None" = None
    first: bool = False


def holds(condition: str, chain: Chain) -> bool:
    """Say whether a condition holds at the last record of a chain from the batch downwards."""
    return test_of(condition, chain[-1].level)(chain)


@lru_cache(maxsize=1024)
def test_of(condition: str, level: str) -> Test:
    """Make the test of a condition, to be asked of chains from the batch down to a record of a level."""
    tests = tuple(tuple(_test(atom, level) for atom in clause) for clause in clauses(condition))
    if len(tests) == len(tests[0]) == 1:
        return tests[0][0]

    def test(chain: Chain) -> bool:
        for clause in tests:
            for holds_here in clause:
                if not holds_here(chain):
                    break
            else:
                return True
        return False

    return test


def elements_in(condition: str) -> frozenset[str]:
    """Every element that a condition speaks of."""
    return frozenset(atom.element for clause in clauses(condition) for atom in clause)


@lru_cache(maxsize=512)
def clauses(condition: str) -> tuple[tuple[Atom, ...], ...]:
    """Take a condition apart: it holds where all atoms of one clause do."""
    found = []
    for clause in condition.split("|"):
        atoms = []
        for text in clause.split("&"):
            match = _ATOM.match(text.strip())
            if not match or not {match[3], (match[5] or "").partition("@")[2] or match[3]} <= set(by_id()):
                raise ValueError(f"a condition cannot be read: {text!r} in {condition!r}")
            atoms.append(
                _atom(bool(match[1]), match[3], match[4] or "", match[5] or "", first=bool(match[2]))
            )
        found.append(tuple(atoms))
    return tuple(found)


def _atom(denied: bool, element: str, comparison: str, value: str, *, first: bool = False) -> Atom:
    other = _atom(False, value[1:], "", "") if value.startswith("@") else None
    lineage = _lineage(by_id()[element].level)
    values = _LISTS[value]() if value.startswith("#") else frozenset(value.split(","))
    return Atom(denied, element, comparison, values, lineage, other, first)


def _test(atom: Atom, level: str) -> Test:
    """Make the test of one atom at a level."""
    denied, wanted, values = atom.denied, atom.values, _values(atom, level)
    if not atom.comparison:
        return lambda chain: bool(values(chain)) != denied
    if atom.comparison == "~":
        return lambda chain: any(part in said.upper() for said in values(chain) for part in wanted) != denied
    if atom.comparison == "!=":
        return lambda chain: (bool(found := values(chain)) and wanted.isdisjoint(found)) != denied
    if atom.other is not None:
        others = _values(atom.other, level)
        return lambda chain: set(others(chain)).isdisjoint(values(chain)) == denied
    return lambda chain: wanted.isdisjoint(values(chain)) == denied


def _values(atom: Atom, level: str) -> Values:
    """Make what gives the values of an element as text, a null flavour by its code.

    They are looked for inside the nearest record that the element and the level both have around them.
    """
    element, lineage, ours = atom.element, atom.lineage, _lineage(level)
    place = max(place for place, pair in enumerate(zip(lineage, ours, strict=False)) if pair[0] == pair[1])
    inward, first = lineage[place + 1 :], atom.first

    def alone(chain: Chain) -> tuple[str, ...]:
        value = chain[place].held.get(element)
        return () if value is None else (value.value if isinstance(value, NullFlavor) else value,)

    def inside(chain: Chain) -> list[str]:
        holders = [chain[place]]
        for step in inward:
            holders = [inner for holder in holders for inner in holder.inner.get(step, ())]
            if first and step in _PRODUCT:
                holders = holders[:1]
        found = [value for holder in holders if (value := holder.held.get(element)) is not None]
        return [value.value if isinstance(value, NullFlavor) else value for value in found]

    return inside if inward else alone


@lru_cache(maxsize=64)
def _lineage(level: str) -> tuple[str, ...]:
    """Names of the levels from the batch down to a level."""
    parent = levels_of_table()[level].parent
    return (*_lineage(parent), level) if parent else (level,)


def chains(record: Record, around: Chain = ()) -> Iterator[Chain]:
    """Every record inside a record, itself first, each with those around it."""
    chain = (*around, record)
    yield chain
    for level in inner_levels(record.level):
        for inner in record.inner.get(level.name, ()):
            yield from chains(inner, chain)


def is_around(outer: str, inner: str) -> bool:
    """Say whether a level stands around another one."""
    return outer != inner and outer in _lineage(inner)
