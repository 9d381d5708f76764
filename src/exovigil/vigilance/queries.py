"""Reads of the vigilance room: the worklist, the case file, what still waits, and what the watch may count."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models as db
from django.db.models import F, Prefetch, Q, QuerySet
from django_scopes import scopes_disabled

from exovigil.clinic import queries as clinic
from exovigil.vigilance import seriousness
from exovigil.vigilance.models import Assessment, Case, Management, Report

if TYPE_CHECKING:
    from exovigil.clinic.models import FollowUpAnswer


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How the cases in scope stand: by state, the report files written, and red flags that are no case yet."""

    open: int
    reported: int
    reports: int
    incoming: int


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


def cases() -> QuerySet[Case]:
    """Cases in scope with what a list shows of them, the latest first."""
    return Case.objects.select_related("site", "product", "lot", "treatment", "patient")


def case_files() -> QuerySet[Case]:
    """Cases with everything a case file holds."""
    return cases().prefetch_related(
        "investigations",
        "management",
        Prefetch("assessments", Assessment.objects.select_related("assessed_by")),
        Prefetch("reports", Report.objects.select_related("written_by").defer("content")),
    )


def case(pk: int) -> Case:
    """One whole case file; raises DoesNotExist outside the scope."""
    return case_files().get(pk=pk)


def management() -> QuerySet[Management]:
    """Treatments tried for reactions in scope."""
    return Management.objects.select_related("site", "case")


def reports() -> QuerySet[Report]:
    """Report files in scope with their case."""
    return Report.objects.select_related("site", "case", "written_by")


def counts() -> CaseCounts:
    """Counts for the first page of whoever works on cases."""
    found = Case.objects.all()
    return CaseCounts(
        open=found.filter(state=Case.State.OPEN).count(),
        reported=found.filter(state=Case.State.REPORTED).count(),
        reports=Report.objects.count(),
        incoming=answers_without_case().count(),
    )


def answers_without_case() -> "QuerySet[FollowUpAnswer]":
    """Red-flag answers of the clinic that nobody has reviewed and that are no case yet."""
    return clinic.red_flags().filter(case__isnull=True)


def serious() -> Q:
    """Condition: at least one ICH criterion was answered yes."""
    condition = Q()
    for criterion in seriousness.criteria():
        condition |= Q(**{f"seriousness__{criterion.code}": "yes"})
    return condition


def not_serious() -> Q:
    """Condition: every ICH criterion was answered no."""
    return Q(**{f"seriousness__{criterion.code}": "no" for criterion in seriousness.criteria()})


def reactions(as_of: dt.date) -> list[ReactionRow]:
    """Every case of the network first known by a day: THE BOUNDARY where counts cross sites.

    A cluster on one lot is spread over clinics that may not see each other's patients, so the watch must count
    across them. This is the only read of cases that leaves the site scope. What crosses is what ``ReactionRow``
    names and nothing more: keep it so when you add a field here.
    """
    agreed = Q(treatment__consent__agrees_to_registry=True)
    with scopes_disabled():
        found = (
            Case.objects.filter(received_on__lte=as_of)
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
        return [ReactionRow(**row) for row in found]
