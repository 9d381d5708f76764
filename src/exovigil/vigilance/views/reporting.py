"""Reports: writing one, reading what the checker found in it, and handing out its file."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from exovigil.foundation.forms import ActionForm
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries
from exovigil.vigilance.authority_forms import forms
from exovigil.vigilance.models import Report
from exovigil.vigilance.papers import form_paper
from exovigil.vigilance.views.case import case_page
from exovigil.vigilance.views.parts import case_crumbs, case_or_404, whole_case_or_404


@require_POST
@requires(Permission.ASSESS_CASE)
def write_report(request: HttpRequest, case_id: int) -> HttpResponse:
    """Write the case as an E2B(R3) file; a refusal shows on the case page with what is missing."""
    actor, case = actor_of(request), whole_case_or_404(case_id)
    form = ActionForm(request.POST)
    if form.is_valid():
        report = form.attempt(actions.write_report, by=actor, site=case.site, case=case)
        if report is not None:
            found = len(report.findings)
            words = "the checker found nothing" if not found else f"the checker found {found}"
            messages.success(request, f"Report {report.number} was written; {words}.")
            return redirect("vigilance:report", report.pk)
    page = case_page(case, actor) | {"form": form}
    return render(request, "vigilance/case.html", page, status=422)


@require_GET
@requires(Permission.VIEW_CASES)
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    """One report file: what it is, its fingerprint, and every finding."""
    row = _report_or_404(report_id)
    page = {"report": row, "case": row.case, "crumbs": case_crumbs(row.case), "file_name": _file_name(row)}
    return render(request, "vigilance/report.html", page)


@require_GET
@requires(Permission.VIEW_CASES)
def report_file(request: HttpRequest, report_id: int) -> HttpResponse:
    """Hand out the file as it was written; the trail notes who took it."""
    row = _report_or_404(report_id)
    actions.hand_out_report(by=actor_of(request), site=row.site, report=row)
    response = HttpResponse(row.content.encode(), content_type="application/xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(row)}"'
    return response


@require_GET
@requires(Permission.VIEW_CASES)
def form_file(request: HttpRequest, case_id: int, code: str) -> HttpResponse:
    """Hand out the case in the order of an authority's form, for copying; the trail notes who took it."""
    case = case_or_404(case_id)
    if code not in {row.code for row in forms()}:
        raise Http404
    actions.hand_out_form(by=actor_of(request), site=case.site, case=case, form=code)
    response = HttpResponse(form_paper(case, code), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{case.number}-{code}.pdf"'
    return response


def _report_or_404(report_id: int) -> Report:
    return get_object_or_404(queries.reports(), pk=report_id)


def _file_name(row: Report) -> str:
    """Name of the file; a draft says so there too."""
    return f"{row.case.number}-{row.number}{'-DRAFT' if row.is_draft else ''}.xml"
