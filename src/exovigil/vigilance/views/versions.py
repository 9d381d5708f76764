"""Versions of a case: reading one, what changed since another, freezing one on purpose, and nullifying the case."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from exovigil.foundation.pages import get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries
from exovigil.vigilance.forms_versions import NullifyForm, VersionForm
from exovigil.vigilance.models import CaseVersion
from exovigil.vigilance.versions import BrokenVersion, Field, difference, thaw
from exovigil.vigilance.views.parts import case_crumbs, case_form_page, case_or_404, to_case


@require_GET
@requires(Permission.VIEW_CASES)
def version(request: HttpRequest, case_id: int, number: int) -> HttpResponse:
    """One version: why it was frozen, what changed since the one before (or ``?against=``), and all it holds."""
    row = get_object_or_404(queries.versions(), case_id=case_id, number=number)
    others = list(queries.versions().filter(case_id=case_id).exclude(pk=row.pk))
    against = _against(row, others, request.GET.get("against", ""))
    fields, broken = _read(row)
    earlier, broken_before = _read(against) if against else ((), "")
    page = {
        "version": row,
        "case": row.case,
        "crumbs": case_crumbs(row.case),
        "fields": fields,
        "broken": broken or broken_before,
        "against": against,
        "changes": difference(earlier, fields),
        "others": [other for other in others if other != against],
    }
    return render(request, "vigilance/version.html", page)


@get_or_post
@requires(Permission.ASSESS_CASE)
def make_version(request: HttpRequest, case_id: int) -> HttpResponse:
    """Freeze the case as it stands, with a reason."""
    case = case_or_404(case_id)
    form = VersionForm(sent(request))
    if form.is_valid():
        made = form.attempt(
            actions.make_version, by=actor_of(request), site=case.site, case=case, **form.values()
        )
        if made is not None:
            messages.success(request, f"Version {made.number} was frozen.")
            return to_case(case, "versions")
    return case_form_page(
        request,
        form,
        case=case,
        title="Freeze a version",
        lead="A frozen version is kept as it is. The next report tells it, with the reason when it is an amendment.",
        submit="Freeze it",
    )


@get_or_post
@requires(Permission.ASSESS_CASE)
def nullify_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Declare that the case should never have been one."""
    case = case_or_404(case_id)
    form = NullifyForm(sent(request))
    if form.is_valid():
        made = form.attempt(
            actions.nullify_case, by=actor_of(request), site=case.site, case=case, **form.values()
        )
        if made is not None:
            messages.success(request, f"Case {case.number} is nullified.")
            return to_case(case)
    return case_form_page(
        request,
        form,
        case=case,
        title="Nullify the case",
        lead="For a case that should never have been one. It stays visible, is marked, is no longer counted, and"
        " can never be changed again.",
        submit="Nullify the case",
    )


def _against(row: CaseVersion, others: list[CaseVersion], asked: str) -> CaseVersion | None:
    """Choose what to compare with: the version asked for, else the one before."""
    chosen = next((other for other in others if str(other.number) == asked), None)
    return chosen or next((other for other in others if other.number < row.number), None)


def _read(row: CaseVersion) -> tuple[tuple[Field, ...], str]:
    """Read what a version holds, or nothing and why not."""
    try:
        return thaw(row.content, row.sha256), ""
    except BrokenVersion as error:
        return (), f"{str(error)[0].upper()}{str(error)[1:]}."
