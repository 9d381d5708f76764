"""Recording, one thing a page: what happened, seriousness, outcome, investigations, treatments tried."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from exovigil.foundation.pages import get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries, seriousness
from exovigil.vigilance.forms import (
    HappenedForm,
    InvestigationForm,
    ManagementForm,
    OutcomeForm,
    SeriousnessForm,
)
from exovigil.vigilance.models import Case, Investigation, Management
from exovigil.vigilance.tasks_of import seen
from exovigil.vigilance.views.parts import case_form_page, case_or_404, to_case

_TRIED = ("kind", "dose", "started_on", "course", "stopped_on", "response", "note")


@get_or_post
@requires(Permission.OPEN_CASE)
def edit_what(request: HttpRequest, case_id: int) -> HttpResponse:
    """Correct or complete what happened."""
    case = case_or_404(case_id)
    initial = {name: getattr(case, name) for name in ("term", "words", "onset", "regions", "lesion")}
    form = HappenedForm(sent(request), initial=initial)
    if form.is_valid():
        done = form.attempt(
            actions.record_what_happened, by=actor_of(request), site=case.site, case=case, **form.values()
        )
        if done is not None:
            messages.success(request, "What happened was saved.")
            return to_case(case)
    return case_form_page(
        request,
        form,
        case=case,
        title="What happened",
        submit="Save",
        template="vigilance/happened_form.html",
    )


@get_or_post
@requires(Permission.OPEN_CASE)
def edit_seriousness(request: HttpRequest, case_id: int) -> HttpResponse:
    """Answer the six ICH criteria."""
    case = case_or_404(case_id)
    form = SeriousnessForm(sent(request), initial=dict(case.seriousness))
    if form.is_valid():
        done = form.attempt(
            actions.record_seriousness, by=actor_of(request), site=case.site, case=case, answers=form.values()
        )
        if done is not None:
            messages.success(request, "The seriousness was saved.")
            return to_case(case, "seriousness")
    return case_form_page(
        request,
        form,
        case=case,
        title="Seriousness",
        lead="One yes makes the case serious. It is not serious only when all six are answered no.",
        submit="Save",
        template="vigilance/seriousness_form.html",
        source=seriousness.criteria()[0].source,
    )


@get_or_post
@requires(Permission.OPEN_CASE)
def edit_outcome(request: HttpRequest, case_id: int) -> HttpResponse:
    """Record how the reaction stood when last looked at."""
    case = case_or_404(case_id)
    form = OutcomeForm(
        sent(request), initial={"outcome": case.outcome, "ended_on": case.ended_on or _cleared(case)}
    )
    if form.is_valid():
        done = form.attempt(
            actions.record_outcome, by=actor_of(request), site=case.site, case=case, **form.values()
        )
        if done is not None:
            messages.success(request, "The outcome was saved.")
            return to_case(case)
    lead = (
        "The day is filled in from the lesions when the latest count says that none is left."
        if _cleared(case)
        else ""
    )
    return case_form_page(request, form, case=case, title="Outcome", lead=lead, submit="Save")


@get_or_post
@requires(Permission.OPEN_CASE)
def add_investigation(request: HttpRequest, case_id: int) -> HttpResponse:
    """Record an investigation, or its result when it has come; ``?kind=`` opens one that is recorded."""
    case = case_or_404(case_id)
    form = InvestigationForm(sent(request), initial=_recorded(case, request.GET.get("kind", "")))
    if form.is_valid():
        done = form.attempt(
            actions.record_investigation, by=actor_of(request), site=case.site, case=case, **form.values()
        )
        if done is not None:
            messages.success(
                request, f"{done.get_kind_display()}: {done.get_result_display().lower()}. Saved."
            )
            return to_case(case, "investigations")
    return case_form_page(
        request,
        form,
        case=case,
        title="Record an investigation",
        lead="Each kind has one entry in a case; saving a kind again replaces its entry.",
        submit="Save",
    )


@get_or_post
@requires(Permission.OPEN_CASE)
def add_management(request: HttpRequest, case_id: int) -> HttpResponse:
    """Record a treatment tried for the reaction."""
    return _management(request, case_or_404(case_id), None)


@get_or_post
@requires(Permission.OPEN_CASE)
def edit_management(request: HttpRequest, case_id: int, management_id: int) -> HttpResponse:
    """Record how a treatment tried has responded since."""
    row = get_object_or_404(queries.management(), pk=management_id, case_id=case_id)
    return _management(request, case_or_404(case_id), row)


def _management(request: HttpRequest, case: Case, row: Management | None) -> HttpResponse:
    initial = {name: getattr(row, name) for name in _TRIED} if row else None
    form = ManagementForm(sent(request), initial=initial)
    if form.is_valid():
        values = form.values() | ({"management": row} if row else {})
        done = form.attempt(
            actions.record_management, by=actor_of(request), site=case.site, case=case, **values
        )
        if done is not None:
            messages.success(request, f"{done.get_kind_display()}: saved.")
            return to_case(case, "management")
    title = "Treatment tried" if row else "Record a treatment tried"
    return case_form_page(request, form, case=case, title=title, submit="Save")


def _cleared(case: Case) -> dt.date | None:
    """The day from which no lesion was left, when the latest count says that there is none."""
    days = [seen(visit) for visit in case.lesion_visits.all()]
    clear: dt.date | None = None
    for day in days:
        clear = (clear or day.on) if day.is_clear else None
    return clear


def _recorded(case: Case, kind: str) -> dict[str, object]:
    """What is recorded of one kind of investigation, to be completed."""
    row: Investigation | None = next((r for r in case.investigations.all() if r.kind == kind), None)
    if row is None:
        return {"kind": kind}
    return {name: getattr(row, name) for name in ("kind", "result", "taken_on", "resulted_on", "finding")}
