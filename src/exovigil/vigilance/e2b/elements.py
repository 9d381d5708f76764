"""The one table of E2B(R3) elements that the reader, the writer and the checker all follow, and its code lists.

Content: ``content/e2b_elements.csv`` and ``content/e2b_codes.toml``, from the ICH core data elements and the
FDA regional ones. A path is XPath relative to the node of its level; ``$observation`` and the like stand for
code systems.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from exovigil.foundation.content import Source, load_csv, load_toml

HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSI_TYPE = f"{{{XSI}}}type"
NAMESPACES = {"h": HL7, "xsi": XSI}

_ICH = "2.16.840.1.113883.3.989.2.1.1."
# Names used as XPath variables and by the writer: ICH code systems, and the three foreign ones.
SYSTEMS = {
    "action": _ICH + "15",
    "action_performed": _ICH + "18",
    "observation": _ICH + "19",
    "grouping": _ICH + "20",
    "entity_role": _ICH + "21",
    "relation": _ICH + "22",
    "characteristic": _ICH + "23",
    "document": _ICH + "27",
    "meddra": "2.16.840.1.113883.6.163",
    "ncit": "2.16.840.1.113883.3.26.1.1",
    "form": "0.4.0.127.0.16.1.1.2.1",
    "route": "0.4.0.127.0.16.1.1.2.6",
}

DataType = Literal[
    "text", "code", "number", "date", "day", "time", "bool", "true", "version", "meddra", "link", "fixed", "group"
]  # fmt: skip
Conformance = Literal["mandatory", "required", "conditional", "optional"]
Authority = Literal["ICH", "FDA", "message"]
# A null flavour on a node says something about its value, not about what stands beside the value.
ASIDE = frozenset(
    "@" + name
    for name in ("unit", "codeSystem", "codeSystemVersion", "language", "assigningAuthorityName",
                 "displayName", "inclusive", "mediaType", "representation", "compression")
)  # fmt: skip
_HINTS = re.compile(r"\{[^}]*\}|\+")


@dataclass(frozen=True, slots=True)
class Element:
    """One row of the table: a data element, a group of them, or a part that the message itself needs.

    ``authority`` is ICH, FDA (regional) or message (identifiers, references and fixed parts that carry no
    data element). ``level`` is the node it belongs to; ``path`` leads from there to the XML element and
    ``part`` to its value (``text``, ``@attribute`` or ``@attribute|prefix:``). In a path, ``{a=b;c=d}`` are
    attributes that the writer sets and the reader does not ask for, and ``+`` marks the step that repeats.
    A group with ``opens`` starts a level of that name. ``max_length`` is in characters, 0 where none is given.
    ``codes`` names code lists. A mandatory or required element must be present in every node of its level;
    a conditional one where ``needed_if`` holds (see ``conditions``).
    """

    element: str
    authority: Authority
    level: str
    name: str
    data_type: DataType
    source: str
    path: str = ""
    part: str = ""
    opens: str = ""
    conformance: Conformance = "optional"
    repeats: bool = False
    needed_if: str = ""
    max_length: int = 0
    codes: tuple[str, ...] = ()
    null_flavors: tuple[str, ...] = ()

    @property
    def xpath(self) -> str:
        """The path as XPath, without the hints for the writer."""
        return xpath(self.path)


@dataclass(frozen=True, slots=True)
class Level:
    """A node that holds elements: its name, the level around it, and the path from there."""

    name: str
    parent: str
    path: str
    element: str

    @property
    def xpath(self) -> str:
        """The path as XPath, without the hints for the writer."""
        return xpath(self.path)


@lru_cache(maxsize=1024)
def xpath(path: str) -> str:
    """Give a path of the table as XPath, without the hints for the writer."""
    return _HINTS.sub("", path) or "."


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of allowed codes; rows read ``code=meaning`` or just ``code``."""

    name: str
    oid: str
    codes: tuple[str, ...]
    source: Source

    @property
    def meanings(self) -> dict[str, str]:
        """Meaning by code; empty where the list gives codes only."""
        return {code: meaning for code, _, meaning in (row.partition("=") for row in self.codes)}


@lru_cache(maxsize=1)
def table() -> tuple[Element, ...]:
    """Every row of the table: groups, data elements and parts of the message."""
    return load_csv("exovigil.vigilance", "e2b_elements.csv", Element)


@lru_cache(maxsize=1)
def elements() -> tuple[Element, ...]:
    """Every row that holds a value, in the order of the table."""
    return tuple(row for row in table() if row.data_type not in {"group", "fixed"})


@lru_cache(maxsize=1)
def by_level() -> dict[str, tuple[Element, ...]]:
    """The rows with a path of each level, fixed parts included, groups left out."""
    rows: dict[str, list[Element]] = {name: [] for name in levels_of_table()}
    for row in table():
        if row.data_type != "group":
            rows[row.level].append(row)
    return {name: tuple(found) for name, found in rows.items()}


@lru_cache(maxsize=1)
def levels_of_table() -> dict[str, Level]:
    """Every level by name, a level always after the one around it."""
    found = {"batch": Level("batch", "", "", "N.1")}
    for row in table():
        if row.opens:
            found[row.opens] = Level(row.opens, row.level, row.path, row.element)
    return found


@lru_cache(maxsize=64)
def inner_levels(name: str) -> tuple[Level, ...]:
    """The levels that hang from a level."""
    return tuple(level for level in levels_of_table().values() if level.parent == name)


@lru_cache(maxsize=1)
def by_id() -> dict[str, Element]:
    """The rows by the name of their element."""
    return {row.element: row for row in table()}


@lru_cache(maxsize=1)
def asides() -> frozenset[str]:
    """Elements that stand beside a value and say something about it."""
    return frozenset(row.element for row in table() if row.part in ASIDE)


@lru_cache(maxsize=1)
def code_lists() -> dict[str, CodeList]:
    """Every code list by name."""
    rows = load_toml("exovigil.vigilance", "e2b_codes.toml", "list", CodeList)
    return {row.name: row for row in rows}


@lru_cache(maxsize=32)
def allowed(names: tuple[str, ...]) -> frozenset[str]:
    """Every code in the named lists together."""
    return frozenset(code for name in names for code in code_lists()[name].meanings)


@dataclass(frozen=True, slots=True)
class DeviceProblem:
    """One problem of a device by its FDA, IMDRF and NCIt code."""

    fda: str
    imdrf: str
    ncit: str
    source: str


@lru_cache(maxsize=1)
def device_problems() -> frozenset[str]:
    """Every code by which a device problem may be named."""
    rows = load_csv("exovigil.vigilance", "e2b_device_problems.csv", DeviceProblem)
    return frozenset(code for row in rows for code in (row.fda, row.imdrf, row.ncit))
