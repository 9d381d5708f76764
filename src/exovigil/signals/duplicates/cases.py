"""Cases of the registry that may be one reaction reported twice. Proposals for a person, never merges.

Patients of one lot cluster look alike: same product, lot, reaction and season. Merging them would erase
the very harm that the registry exists to find. So likeness of product, lot and reaction alone never
proposes anything: something must point to the same person, unknown never equals unknown, and a
known difference between two people always blocks.
"""

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from exovigil.foundation.partial_date import PartialDate
from exovigil.signals.duplicates.clusters import Decision, complete_link
from exovigil.vigilance.duplicate_links import ELEMENTS, Identified, SharedNumber, shared_numbers

Sex = Literal["female", "male", "other"]

_ONSET_DAYS = 7  # two tellings of one onset may differ by this much; a design choice of this project


class Band(enum.IntEnum):
    """How strongly two cases look like one; a higher band sorts first for review."""

    POSSIBLE = 1
    LIKELY = 2
    NEAR_CERTAIN = 3


@dataclass(frozen=True, slots=True)
class CaseKey:
    """What is compared of a case; None is unknown and never matches anything.

    ``patient_id`` is the registry's pseudonym, ``birth`` a full or partial date. Report numbers are as vigilance
    compares them: ``worldwide`` (C.1.8.1), ``numbers`` (every other of the same report) and ``linked`` (C.1.10).
    """

    case_id: str
    received_on: dt.date
    patient_id: str | None = None
    sex: Sex | None = None
    birth: PartialDate | None = None
    product: str | None = None
    lot: str | None = None
    reaction_class: str | None = None
    onset: PartialDate | None = None
    site: str | None = None
    worldwide: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProposedPair:
    """Two cases (in order of id) that a person should look at, how alike they are, and why.

    ``link`` is the report number that ties them, if one does; such pairs come before what is only alike.
    """

    first: str
    second: str
    band: Band
    reasons: tuple[str, ...]
    link: SharedNumber | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Sorts pairs: by the element whose number ties them, then by how alike they are."""
        return self.link.rank if self.link else len(ELEMENTS), -self.band


@dataclass(frozen=True, slots=True)
class Deduplicated:
    """Cases with each group counted once.

    ``representatives``: one case a group, the earliest received; ``groups``: groups of two or more;
    ``undecided``: proposed pairs nobody has decided; ``conflicts``: pairs a person called the same
    but kept apart because another decision calls members of their groups different.
    """

    representatives: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    undecided: tuple[ProposedPair, ...]
    conflicts: tuple[tuple[str, str], ...]


def propose(cases: Sequence[CaseKey]) -> tuple[ProposedPair, ...]:
    """Propose pairs that may be one reaction, in order of ``place``; raises ValueError on a repeated case id.

    Only pairs that share a pointer to the same person or report are compared, so the work grows
    with the likeness in the data and not with the square of the cases.
    """
    known = {case.case_id: case for case in cases}
    if len(known) != len(cases):
        raise ValueError("case ids must be unique; two rows of one case are not two cases")
    found = (_compare(known[a], known[b]) for a, b in sorted(_candidates(cases)))
    return tuple(sorted((pair for pair in found if pair), key=lambda p: (p.place, p.first, p.second)))


def blocked_because(a: CaseKey, b: CaseKey) -> str | None:
    """Say why two cases cannot be one person, or None. Such a difference outweighs any likeness.

    >>> blocked_because(CaseKey("1", dt.date(2026, 1, 2), sex="female"), CaseKey("2", dt.date(2026, 1, 2)))
    """
    if a.patient_id and b.patient_id and a.patient_id != b.patient_id:
        return "two different patients of the registry"
    if a.sex and b.sex and a.sex != b.sex:
        return "different sex"
    if a.birth and b.birth:
        if a.birth.is_full and b.birth.is_full and a.birth != b.birth:
            return "different dates of birth"
        if abs(a.birth.year - b.birth.year) > 1:  # a year taken from an age may be one out
            return "years of birth more than one apart"
    return None


def deduplicated(
    cases: Sequence[CaseKey], decisions: Mapping[frozenset[str], Decision] | None = None
) -> Deduplicated:
    """Count each group once, for the de-duplicated line beside the raw one. No case is changed.

    ``decisions`` are a person's, keyed by the two case ids; they override proposals, also where a
    rule would block. Without a decision a pair counts as one only from LIKELY up; POSSIBLE pairs
    stay two cases until somebody decides, since a lost case costs more than a double one.
    """
    made = decisions or {}
    pairs = propose(cases)
    joinable = [(pair.first, pair.second) for pair in pairs if pair.band >= Band.LIKELY]
    groups, conflicts = complete_link([case.case_id for case in cases], joinable, made)
    received = {case.case_id: (case.received_on, case.case_id) for case in cases}
    hidden = {other for group in groups for other in group if other != min(group, key=received.__getitem__)}
    return Deduplicated(
        representatives=tuple(case.case_id for case in cases if case.case_id not in hidden),
        groups=groups,
        undecided=tuple(pair for pair in pairs if frozenset((pair.first, pair.second)) not in made),
        conflicts=conflicts,
    )


def _candidates(cases: Sequence[CaseKey]) -> set[tuple[str, str]]:
    """Find pairs of ids that share a report number, a patient, a birth date, or birth year and lot."""
    buckets: dict[tuple[str, ...], list[str]] = {}
    for case in cases:
        keys: list[tuple[str, ...]] = [
            ("report", number) for number in case.worldwide | case.numbers | case.linked
        ]
        if case.patient_id:
            keys.append(("patient", case.patient_id))
        if case.birth and case.birth.is_full:
            keys.append(("birth", str(case.birth)))
        if case.birth and case.lot:
            keys.append(("year and lot", str(case.birth.year), case.lot))
        for key in keys:
            buckets.setdefault(key, []).append(case.case_id)
    return {pair for ids in buckets.values() for pair in combinations(sorted(ids), 2)}


def _compare(a: CaseKey, b: CaseKey) -> ProposedPair | None:
    if blocked_because(a, b):
        return None
    link = next(iter(shared_numbers(_identified(a), (_identified(b),))), None)
    found = (_by_report(link) if link and link.same else None) or _by_patient(a, b) or _by_birth(a, b)
    band, reasons = found or (Band.POSSIBLE if link else None, ())
    if band is None:
        return None
    if link and not link.same:
        reasons = (f"one report names the other as linked ({link.number}, {link.element})", *reasons)
    shared = ("lot", "product", "site")
    also = tuple(f"same {name} ({getattr(a, name)})" for name in shared if _equal(a, b, name))
    return ProposedPair(a.case_id, b.case_id, band, (*reasons, *also), link)


_Finding = tuple[Band, tuple[str, ...]] | None


def _by_report(link: SharedNumber) -> _Finding:
    """Take one number in both for one report; whoever gave the number says so."""
    return Band.NEAR_CERTAIN, (f"{link.why} ({link.number}, {link.element})",)


def _identified(case: CaseKey) -> Identified:
    return Identified(case.case_id, case.worldwide, case.numbers, case.linked)


def _by_patient(a: CaseKey, b: CaseKey) -> _Finding:
    """Find one registry patient with one kind of reaction, unless the onsets show two episodes."""
    if not (_equal(a, b, "patient_id") and _equal(a, b, "reaction_class")):
        return None
    onset = _onsets(a, b)
    if onset == "apart":
        return None
    reasons = ("same patient of the registry", f"same reaction ({a.reaction_class})")
    if onset == "close":
        return Band.NEAR_CERTAIN, (*reasons, "onset within a week")
    return Band.LIKELY, (*reasons, "onset not known well enough to tell two episodes apart")


def _by_birth(a: CaseKey, b: CaseKey) -> _Finding:
    """Find what points to one person where a registry patient is missing on at least one side."""
    alike = _equal(a, b, "sex") and _equal(a, b, "reaction_class") and _onsets(a, b) == "close"
    if not alike or _equal(a, b, "patient_id") or _differ(a, b, "product", "lot"):
        return None
    reasons = (f"same sex ({a.sex})", f"same reaction ({a.reaction_class})", "onset within a week")
    if a.birth and b.birth and a.birth.is_full and b.birth.is_full:
        return (Band.LIKELY, ("same date of birth", *reasons)) if a.birth == b.birth else None
    same_year = a.birth and b.birth and a.birth.year == b.birth.year
    if same_year and a.onset == b.onset and _equal(a, b, "lot") and not _differ(a, b, "site"):
        return Band.POSSIBLE, ("same year of birth", *reasons)
    return None


def _equal(a: CaseKey, b: CaseKey, name: str) -> bool:
    """Both known and the same; unknown never equals unknown."""
    return bool(getattr(a, name)) and getattr(a, name) == getattr(b, name)


def _differ(a: CaseKey, b: CaseKey, *names: str) -> bool:
    """Any of these known on both sides and not the same."""
    return any(getattr(a, n) and getattr(b, n) and not _equal(a, b, n) for n in names)


def _onsets(a: CaseKey, b: CaseKey) -> Literal["close", "apart", "unknown"]:
    """Compare onsets as far as they are known: full dates by days, partial ones by whether they can meet."""
    if a.onset is None or b.onset is None:
        return "unknown"
    gap = max((a.onset.earliest - b.onset.latest).days, (b.onset.earliest - a.onset.latest).days)
    if gap > _ONSET_DAYS:
        return "apart"
    return "close" if a.onset.is_full and b.onset.is_full else "unknown"
