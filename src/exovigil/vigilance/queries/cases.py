"""Reads of the vigilance room: the worklist, the case file and what still waits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, QuerySet

from exovigil.clinic import queries as clinic
from exovigil.vigilance import seriousness
from exovigil.vigilance.models import (
    Assessment,
    Case,
    CaseSubmission,
    CaseVersion,
    Management,
    NewInformation,
    ReactionCode,
    Report,
)
from exovigil.vigilance.queries.intake import incoming_reports
from exovigil.vigilance.queries.pathway import with_course

if TYPE_CHECKING:
    from exovigil.clinic.models import FollowUpAnswer


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How the cases in scope stand: by state, the report files written, and red flags that are no case yet."""

    open: int
    reported: int
    reports: int
    incoming: int


def cases() -> QuerySet[Case]:
    """Cases in scope with what a list shows of them, the latest first."""
    return Case.objects.select_related("site", "product", "lot", "treatment", "patient")


def judged_cases() -> QuerySet[Case]:
    """Cases with the tests done and every judgement, the latest first."""
    return cases().prefetch_related("investigations", "assessments")


def clinical_files() -> QuerySet[Case]:
    """Cases with what is known of the reaction: what narratives, forms and reports are made of."""
    return with_course(cases()).prefetch_related(
        Prefetch("codes", ReactionCode.objects.select_related("coded_by")),
        Prefetch("assessments", Assessment.objects.select_related("assessed_by")),
        Prefetch("reports", Report.objects.select_related("written_by").defer("content")),
        Prefetch("incoming", incoming_reports()),
    )


def case_files() -> QuerySet[Case]:
    """Cases whole: what is known of the reaction, its frozen versions, and who was told."""
    return (
        clinical_files()
        .select_related("duty_facts")
        .prefetch_related(
            Prefetch("news", NewInformation.objects.select_related("judged_by")),
            Prefetch("submissions", CaseSubmission.objects.select_related("recorded_by").defer("proof")),
            Prefetch("versions", CaseVersion.objects.select_related("made_by").defer("content")),
        )
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


def versions() -> QuerySet[CaseVersion]:
    """Frozen versions in scope with their case and who made them."""
    return CaseVersion.objects.select_related("site", "case", "made_by", "report")


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
