"""THE BOUNDARY where counts of cases cross sites: six reads, and no name, pseudonym or free text in any.

Everything else in this room is read inside the scope of the member's sites. What crosses is what the row classes name
and nothing more: keep it so when you add a field here.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import models as db
from django.db.models import Count, F, Q
from django_scopes import scopes_disabled

from exovigil.governance.models import Site
from exovigil.vigilance.duplicate_links import Identified, normal
from exovigil.vigilance.models import Case, CaseSubmission, ReportIdentifier
from exovigil.vigilance.numbers import identified, number_of


@dataclass(frozen=True, slots=True)
class ReactionRow:
    """One case as the watch counts it: no name, no pseudonym, no free text.

    ``patient_key`` is an opaque number, equal for two cases of one registered patient, and says nothing else. Sex and
    year of birth are there only for patients who agreed to the registry. ``onset`` is a partial date as text, empty
    when not known; ``product_id`` and ``lot_id`` are None when nobody knows them.
    """

    case_id: int
    case_number: str
    site_id: int
    site_code: str
    product_id: int | None
    lot_id: int | None
    term: str
    treated_on: dt.date | None
    onset: str
    received_on: dt.date
    patient_key: int | None
    sex: str
    birth_year: int | None
    worldwide: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReactionCount:
    """Cases of one reaction after one class of exosome product for one indication.

    ``indication`` is empty without a known treatment, ``source_class`` without a known product.
    """

    indication: str
    source_class: str
    term: str
    cases: int


@dataclass(frozen=True, slots=True)
class AffectedCount:
    """Treatments with at least one case, by the class of the case's exosome product and the indication."""

    indication: str
    source_class: str
    treatments: int


@dataclass(frozen=True, slots=True)
class AffectedRow:
    """Treatments of one day with a case of an event, alike in product, lot and how it was given.

    Field for field as ``clinic.queries.CircumstanceRow``, so that the two can be put together.
    """

    treated_on: dt.date
    product_id: int
    lot_id: int
    route: str
    device: str
    agents: str
    dose: float
    dose_unit: str
    treatments: int


@dataclass(frozen=True, slots=True)
class OnsetRow:
    """When the reaction of one treatment began: an opaque number and a partial date as text, empty if not known."""

    treatment_key: int
    onset: str


def affected(as_of: dt.date, terms: Collection[str]) -> list[AffectedRow]:
    """Treatments of the network with at least one case of these reactions first known by a day."""
    alike = [
        f"treatment__{name}"
        for name in "treated_on product_id lot_id route device topical_agents dose dose_unit".split()
    ]
    with scopes_disabled():
        rows = (
            _of_terms(as_of, terms)
            .filter(treatment__isnull=False)
            .order_by(*alike)
            .values_list(*alike)
            .annotate(rows=Count("treatment", distinct=True))
        )
        return [
            AffectedRow(day, product, lot, route, device, agents, float(dose), unit, count)
            for day, product, lot, route, device, agents, dose, unit, count in rows
        ]


def without_treatment(as_of: dt.date, terms: Collection[str]) -> int:
    """Cases of these reactions whose treatment is not recorded: they belong to no denominator."""
    with scopes_disabled():
        return _of_terms(as_of, terms).filter(treatment__isnull=True).count()


def onsets(
    as_of: dt.date, terms: Collection[str], *, product_id: int, lot_id: int | None = None
) -> list[OnsetRow]:
    """Onsets of these reactions after treatments with a product, or with one lot of it."""
    narrow = {"treatment__product_id": product_id} | (
        {"treatment__lot_id": lot_id} if lot_id is not None else {}
    )
    with scopes_disabled():
        rows = _of_terms(as_of, terms).filter(**narrow).order_by("pk").values_list("treatment_id", "onset")
        return [OnsetRow(treatment, onset) for treatment, onset in rows if treatment is not None]


