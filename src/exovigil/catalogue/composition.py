"""What a product is made of: the attributes asked for, their codes, and declared against verified.

A label is a claim. What a maker declares and what a laboratory or an inspector found are kept apart
and compared attribute by attribute, because the two have been seen to differ: a brand sold as
plant-based held 12.5 % human material according to one practitioner.
"""

import enum
from dataclasses import dataclass
from functools import cache
from typing import Literal

from exovigil.foundation.content import ContentError, Source, load_toml

PACKAGE = "exovigil.catalogue"
FILE = "composition.toml"


class SourceClass(enum.StrEnum):
    """The kind of organism the vesicles come from; ``NOT_STATED`` is a value, not a gap to fill."""

    HUMAN = "human"
    PLANT = "plant"
    ANIMAL = "animal"
    BACTERIAL = "bacterial"
    NOT_STATED = "not stated"


class Agreement(enum.StrEnum):
    """How a verified value stands to the declared one."""

    AGREES = "agrees"
    DIFFERS = "differs"
    DECLARED_ONLY = "declared, not verified"
    VERIFIED_ONLY = "verified, not declared"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing to ask about a product; ``kind`` says how the answer is written."""

    code: str
    label: str
    help: str
    kind: Literal["code", "text", "number", "yes or no"]
    level: Literal["mandatory", "expected", "report"]
    source: Source
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """One allowed answer to an attribute of kind ``code``."""

    attribute: str
    code: str
    label: str
    source: Source
    source_class: SourceClass | None = None


@cache
def attributes() -> tuple[Attribute, ...]:
    """Load the attributes in the order in which they are asked."""
    return load_toml(PACKAGE, FILE, "attribute", Attribute)


@cache
def all_codes() -> tuple[Code, ...]:
    """Load every code; raises ContentError when one belongs to no coded attribute."""
    rows = load_toml(PACKAGE, FILE, "code", Code)
    coded = {a.code for a in attributes() if a.kind == "code"}
    for row in rows:
        if row.attribute not in coded:
            raise ContentError(
                f"{FILE}: code {row.code!r} belongs to {row.attribute!r}, not a coded attribute"
            )
    return rows


def codes(attribute: str) -> tuple[Code, ...]:
    """Return the code list of one attribute, empty when its answer is free."""
    return tuple(row for row in all_codes() if row.attribute == attribute)


def agreement(declared: str, verified: str) -> Agreement:
    """Compare two answers, letter case aside; ``not stated`` counts as no answer."""
    said, found = (_known(value) for value in (declared, verified))
    if said and found:
        return Agreement.AGREES if said == found else Agreement.DIFFERS
    if said:
        return Agreement.DECLARED_ONLY
    return Agreement.VERIFIED_ONLY if found else Agreement.UNKNOWN


def _known(value: str) -> str:
    folded = value.strip().casefold()
    return "" if folded in {"", SourceClass.NOT_STATED.value, "unknown", "not known"} else folded
