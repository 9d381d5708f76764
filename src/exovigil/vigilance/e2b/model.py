"""A case as E2B(R3) sees it: frozen facts, checked for what would make a message impossible to write.

A field of type ``Held[T]`` keeps three things apart: a value, a reason for its absence (a null flavour), and
nothing said at all (``None``). Codes are those of ``content/e2b_codes.toml``; dates may be partial; lengths
are left to the checker, which names every one that is too long.
"""

import datetime as dt
import enum
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias, TypeVar

from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance.e2b.elements import allowed

T = TypeVar("T")


class NullFlavor(enum.Enum):
    """Why a value is absent, in HL7's words."""

    NO_INFORMATION = "NI"
    MASKED = "MSK"
    UNKNOWN = "UNK"
    NOT_APPLICABLE = "NA"
    ASKED_BUT_UNKNOWN = "ASKU"
    NOT_ASKED = "NASK"
    OTHER = "OTH"
    NEGATIVE_INFINITY = "NINF"
    POSITIVE_INFINITY = "PINF"


Held: TypeAlias = T | NullFlavor | None


@dataclass(frozen=True, slots=True)
class Reporter:
    """A primary source (C.2.r). Exactly one of a case is ``primary``."""

    qualification: str | NullFlavor  # C.2.r.4
    country: Held[str] = None  # C.2.r.3
    title: Held[str] = None  # C.2.r.1.1
    given_name: Held[str] = None  # C.2.r.1.2
    family_name: Held[str] = None  # C.2.r.1.4
    organisation: Held[str] = None  # C.2.r.2.1
    city: Held[str] = None  # C.2.r.2.4
    postcode: Held[str] = None  # C.2.r.2.6
    primary: bool = False  # C.2.r.5

    def __post_init__(self) -> None:
        """Refuse a qualification outside the code list."""
        _require("C.2.r.4", "qualification", self.qualification)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends the report (C.3)."""

    kind: str  # C.3.1
    organisation: str | None = None  # C.3.2
    department: str | None = None  # C.3.3.1
    given_name: str | None = None  # C.3.3.3
    family_name: str | None = None  # C.3.3.5
    country: str | None = None  # C.3.4.5

    def __post_init__(self) -> None:
        """Refuse a sender type outside the code list."""
        _require("C.3.1", "sender_type", self.kind)


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient (D). ``initials`` masked (MSK) is how a pseudonymous registry identifies a person."""

    initials: str | NullFlavor = NullFlavor.MASKED  # D.1
    birth_date: Held[PartialDate] = None  # D.2.1, to the day
    age: Decimal | int | None = None  # D.2.2a, at onset
    age_unit: str = "a"  # D.2.2b, UCUM
    age_group: str | None = None  # D.2.3
    weight_kg: Decimal | int | None = None  # D.3
    height_cm: int | None = None  # D.4
    sex: Held[str] = None  # D.5
    history: Held[str] = None  # D.7.2

    def __post_init__(self) -> None:
        """Refuse codes outside their lists and a birth date not known to the day."""
        _require("D.2.2b", "age_unit", self.age_unit)
        _require("D.2.3", "age_group", self.age_group)
        _require("D.5", "sex", self.sex)
        if isinstance(self.birth_date, PartialDate) and not self.birth_date.is_full:
            raise ValueError("D.2.1 needs the full date of birth; give an age or an age group instead")


@dataclass(frozen=True, slots=True)
class MedDra:
    """A MedDRA term from the site's own licensed files: version such as ``27.1`` and an 8-digit LLT code."""

    version: str
    code: str