def _of_terms(as_of: dt.date, terms: Collection[str]) -> db.QuerySet[Case]:
    found = Case.objects.exclude(state=Case.State.NULLIFIED)
    return found.filter(received_on__lte=as_of, term__in=list(terms))


def reactions(as_of: dt.date) -> list[ReactionRow]:
    """Every case of the network first known by a day; a nullified case is none.

    A cluster on one lot is spread over clinics that may not see each other's patients, so the watch must count
    across them.
    """
    agreed = Q(treatment__consent__agrees_to_registry=True)
    with scopes_disabled():
        found = (
            Case.objects.exclude(state=Case.State.NULLIFIED)
            .filter(received_on__lte=as_of)
            .order_by("received_on", "pk")
            .values("site_id", "product_id", "lot_id", "term", "onset", "received_on")
            .annotate(
                case_id=F("pk"),
                case_number=F("number"),
                site_code=F("site__code"),
                treated_on=F("treatment__treated_on"),
                patient_key=F("patient_id"),
                sex=db.Case(db.When(agreed, then=F("patient__sex")), default=db.Value("unknown")),
                birth_year=db.Case(db.When(agreed, then=F("patient__birth_year")), default=None),
            )
        )
        rows = list(found)
        numbers = _numbers(as_of, ((row["case_id"], row["site_id"], row["case_number"]) for row in rows))
    return [ReactionRow(**row, **numbers.get(row["case_id"], {})) for row in rows]


def _numbers(as_of: dt.date, cases: Iterable[tuple[int, int, str]]) -> dict[int, dict[str, tuple[str, ...]]]:
    """Report numbers by case, each given as key, site and number; our own only if one from outside names them."""
    given = defaultdict[int, list[ReportIdentifier]](list)
    for row in ReportIdentifier.objects.filter(case__isnull=False, incoming__received_on__lte=as_of):
        given[row.case_id or 0].append(row)
    if not given:
        return {}
    named = {row.value_key for rows in given.values() for row in rows}
    countries = dict(Site.objects.order_by().values_list("pk", "country"))
    ours = [(pk, number_of(countries[site], number)) for pk, site, number in cases]
    told = CaseSubmission.objects.filter(sent_on__lte=as_of).exclude(reference="").order_by("pk")
    own = defaultdict[int, list[str]](list)
    for case_id, number in (*ours, *told.values_list("case_id", "reference")):
        if normal(number) in named:
            own[case_id].append(number)
    return {key: _plain(identified(str(key), given[key], own[key])) for key in {*given, *own}}


def _plain(of: Identified) -> dict[str, tuple[str, ...]]:
    """Sorted, so that a night's snapshot of the same cases has the same hash."""
    own = of.own - of.worldwide
    return {
        "worldwide": tuple(sorted(of.worldwide)),
        "numbers": tuple(sorted(own)),
        "linked": tuple(sorted(of.linked)),
    }


def reaction_counts() -> list[ReactionCount]:
    """Cases as recorded, not de-duplicated, by indication, product class and reaction, over every clinic together.

    There is no clinic, day or patient in it, and it is never broken down by clinic: a small count would point at
    a person.
    """
    with scopes_disabled():
        rows = (
            Case.objects.exclude(state=Case.State.NULLIFIED)
            .filter(Q(product__kind="exosome") | Q(product__isnull=True))
            .order_by()
            .values_list("treatment__indication", "product__source_class", "term")
            .annotate(rows=Count("pk"))
        )
        return [ReactionCount(where or "", source or "", term, n) for where, source, term, n in rows]


def affected_counts() -> list[AffectedCount]:
    """Treatments with any case, by indication and product class, over every clinic together."""
    with scopes_disabled():
        rows = (
            Case.objects.exclude(state=Case.State.NULLIFIED)
            .filter(product__kind="exosome", treatment__isnull=False)
            .order_by()
            .values_list("treatment__indication", "product__source_class")
            .annotate(rows=Count("treatment", distinct=True))
        )
        return [AffectedCount(*row) for row in rows]
