"""The table of E2B(R3) elements that are written and checked, and the code lists that they use.

Content: ``content/e2b_elements.csv`` and ``content/e2b_codes.toml``, from the ICH core data elements. A path
is XPath relative to the node of its level; ``$observation`` and the like stand for ICH code systems.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from exovigil.foundation.content import Source, load_csv, load_toml

HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
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
    "route": "0.4.0.127.0.16.1.1.2.6",
}

DataType = Literal["text", "code", "number", "date", "day", "time", "bool", "true", "version", "meddra"]
Conformance = Literal["mandatory", "required", "optional"]

_ASSESSMENT = "h:component/h:adverseEventAssessment"
_CASE = "h:controlActProcess/h:subject/h:investigationEvent"
_ORGANISER = "h:subjectOf2/h:organizer[h:code[@code='{}'][@codeSystem=$grouping]]/h:component/"

# Level: the level that it hangs from, and the path from there.
LEVELS: dict[str, tuple[str, str]] = {
    "message": ("batch", "h:PORR_IN049016UV"),
    "case": ("message", _CASE),
    "reporter": (
        "case",
        "h:outboundRelationship[h:relatedInvestigation/h:code[@code='2'][@codeSystem=$relation]]",
    ),
    "sender": (
        "case",
        f"h:subjectOf1/h:controlActEvent/h:author/h:assignedEntity[h:code/@codeSystem='{_ICH}7']",
    ),
    "patient": ("case", f"{_ASSESSMENT}/h:subject1/h:primaryRole"),
    "reaction": (
        "patient",
        "h:subjectOf2/h:observation[h:code[@code='29'][@codeSystem=$observation]]",
    ),
    "test": ("patient", _ORGANISER.format(3) + "h:observation"),
    "drug": ("patient", _ORGANISER.format(4) + "h:substanceAdministration"),
    "dosage": ("drug", "h:outboundRelationship2/h:substanceAdministration"),
    "indication": (
        "drug",
        "h:inboundRelationship/h:observation[h:code[@code='19'][@codeSystem=$observation]]",
    ),
    "role": (
        "case",
        f"{_ASSESSMENT}/h:component/h:causalityAssessment[h:code[@code='20'][@codeSystem=$observation]]",
    ),
    "assessment": (
        "case",
        f"{_ASSESSMENT}/h:component/h:causalityAssessment[h:code[@code='39'][@codeSystem=$observation]]",
    ),
}


@dataclass(frozen=True, slots=True)
class Element:
    """One data element.

    ``level`` is the node it belongs to; ``path`` leads from there to the XML element and ``part`` to its
    value (``text`` or ``@attribute``). ``max_length`` is in characters, 0 where ICH gives none. ``codes``
    names code lists. A mandatory or required element must be present in every node of its level.
    """

    element: str
    level: str
    name: str
    data_type: DataType
    conformance: Conformance
    path: str
    part: str
    source: str
    max_length: int = 0
    codes: tuple[str, ...] = ()
    null_flavors: tuple[str, ...] = ()


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
def elements() -> tuple[Element, ...]:
    """Every element of the table in the order of the message."""
    return load_csv("exovigil.vigilance", "e2b_elements.csv", Element)


@lru_cache(maxsize=1)
def code_lists() -> dict[str, CodeList]:
    """Every code list by name."""
    rows = load_toml("exovigil.vigilance", "e2b_codes.toml", "list", CodeList)
    return {row.name: row for row in rows}


@lru_cache(maxsize=32)
def allowed(names: tuple[str, ...]) -> frozenset[str]:
    """Every code in the named lists together."""
    return frozenset(code for name in names for code in code_lists()[name].meanings)