@dataclass(frozen=True, slots=True)
class FreeTerm:
    """A term of a free vocabulary that travels beside the reporter's words: an NCI Thesaurus concept."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction (E.i). ``key`` is any name unique in the case; assessments refer to it.

    ``serious`` holds the letters of E.i.3.2 that are true. Without ``meddra`` the case is a draft.
    """

    key: str
    words: str  # E.i.1.1a
    outcome: str  # E.i.7
    serious: frozenset[str] = frozenset()  # E.i.3.2a-f
    language: str = "eng"  # E.i.1.1b, ISO 639-2
    translation: str | None = None  # E.i.1.2
    meddra: MedDra | None = None  # E.i.2.1a/b
    term: FreeTerm | None = None
    highlighted: str | None = None  # E.i.3.1
    start: Held[PartialDate] = None  # E.i.4
    end: Held[PartialDate] = None  # E.i.5
    confirmed: bool | None = None  # E.i.8
    country: str | None = None  # E.i.9

    def __post_init__(self) -> None:
        """Refuse codes outside their lists and a reaction without words."""
        _require("E.i.7", "outcome", self.outcome)
        _require("E.i.3.1", "highlighted", self.highlighted)
        if not self.serious <= frozenset("abcdef"):
            raise ValueError(f"E.i.3.2 has the letters a to f, not {sorted(self.serious)}")
        if not self.words.strip():
            raise ValueError("E.i.1.1a: a reaction needs the reporter's own words")


