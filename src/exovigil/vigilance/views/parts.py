"""What the room's pages share: finding the case, and drawing its one-thing forms."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from exovigil.foundation.forms import ActionForm
from exovigil.foundation.pages import Crumbs, form_page
from exovigil.vigilance import queries
from exovigil.vigilance.models import Case


def case_or_404(case_id: int) -> Case:
    """The whole case file, or 404 when there is none within the site."""
    return get_object_or_404(queries.case_files(), pk=case_id)


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
