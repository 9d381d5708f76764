"""What the room's pages share: finding the case, and drawing its one-thing forms."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from exovigil.foundation.forms import ActionForm
from exovigil.vigilance import queries
from exovigil.vigilance.models import Case


def case_or_404(case_id: int) -> Case:
    """The whole case file, or 404 when there is none within the site."""
    return get_object_or_404(queries.case_files(), pk=case_id)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, so that an empty answer is told what it lacks; None when the page is only opened."""
    return request.POST if request.method == "POST" else None


def case_url(case: Case, anchor: str = "") -> str:
    """Address of a case page."""
    return reverse("vigilance:case", args=[case.pk]) + (f"#{anchor}" if anchor else "")


def case_crumbs(case: Case) -> list[tuple[str, str]]:
    """Where a page of a case is."""
    return [("Cases", reverse("vigilance:cases")), (case.number, case_url(case))]


def to_case(case: Case, anchor: str = "") -> HttpResponseRedirect:
    """Go back to the case, to the part that was changed."""
    return redirect(case_url(case, anchor))


def form_page(
    request: HttpRequest,
    form: ActionForm,
    *,
    case: Case,
    title: str,
    submit: str,
    template: str = "components/form_page.html",
    **page: Any,
) -> HttpResponse:
    """Draw a form of a case; 422 when it was refused."""
    context = {
        "title": title,
        "form": form,
        "submit": submit,
        "case": case,
        "crumbs": case_crumbs(case),
        "cancel_url": case_url(case),
        **page,
    }
    return render(request, template, context, status=422 if form.errors else 200)