@dataclass(frozen=True, slots=True)
class TestResult:
    """A test or procedure (F.r), such as a biopsy or a culture."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    name: str  # F.r.2.1
    date: PartialDate | NullFlavor = NullFlavor.UNKNOWN  # F.r.1
    code: str | None = None  # F.r.3.1
    text: str | None = None  # F.r.3.4
    comment: str | None = None  # F.r.6
    more_available: bool | None = None  # F.r.7

    def __post_init__(self) -> None:
        """Refuse a result code outside the list."""
        _require("F.r.3.1", "test_result", self.code)


@dataclass(frozen=True, slots=True)
class Dosage:
    """One dosage (G.k.4.r); ``unit`` is UCUM."""

    lot: str | None = None  # G.k.4.r.7
    text: str | None = None  # G.k.4.r.8
    route: Held[str] = None  # G.k.4.r.10.1
    start: Held[PartialDate] = None  # G.k.4.r.4
    end: Held[PartialDate] = None  # G.k.4.r.5
    dose: Decimal | int | None = None  # G.k.4.r.1a
    unit: str | None = None  # G.k.4.r.1b


@dataclass(frozen=True, slots=True)
class Assessment:
    """A causality assessment of the drug for one reaction (G.k.9.i)."""

    reaction: str  # G.k.9.i.1, a Reaction.key
    source: str  # G.k.9.i.2.r.1
    method: str  # G.k.9.i.2.r.2
    result: str  # G.k.9.i.2.r.3


@dataclass(frozen=True, slots=True)
class Drug:
    """A product (G.k). ``key`` is any name unique in the case; ``rechallenge`` holds (Reaction.key, code)."""

    key: str
    role: str  # G.k.1
    name: str  # G.k.2.2
    country: str | None = None  # G.k.2.4
    dosages: tuple[Dosage, ...] = ()
    indications: tuple[str | NullFlavor, ...] = ()  # G.k.7.r.1
    action: str | None = None  # G.k.8
    assessments: tuple[Assessment, ...] = ()
    rechallenge: tuple[tuple[str, str], ...] = ()  # G.k.9.i.4
    information: tuple[str, ...] = ()  # G.k.10.r
    more: str | None = None  # G.k.11

    def __post_init__(self) -> None:
        """Refuse codes outside their lists and a product without a name."""
        _require("G.k.1", "drug_role", self.role)
        _require("G.k.8", "action_taken", self.action)
        for code in self.information:
            _require("G.k.10.r", "drug_information", code)
        for _, code in self.rechallenge:
            _require("G.k.9.i.4", "rechallenge", code)
        if not self.name.strip():
            raise ValueError("G.k.2.2: a product needs a name as reported; write 'unknown exosome product'")


@dataclass(frozen=True, slots=True)
class Icsr:
    """One case in one version. Times need a time zone; ``report_id`` reads country-organisation-number."""

    report_id: str  # C.1.1
    created: dt.datetime  # C.1.2
    first_received: dt.date  # C.1.4
    most_recent: dt.date  # C.1.5
    sender: Sender
    reporters: tuple[Reporter, ...]
    patient: Patient
    reactions: tuple[Reaction, ...]
    drugs: tuple[Drug, ...]
    narrative: str  # H.1
    report_type: str = "1"  # C.1.3
    worldwide_id: str | None = None  # C.1.8.1, the report_id unless someone reported it before
    first_sender: str = "2"  # C.1.8.2
    expedited: bool | NullFlavor = False  # C.1.7
    documents: tuple[str, ...] = ()  # C.1.6.1.r.1
    other_ids: tuple[tuple[str, str], ...] = ()  # C.1.9.1.r: (source, identifier)
    linked: tuple[str, ...] = ()  # C.1.10.r, worldwide identifications of sister reports
    literature: tuple[str, ...] = ()  # C.4.r.1
    nullification: str | None = None  # C.1.11.1
    nullification_reason: str | None = None  # C.1.11.2
    tests: tuple[TestResult, ...] = ()
    reporter_comments: str | None = None  # H.2
    sender_comments: str | None = None  # H.4

    def __post_init__(self) -> None:
        """Refuse a case whose parts contradict each other; the message names the element."""
        _require("C.1.3", "report_type", self.report_type)
        _require("C.1.8.2", "first_sender", self.first_sender)
        _require("C.1.11.1", "nullification", self.nullification)
        if self.report_type == "2":
            raise ValueError("C.1.3: a report from a study needs section C.5, which is not held here")
        if self.created.tzinfo is None:
            raise ValueError("C.1.2 needs a time zone")
        if bool(self.nullification) != bool(self.nullification_reason):
            raise ValueError("C.1.11.1 and C.1.11.2 come together: give the reason with the code")
        if sum(reporter.primary for reporter in self.reporters) != 1:
            raise ValueError("C.2.r.5: mark exactly one reporter as primary")
        _refuse_broken_keys(self)

    @property
    def is_draft(self) -> bool:
        """True when a reaction has no MedDRA code, which ICH makes mandatory."""
        return any(reaction.meddra is None for reaction in self.reactions)


@dataclass(frozen=True, slots=True)
class Batch:
    """A file of cases (N.1), every one of them sent by ``sender`` to ``receiver``."""

    number: str  # N.1.2
    sender: str  # N.1.3 and N.2.r.2
    receiver: str  # N.1.4 and N.2.r.3
    created: dt.datetime  # N.1.5
    cases: tuple[Icsr, ...]

    def __post_init__(self) -> None:
        """Refuse an empty batch and a time without a zone."""
        if not self.cases:
            raise ValueError("N.2.r: a batch needs at least one case")
        if self.created.tzinfo is None:
            raise ValueError("N.1.5 needs a time zone")

    @property
    def is_draft(self) -> bool:
        """True when any case is a draft; name such a file accordingly."""
        return any(case.is_draft for case in self.cases)


def _require(element: str, codes: str, value: object) -> None:
    """Refuse a code that its list does not have; an absent value is left alone."""
    if isinstance(value, str) and value not in allowed((codes,)):
        raise ValueError(f"{element}: {value!r} is not one of {', '.join(sorted(allowed((codes,))))}")


def _refuse_broken_keys(case: Icsr) -> None:
    reactions = [reaction.key for reaction in case.reactions]
    for element, keys in (("E.i", reactions), ("G.k", [drug.key for drug in case.drugs])):
        if not keys or len(set(keys)) != len(keys):
            raise ValueError(f"{element}: give at least one, each with a key of its own")
    for drug in case.drugs:
        asked = [a.reaction for a in drug.assessments] + [key for key, _ in drug.rechallenge]
        for key in asked:
            if key not in reactions:
                raise ValueError(f"G.k.9.i.1: product {drug.key!r} refers to no reaction {key!r}")
