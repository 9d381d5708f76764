"""Reads of follow-up: what is due, what was said, what was sent."""

import datetime as dt
from typing import cast

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from exovigil.clinic import solicited
from exovigil.clinic.models import FollowUp, FollowUpAnswer, FollowUpLink, Photo
from exovigil.clinic.schedule import PlannedVisit, Visit, VisitState
from exovigil.clinic.solicited import Reaction, RedFlag, Severity


def follow_ups() -> QuerySet[FollowUp]:
    """Return every planned follow-up, with its visit, treatment, patient and site, and ``link_until``.

    ``link_until`` is when the latest link that can still be used expires, or None.
    """
    usable = FollowUpLink.objects.filter(
        follow_up=OuterRef("pk"), revoked_at__isnull=True, expires_at__gt=timezone.now()
    ).order_by("-expires_at")
    return (
        FollowUp.objects.select_related("visit", "treatment__patient", "site")
        .annotate(link_until=Subquery(usable.values("expires_at")[:1]))
        .order_by("due_on", "pk")
    )


def follow_up(pk: int) -> FollowUp:
    """One planned follow-up; raises DoesNotExist outside the scope."""
    return follow_ups().get(pk=pk)


def due_list(today: dt.date) -> QuerySet[FollowUp]:
    """What can and should be answered on a day: open, due and overdue, the longest waiting first."""
    wanted = Q()
    for state in (VisitState.OPEN, VisitState.DUE, VisitState.OVERDUE):
        wanted |= state_condition(state, today)
    return follow_ups().filter(wanted)


def counts(today: dt.date) -> dict[str, int]:
    """How many follow-ups are open, due and overdue on a day, in one query."""
    states = (VisitState.OPEN, VisitState.DUE, VisitState.OVERDUE)
    return FollowUp.objects.aggregate(
        **{state.value: Count("pk", filter=state_condition(state, today)) for state in states}
    )


def state_condition(state: VisitState, today: dt.date) -> Q:
    """``schedule.PlannedVisit.state`` as a condition of the database."""
    if state is VisitState.DONE:
        return Q(answered_on__lte=today)
    waiting = Q(answered_on__isnull=True) | Q(answered_on__gt=today)
    return (
        waiting
        & {
            VisitState.UPCOMING: Q(opens_on__gt=today),
            VisitState.OPEN: Q(opens_on__lte=today, due_on__gt=today),
            VisitState.DUE: Q(due_on=today),
            VisitState.OVERDUE: Q(due_on__lt=today, closes_on__gte=today),
            VisitState.MISSED: Q(closes_on__lt=today),
        }[state]
    )


def state_of(row: FollowUp, today: dt.date) -> VisitState:
    """How a follow-up stands on a day."""
    planned = PlannedVisit(cast(Visit, row.visit), opens=row.opens_on, due=row.due_on, closes=row.closes_on)
    return planned.state(today, done_on=row.answered_on)


def links_of(row: FollowUp) -> QuerySet[FollowUpLink]:
    """Links of one follow-up, the newest first."""
    return FollowUpLink.objects.filter(follow_up=row).select_related("site", "follow_up")


def answers() -> QuerySet[FollowUpAnswer]:
    """Return every answer with its visit, treatment, patient, product and people, the newest first."""
    return FollowUpAnswer.objects.select_related(
        "site",
        "follow_up__visit",
        "follow_up__treatment__patient",
        "follow_up__treatment__product",
        "follow_up__treatment__lot",
        "recorded_by",
        "reviewed_by",
    ).order_by("-received_at", "-pk")


def answer(pk: int) -> FollowUpAnswer:
    """One answer; raises DoesNotExist outside the scope."""
    return answers().get(pk=pk)


def answers_to(row: FollowUp) -> QuerySet[FollowUpAnswer]:
    """Answers to one follow-up, the newest first."""
    return answers().filter(follow_up=row)


def red_flags() -> QuerySet[FollowUpAnswer]:
    """Answers with a red flag that nobody has reviewed yet, the newest first."""
    return answers().filter(reviewed_at__isnull=True).exclude(red_flags=[])


def photos() -> QuerySet[Photo]:
    """Photographs with their answer's site."""
    return Photo.objects.select_related("site", "answer")


def photos_of(row: FollowUpAnswer) -> QuerySet[Photo]:
    """Photographs sent with one answer, in the order they came."""
    return photos().filter(answer=row).order_by("received_at")


def said(row: FollowUpAnswer) -> list[tuple[Reaction, Severity]]:
    """What an answer reports, in the order it was asked, each with its severity."""
    grades = {severity.grade: severity for severity in solicited.severities()}
    return [
        (reaction, grades[row.reactions[reaction.code]])
        for reaction in solicited.reactions()
        if row.reactions.get(reaction.code) in grades
    ]


def flags_of(row: FollowUpAnswer) -> list[RedFlag]:
    """Why an answer was flagged when it came, with the reasons and sources of the content in use now."""
    treated_on = row.follow_up.treatment.treated_on
    known = {reaction.code for reaction in solicited.reactions()}
    given = {code: grade for code, grade in row.reactions.items() if code in known}
    found = solicited.red_flags(given, (row.answered_on - treated_on).days)
    return [flag for flag in found if flag.reaction.code in row.red_flags]


def flag_words(row: FollowUpAnswer) -> str:
    """The flagged reactions by name, for lists."""
    labels = {reaction.code: reaction.label for reaction in solicited.reactions()}
    return "; ".join(labels.get(code, code) for code in row.red_flags)
