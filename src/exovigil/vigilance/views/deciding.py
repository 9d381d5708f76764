"""Deciding on a report from outside: a new case, part of one, set aside, taken up again."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from exovigil.clinic.body_map import body_map
from exovigil.foundation.forms import ActionForm
from exovigil.foundation.marks import day_words
from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries, seriousness
from exovigil.vigilance.forms_intake import AddToCaseForm, AsideForm, OpenFromReportForm
from exovigil.vigilance.models import Case, IncomingReport
from exovigil.vigilance.views.incoming import incoming_or_404, report_crumbs, to_report
from exovigil.vigilance.views.parts import to_case


@get_or_post
@requires(Permission.ASSESS_CASE)
def open_case(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Open a case from a valid report."""
    row = incoming_or_404(incoming_id)
    initial = {"words": row.words, "onset": row.onset, "product": row.product_id}
    form = OpenFromReportForm(sent(request), initial=initial)
    if form.is_valid():
        done = form.attempt(
            actions.open_case_from_report,
            by=actor_of(request),
            site=row.site,
            incoming=row,
            **form.values(),
        )
        if done is not None:
            messages.success(request, f"Case {done.number} is open. Day 0 is {day_words(row.valid_on)}.")
            return to_case(done)
    return _page(
        request,
        form,
        row,
        title="Open a case",
        submit="Open the case",
        template="vigilance/open_from_report.html",
        map=body_map(()),
    )


@get_or_post
@requires(Permission.ASSESS_CASE)
def add_to_case(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Add a report to a case as new information; ``?case=`` names the case."""
    row = incoming_or_404(incoming_id)
    named = queries.cases().filter(number=request.GET.get("case", "")[:24]).first()
    form = AddToCaseForm(
        sent(request), says=_says(row), initial={"case_number": named.number if named else ""}
    )
    if form.is_valid():
        given = form.values()
        case = queries.cases().filter(site=row.site, number=given.pop("case_number")).first()
        if case is None:
            form.add_error(
                "case_number", "No case of this site has that number. Check it on the list of cases."
            )
        elif (
            form.attempt(
                actions.add_report_to_case,
                by=actor_of(request),
                site=row.site,
                incoming=row,
                case=case,
                **given,
            )
            is not None
        ):
            messages.success(request, f"{row.number} was added; what changed stands in the new version.")
            return to_case(case, "versions")
    return _page(
        request,
        form,
        row,
        title="Add to a case",
        lead="The report stays as it came. The case is frozen before and after, so that the difference can be read.",
        submit="Add it",
        template="vigilance/add_to_case.html",
        beside=_beside(row, named) if named else (),
        named=named,
    )


@get_or_post
@requires(Permission.ASSESS_CASE)
def set_aside(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Set a report aside with the reason."""
    return _reason(request, incoming_id, actions.set_report_aside, "Set the report aside", "Set it aside")


@get_or_post
@requires(Permission.ASSESS_CASE)
def take_up_again(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Take up a report that was set aside."""
    return _reason(
        request, incoming_id, actions.take_report_up_again, "Take the report up again", "Take it up"
    )


def _reason(request: HttpRequest, incoming_id: int, act: Any, title: str, submit: str) -> HttpResponse:
    row = incoming_or_404(incoming_id)
    form = AsideForm(sent(request))
    if form.is_valid():
        done = form.attempt(act, by=actor_of(request), site=row.site, incoming=row, **form.values())
        if done is not None:
            messages.success(request, f"{done.number}: {done.get_state_display().lower()}.")
            return to_report(row)
    return _page(request, form, row, title=title, submit=submit)


def _says(row: IncomingReport) -> list[tuple[str, str]]:
    """What of the report a case can take over, each with what it says."""
    outcomes = dict(Case.Outcome.choices)
    serious = [c.label for c in seriousness.criteria() if c.code in row.serious]
    found = [
        ("words", row.words and "The reporter’s words, added below the case’s own"),
        ("onset", row.onset and f"When it began: {day_words(row.onset)}"),
        ("serious", serious and f"Serious: {'; '.join(serious).lower()}"),
        ("outcome", row.outcome != Case.Outcome.UNKNOWN and f"Outcome: {outcomes[row.outcome].lower()}"),
    ]
    return [(name, str(words)) for name, words in found if words]


def _beside(row: IncomingReport, case: Case) -> list[tuple[str, str, str]]:
    """What the report and the case say of the same things, side by side."""
    outcomes = dict(Case.Outcome.choices)
    product = case.product.name if case.product else case.get_product_status_display()
    lot = case.lot.number if case.lot else case.get_lot_status_display()
    return [
        ("In the reporter’s words", row.words, case.words),
        ("When it began", day_words(row.onset or None), day_words(case.onset or None)),
        ("Product", row.product_words or str(row.product or ""), product),
        ("Lot", row.lot_words, lot),
        ("Sex", row.get_sex_display(), case.patient.get_sex_display() if case.patient else ""),
        ("Outcome", outcomes[row.outcome], case.get_outcome_display()),
    ]


def _page(request: HttpRequest, form: ActionForm, row: IncomingReport, **page: Any) -> HttpResponse:
    cancel = reverse("vigilance:incoming-report", args=[row.pk])
    return form_page(request, form, crumbs=report_crumbs(row), cancel_url=cancel, row=row, **page)
