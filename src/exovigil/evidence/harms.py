"""Published harms, and why no incidence can be computed from most of them.

A case series counts people who were hurt, not people who were treated. Without the second number
there is no incidence, and this module refuses to give one. Reports of harm without exosomes are kept
beside them because they are what a reaction must be told apart from.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Literal

from exovigil.catalogue.composition import SourceClass
from exovigil.evidence.studies import Study, studies
from exovigil.foundation.content import ReadDepth, load_csv


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """One published harm, manufacturing failure or look-alike.

    ``people`` is empty when the source gives no exact number (``people_as_stated`` keeps its words).
    ``denominator`` is the number treated; empty means that nobody knows it.
    ``onset_from_days`` and ``onset_to_days`` bound the time from treatment to onset in days.
    """

    key: str
    event: str
    kind: Literal["clinical harm", "manufacturing failure", "differential diagnosis"]
    exosome: bool
    citation: str
    read_depth: ReadDepth
    read_as: str
    read_on: dt.date
    url: str
    people: int | None = None
    people_as_stated: str = ""
    denominator: int | None = None
    population: str = ""
    product: str = ""
    source_classes: tuple[SourceClass, ...] = (SourceClass.NOT_STATED,)
    source_claim: str = ""
    route: str = ""
    onset: str = ""
    onset_from_days: int | None = None
    onset_to_days: int | None = None
    findings: str = ""
    management: str = ""
    outcome: str = ""
    doi: str = ""
    published: str = ""
    further_url: str = ""

    @property
    def link(self) -> str:
        """Address to open: the DOI when there is one, else the page that was read."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    @property
    def how_often(self) -> str:
        """People affected of people treated, in words; never a rate without a denominator."""
        people = self.people_as_stated or "an unstated number of"
        if self.kind == "manufacturing failure":
            return "not a count of people"
        if self.denominator is None:
            return f"{people} affected; no denominator, so how often cannot be known"
        return f"{people} affected of {self.denominator} treated"


@dataclass(frozen=True, slots=True)
class Ascertained:
    """Adverse events that a study reports together with the number of people it treated."""

    study: Study
    events: int
    of: int

    @property
    def none_in_many(self) -> bool:
        """True when nothing at all was reported in 100 people or more: perhaps nobody asked."""
        return self.events == 0 and self.of >= MANY_PEOPLE


#: Above this many people, a report of no event of any kind is itself worth a question (design choice).
MANY_PEOPLE = 100


@cache
def harms() -> tuple[Harm, ...]:
    """Load every published harm."""
    return load_csv("exovigil.evidence", "harms.csv", Harm)


def exosome_harms() -> tuple[Harm, ...]:
    """Return clinical harms after an exosome product."""
    return tuple(row for row in harms() if row.exosome and row.kind == "clinical harm")


def look_alikes() -> tuple[Harm, ...]:
    """Return harms without exosomes that look the same: needling granuloma, mycobacteria."""
    return tuple(row for row in harms() if row.kind == "differential diagnosis")


def ascertained() -> tuple[Ascertained, ...]:
    """Return the studies that give both adverse events and people treated.

    Case reports and series chosen because of the harm are left out: everybody in them is a case, so
    their fraction is 1 by design and says nothing of frequency.
    """
    chosen = {row.key for row in harms()}
    return tuple(
        Ascertained(row, row.adverse_events, row.adverse_events_of)
        for row in studies()
        if row.adverse_events is not None and row.adverse_events_of and row.key not in chosen
    )
