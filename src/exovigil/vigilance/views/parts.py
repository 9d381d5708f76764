"""What the room's pages share: finding the case, and drawing its one-thing forms."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from exovigil.foundation.forms import ActionForm
from exovigil.foundation.pages import Crumbs, form_page
from exovigil.governance.access import actor_of
from exovigil.vigilance import actions, queries
from exovigil.vigilance.models import Assessment, Case


def case_or_404(case_id: int) -> Case:
    """A case with what is known of the reaction, or 404 when there is none within the site."""
    return get_object_or_404(queries.clinical_files(), pk=case_id)


def whole_case_or_404(case_id: int) -> Case:
    """A case with everything its page shows, or 404 when there is none within the site."""
    return get_object_or_404(queries.case_files(), pk=case_id)


def judged(request: HttpRequest, case: Case, form: ActionForm, method: str) -> Assessment | None:
    """Judge by a method with the form's answers; None while they are not sent, not complete or refused."""
    if not form.is_valid():
        return None
    return form.attempt(
        actions.assess_causality,
        by=actor_of(request),
        site=case.site,
        case=case,
        method=method,
        answers=form.values(),
    )


def case_url(case: Case, anchor: str = "") -> str:
    """Address of a case page."""
    return reverse("vigilance:case", args=[case.pk]) + (f"#{anchor}" if anchor else "")


def case_crumbs(case: Case) -> Crumbs:
    """Where a page of a case is."""
    return [("Cases", reverse("vigilance:cases")), (case.number, case_url(case))]


def to_case(case: Case, anchor: str = "") -> HttpResponseRedirect:
    """Go back to the case, to the part that was changed."""
    return redirect(case_url(case, anchor))


def case_form_page(request: HttpRequest, form: ActionForm, *, case: Case, **page: Any) -> HttpResponse:
    """Draw a form of a case; 422 when it was refused."""
    return form_page(request, form, crumbs=case_crumbs(case), case=case, **page)
