"""Reports that share a number: deterministic links, proposed with their reason before anything weighed.

Whoever gives a report a number says which report it is, so an equal number says more than any likeness. Nothing is
joined here: a person decides. Numbers too short or too common to point at one report ("unknown", "1") count as none.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NOBODY = frozenset({"unknown", "unk", "none", "notknown", "notavailable", "notapplicable", "pending", "tbc"})
ELEMENTS = ("C.1.8.1", "C.1.9.1", "C.1.10")  # which say that reports belong together, the strongest first
SHORTEST = 4  # characters that are letters or figures; a design choice of this project


@dataclass(frozen=True, slots=True)
class Identified:
    """A report or case with the numbers it goes by. ``key`` names it among those compared.

    ``worldwide`` is C.1.8.1, ``own`` every other number of the same report (C.1.1, C.1.9.1, a receiver's number),
    ``linked`` the reports that it names as linked (C.1.10).
    """

    key: str
    worldwide: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()

    @property
    def numbers(self) -> frozenset[str]:
        """Every number of the report itself."""
        return self.worldwide | self.own


@dataclass(frozen=True, slots=True)
class SharedNumber:
    """A link that a number proves or claims: to what, which element says so, the number, and what it means."""

    key: str
    element: str
    number: str
    why: str
    same: bool  # the same report; otherwise one that is named as linked

    @property
    def rank(self) -> int:
        """Place among the reasons, the strongest first."""
        return ELEMENTS.index(self.element)


def normal(number: str) -> str:
    """Give a number as it is compared: figures and letters alone, in capitals; empty when it points at nothing.

    >>> normal("gb-acme-0007/1"), normal("unknown")
    ('GBACME00071', '')
    """
    plain = re.sub(r"[\W_]+", "", number)
    known = len(plain) >= SHORTEST and any(c.isdigit() for c in plain) and plain.lower() not in _NOBODY
    return plain.upper() if known else ""


def shared_numbers(subject: Identified, others: Iterable[Identified]) -> tuple[SharedNumber, ...]:
    """Propose links between a report and others, the strongest reason for each: C.1.8.1, then C.1.9.1, then C.1.10.

    Numbers must be given as ``normal`` makes them. A report is never linked to itself.
    """
    found = (_strongest(subject, other) for other in others if other.key != subject.key)
    return tuple(sorted((link for link in found if link), key=lambda link: (link.rank, link.key)))


def _strongest(one: Identified, other: Identified) -> SharedNumber | None:
    rules = (
        ("C.1.8.1", one.worldwide & other.worldwide, "the same worldwide case identification", True),
        ("C.1.9.1", one.numbers & other.numbers, "the same case number", True),
        ("C.1.10", one.linked & other.numbers, "this report names it as linked", False),
        ("C.1.10", other.linked & one.numbers, "it names this report as linked", False),
    )
    for element, numbers, why, same in rules:
        for number in sorted(numbers - {""})[:1]:
            return SharedNumber(other.key, element, number, why, same)
    return None
