"""E2B(R2) reports upgraded to our records: what each tag becomes is a table, and nothing is dropped in silence.

Content: ``content/e2b_r2.csv`` (a row for every tag of an R2 report) and ``content/e2b_r2_codes.toml``. Every value
that an R2 file gives comes out as one ``Outcome``: held as it was, changed on the way, or lost, with the reason.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from lxml import etree

from exovigil.foundation.content import load_csv, load_toml
from exovigil.vigilance.e2b.elements import CodeList
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.e2b.reader import parse_untrusted, read_bounded
from exovigil.vigilance.e2b.record import Record

ROOT = "ichicsr"
REMEDY = "this is an E2B(R2) report; upgrade it with 'exovigil report rewrite IN OUT' and check OUT"
How = Literal["group", "level", "copy", "code", "version", "meddra", "reactions", "special", "frame", "lost"]
# The declaration that R2 files carry: a name and where the DTD would be, and nothing between brackets.
_DOCTYPE = re.compile(
    rb"""<!DOCTYPE\s+ichicsr(?:\s+(?:SYSTEM|PUBLIC\s+(?:"[^"<>\[]*"|'[^'<>\[]*'))\s+(?:"[^"<>\[]*"|'[^'<>\[]*'))?\s*>"""
)
_PROLOG = 4096


@dataclass(frozen=True, slots=True)
class Tag:
    """What a tag of R2 becomes.

    ``path`` leads to it from the root. ``how``: ``level`` opens a record of level ``element`` and ``group`` none;
    ``copy`` keeps the value, ``code`` and ``reactions`` translate it by the list ``codes`` (the latter for every
    reaction); ``version`` and ``meddra`` are a MedDRA version and term, and words that are no code go to
    ``otherwise``; ``special`` needs its neighbours; ``frame`` says something of the format only; ``lost`` has no
    place in R3.
    """

    path: str
    how: How
    source: str
    element: str = ""
    codes: str = ""
    otherwise: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one value of an R2 file: the element that holds it, if any, and what was done or why not."""

    path: str
    value: str
    fate: Literal["held", "changed", "lost"]
    element: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The records of an R2 file and the fate of each of its values, in the order of the file."""

    batch: Record
    outcomes: tuple[Outcome, ...]


@lru_cache(maxsize=1)
def tags() -> dict[str, Tag]:
    """Every tag by its path."""
    return {row.path: row for row in load_csv("exovigil.vigilance", "e2b_r2.csv", Tag)}


@lru_cache(maxsize=1)
def r2_lists() -> tuple[CodeList, ...]:
    """The lists that translate codes, each row ``R2 code=R3 code``."""
    return tuple(load_toml("exovigil.vigilance", "e2b_r2_codes.toml", "list", CodeList))


@lru_cache(maxsize=1)
def r2_codes() -> dict[str, dict[str, str]]:
    """Code in R3 by code in R2, by the name of the list."""
    return {row.name: row.meanings for row in r2_lists()}


def translate(codes: str, value: str) -> str | NullFlavor | None:
    """Give a code of R2 as its code in R3; None when the list does not have it."""
    found = r2_codes()[codes].get(value)
    if found is not None and found.startswith("null:"):
        return NullFlavor(found.removeprefix("null:"))
    return found


def parse_report(source: Path | bytes) -> "etree._ElementTree":
    """Parse an E2B file, R3 or R2, as ``parse_untrusted`` does; the DTD that an R2 file names is never looked for."""
    data = source if isinstance(source, bytes) else read_bounded(source)
    return parse_untrusted(without_doctype(data))


def without_doctype(data: bytes) -> bytes:
    """Cut the document type declaration of an R2 file out, unread, as long as it declares nothing itself.

    The DTD that it names is never looked for. A declaration with an internal subset, or of another type, is left
    where it is, and is then refused like any other.
    """
    head = data[:_PROLOG]
    if b"<!DOCTYPE" not in head:
        return data
    return _DOCTYPE.sub(b"", head, count=1) + data[_PROLOG:]
