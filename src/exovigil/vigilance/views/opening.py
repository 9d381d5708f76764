"""Turning a reaction into a case."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from exovigil.clinic import queries as clinic
from exovigil.foundation.forms import ActionForm
from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions
from exovigil.vigilance.forms import OpenFromAnswerForm, OpenFromClinicAnswerForm, OpenFromTreatmentForm
from exovigil.vigilance.labels import term_choices
from exovigil.vigilance.models import Case
from exovigil.vigilance.views.parts import to_case


@get_or_post
@requires(Permission.OPEN_CASE)
def open_from_answer(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Open a case from what was said at a follow-up; an answer that is a case already leads to it."""
    answer = get_object_or_404(clinic.answers().select_related("case"), pk=answer_id)
    earlier: Case | None = getattr(answer, "case", None)
    if earlier is not None and request.method != "POST":
        messages.info(request, f"This answer is already case {earlier.number}.")
        return to_case(earlier)
    known_terms = dict(term_choices())
    initial = {
        "term": next((code for code in answer.red_flags if code in known_terms), ""),
        "words": answer.words,
        "onset": answer.onset,
        "regions": answer.follow_up.treatment.regions,
    }
    made_by = OpenFromAnswerForm if answer.channel == "patient" else OpenFromClinicAnswerForm
    form: ActionForm = made_by(sent(request), initial=initial)
    if form.is_valid():
        opened = form.attempt(
            actions.open_case, by=actor_of(request), site=answer.site, answer=answer, **form.values()
        )
        if opened is not None:
            return _opened(request, opened)
    page = {
        "answer": answer,
        "treatment": answer.follow_up.treatment,
        "flags": clinic.flags_of(answer),
        "said": clinic.said(answer),
    }
    return _page(request, form, **page)


@get_or_post
@requires(Permission.OPEN_CASE)
def open_from_treatment(request: HttpRequest, treatment_id: int) -> HttpResponse:
    """Open a case from a treatment, when the reaction came to light outside a follow-up."""
    treatment = get_object_or_404(clinic.treatments(actor_of(request)), pk=treatment_id)
    form = OpenFromTreatmentForm(sent(request), initial={"regions": treatment.regions})
    if form.is_valid():
        opened = form.attempt(
            actions.open_case, by=actor_of(request), site=treatment.site, treatment=treatment, **form.values()
        )
        if opened is not None:
            return _opened(request, opened)
    return _page(request, form, treatment=treatment)


def _opened(request: HttpRequest, case: Case) -> HttpResponse:
    messages.success(
        request, f"Case {case.number} is open. Next: answer its seriousness and record the work-up."
    )
    return to_case(case)


def _page(request: HttpRequest, form: ActionForm, **page: Any) -> HttpResponse:
    return form_page(
        request,
        form,
        title="Open a case",
        submit="Open the case",
        crumbs=[("Cases", reverse("vigilance:cases"))],
        template="vigilance/open_case.html",
        **page,
    )
