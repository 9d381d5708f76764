"""Reads about patients: the list, one patient's page and the one next step."""

import datetime as dt
import enum
from dataclasses import dataclass

from django.db.models import F, Max, Min, OuterRef, QuerySet, Subquery

from exovigil.clinic.models import (
    Consent,
    FollowUp,
    FollowUpAnswer,
    Patient,
    Screening,
    Treatment,
)
from exovigil.clinic.queries.follow_up import state_of
from exovigil.clinic.schedule import VisitState
from exovigil.governance.actors import Actor

# How long the answers of a screening stand before they are asked again: a choice of this project.
SCREENING_VALID = dt.timedelta(days=183)


class Step(enum.StrEnum):
    """What a patient's page offers as the one thing to do next."""

    SCREEN = "screen"
    NOTE = "note"
    CONSENT = "consent"
    TREAT = "treat"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One planned follow-up and how it stands today."""

    follow_up: FollowUp
    state: VisitState
    red_flags: int


def patients(actor: Actor, on: dt.date) -> QuerySet[Patient]:
    """Patients of the actor's sites with ``last_treated``, ``next_due`` and ``screened`` (latest outcome).

    ``next_due`` is the earliest unanswered follow-up whose window has not closed on the day ``on``.
    """
    treated = Treatment.objects.filter(patient=OuterRef("pk")).order_by()
    waiting = FollowUp.objects.filter(
        treatment__patient=OuterRef("pk"), answered_on__isnull=True, closes_on__gte=on
    ).order_by()
    screened = Screening.objects.filter(patient=OuterRef("pk")).order_by("-screened_on", "-pk")
    return (
        Patient.objects.filter(site_id__in=actor.site_ids)
        .select_related("site")
        .annotate(
            last_treated=Subquery(treated.values("patient").annotate(d=Max("treated_on")).values("d")),
            next_due=Subquery(
                waiting.annotate(who=F("treatment__patient"))
                .values("who")
                .annotate(d=Min("due_on"))
                .values("d")
            ),
            screened=Subquery(screened.values("outcome")[:1]),
        )
    )


def patient_rows(actor: Actor) -> QuerySet[Patient]:
    """Patients of the actor's sites, without the list's extras."""
    return Patient.objects.filter(site_id__in=actor.site_ids).select_related("site")


def screenings(actor: Actor) -> QuerySet[Screening]:
    """Screenings at the actor's sites, newest first."""
    return Screening.objects.filter(site_id__in=actor.site_ids).select_related(
        "site", "patient", "screened_by"
    )


def latest_screening(patient: Patient, on: dt.date) -> Screening | None:
    """Return the newest screening of the patient made on or before a day."""
    return (
        Screening.objects.filter(patient=patient, screened_on__lte=on).select_related("screened_by").first()
    )


def screening_stands(screening: Screening | None, on: dt.date) -> bool:
    """Tell whether a screening is recent enough on a day."""
    return screening is not None and screening.screened_on <= on <= screening.screened_on + SCREENING_VALID


def next_step(screening: Screening | None, consents: list[Consent], on: dt.date) -> Step:
    """Work out the one thing to do next: screen, note a caution, take consent, treat; or stop."""
    if screening is None or not screening_stands(screening, on):
        return Step.SCREEN
    if screening.outcome == Screening.Outcome.EXCLUDED:
        return Step.EXCLUDED
    if screening.outcome == Screening.Outcome.CAUTION and not screening.note:
        return Step.NOTE
    if not any(consent.withdrawn_at is None for consent in consents):
        return Step.CONSENT
    return Step.TREAT


def timeline(patient: Patient, on: dt.date) -> list[TimelineRow]:
    """Return the patient's follow-ups in order of their day, each with its state and its open red flags."""
    found = (
        FollowUp.objects.filter(treatment__patient=patient)
        .select_related("visit", "treatment__product")
        .prefetch_related("answers")
    )
    return [TimelineRow(row, state_of(row, on), _open_flags(row)) for row in found]


def _open_flags(follow_up: FollowUp) -> int:
    answers: list[FollowUpAnswer] = list(follow_up.answers.all())
    return sum(len(answer.red_flags) for answer in answers if answer.reviewed_at is None)
