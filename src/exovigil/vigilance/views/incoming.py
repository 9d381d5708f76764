"""What came in from outside: the inbox, one report, and the forms that bring reports in, complete and chase them."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from exovigil.foundation.forms import TOO_LARGE, ActionForm
from exovigil.foundation.listing import Choice, Column, Listing
from exovigil.foundation.marks import day_words, nowrap, status_mark, status_marks
from exovigil.foundation.pages import form_page, get_or_post, sent, sent_files
from exovigil.governance.access import actor_of, only_site, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries, seriousness
from exovigil.vigilance.actions.intake import TOLD
from exovigil.vigilance.e2b.readable import readable
from exovigil.vigilance.forms_intake import ChaseForm, CompleteForm, FileForm, LiteratureForm
from exovigil.vigilance.minimum import minimum_criteria, missing_of
from exovigil.vigilance.models import Case, IncomingReport
from exovigil.vigilance.queries.intake import SECRET

_TONES = {
    IncomingReport.State.WAITING: "warn",
    IncomingReport.State.OPENED: "good",
    IncomingReport.State.ADDED: "good",
    IncomingReport.State.ASIDE: "neutral",
}


@require_GET
@requires(Permission.VIEW_CASES)
def inbox(request: HttpRequest) -> HttpResponse:
    """Every report from outside, those that wait first."""
    plain = request.GET.get("export") == "csv"
    listing = _listing(request, plain=plain)
    if listing.wants_export:
        counted = listing.rows.order_by().values_list("site__code").annotate(rows=Count("pk"))
        actions.record_export(by=actor_of(request), rows=dict(counted), what="incoming")
        return listing.export()
    page = {
        "title": "Incoming",
        "lead": "Reports from outside. Each waits until a person decides: a new case, part of one, or set aside.",
        "may_bring_in": actor_of(request).can(Permission.ASSESS_CASE),
        "address": request.build_absolute_uri(reverse("outside:tell", args=[only_site(request).code])),
        "crumbs": [("Cases", reverse("vigilance:cases"))],
        **listing.context(
            url=lambda row: reverse("vigilance:incoming-report", args=[row.pk]),
            empty_text="Nothing has come in. Reports by the public form appear here at once; files and publications"
            " are brought in by hand.",
        ),
    }
    return render(request, "vigilance/incoming.html", page)


@require_GET
@requires(Permission.VIEW_CASES)
def report(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """One report, whole, except for who is named in it."""
    return _page(request, incoming_or_404(incoming_id))


@require_POST
@requires(Permission.ASSESS_CASE)
def show_people(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Show who reported and who is named, once; the trail notes who looked."""
    row = incoming_or_404(incoming_id)
    people = actions.read_reporter(by=actor_of(request), site=row.site, incoming=row)
    return _page(request, row, people)


@get_or_post
@requires(Permission.ASSESS_CASE)
def bring_in_file(request: HttpRequest) -> HttpResponse:
    """Bring in a file from another sender."""
    form = FileForm(sent(request), sent_files(request), initial={"received_on": timezone.localdate()})
    complete = form.is_valid()
    if request.META.get(TOO_LARGE) == "source":
        form.errors.pop("source", None)
        form.add_error("source", "This file is larger than 20 MB. Split the batch into smaller files.")
    elif complete:
        done = form.attempt(
            actions.bring_in_file, by=actor_of(request), site=only_site(request), **form.values()
        )
        if done is not None:
            many = "report was" if done.reports_count == 1 else "reports were"
            messages.success(request, f"{done.reports_count} {many} brought in.")
            return redirect("vigilance:incoming")
    return _form(
        request,
        form,
        title="Bring in a file",
        lead="Reports that another sender wrote. Each is shown readable, with what could not be held.",
        submit="Bring it in",
        multipart=True,
    )


@get_or_post
@requires(Permission.ASSESS_CASE)
def add_literature(request: HttpRequest) -> HttpResponse:
    """Type in a case from a publication."""
    form = LiteratureForm(sent(request), initial={"received_on": timezone.localdate()})
    if form.is_valid():
        done = form.attempt(
            actions.record_literature, by=actor_of(request), site=only_site(request), **form.values()
        )
        if done is not None:
            messages.success(request, f"{done.number} was kept.")
            return to_report(done)
    return _form(
        request,
        form,
        title="A case from the literature",
        submit="Keep it",
        template="vigilance/sectioned_form.html",
    )


@get_or_post
@requires(Permission.ASSESS_CASE)
def complete(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Write down what was learnt since."""
    row = incoming_or_404(incoming_id)
    held = {name: getattr(row, name) for name in TOLD if name not in SECRET}
    form = CompleteForm(sent(request), initial=held | {"heard_on": timezone.localdate()})
    if form.is_valid():
        done = form.attempt(
            actions.complete_incoming, by=actor_of(request), site=row.site, incoming=row, **form.values()
        )
        if done is not None:
            messages.success(
                request, f"Saved. The report is {'valid' if done.is_valid else 'not valid yet'}."
            )
            return to_report(row)
    return _form(
        request,
        form,
        row,
        title="Complete the report",
        submit="Save",
        template="vigilance/sectioned_form.html",
    )


@get_or_post
@requires(Permission.ASSESS_CASE)
def chase(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """Write down an attempt to get what the report lacks."""
    row = incoming_or_404(incoming_id)
    form = ChaseForm(sent(request), initial={"chased_on": timezone.localdate()})
    if form.is_valid():
        done = form.attempt(
            actions.record_chase, by=actor_of(request), site=row.site, incoming=row, **form.values()
        )
        if done is not None:
            messages.success(request, "The attempt was written down.")
            return to_report(row)
    asked = "; ".join(criterion.ask for criterion in missing_of(row.met))
    lead = f"Ask {asked}." if asked else "The report is valid; this is for whatever else is asked."
    return _form(request, form, row, title="Chase the report", lead=lead, submit="Write it down")


def incoming_or_404(incoming_id: int) -> IncomingReport:
    """A report from outside, or 404 when there is none within the site."""
    return get_object_or_404(queries.incoming_files(), pk=incoming_id)


def to_report(row: IncomingReport) -> HttpResponseRedirect:
    """Go back to the report."""
    return redirect("vigilance:incoming-report", row.pk)


def report_crumbs(row: IncomingReport | None) -> list[tuple[str, str]]:
    """Where a page of a report is."""
    found = [("Cases", reverse("vigilance:cases")), ("Incoming", reverse("vigilance:incoming"))]
    if row is not None:
        found.append((row.number, reverse("vigilance:incoming-report", args=[row.pk])))
    return found


def state_mark(row: IncomingReport, *, plain: bool = False) -> str:
    """What became of a report, as a word, on a page with its shape."""
    word = row.get_state_display()
    return word if plain else status_mark(word, _TONES[IncomingReport.State(row.state)])


def criteria_of(row: IncomingReport) -> list[tuple[Any, bool]]:
    """The four minimum criteria, each with whether it is met."""
    return [(criterion, criterion.code in row.met) for criterion in minimum_criteria()]


def _page(request: HttpRequest, row: IncomingReport, people: IncomingReport | None = None) -> HttpResponse:
    message = queries.read_message(row.pk)
    waits = row.state == IncomingReport.State.WAITING
    page = {
        "row": row,
        "people": people,
        "crumbs": report_crumbs(None),
        "state_mark": state_mark(row),
        "criteria": criteria_of(row),
        "missing": missing_of(row.met),
        "reporter": dict(Case.Reporter.choices).get(row.reporter, row.reporter),
        "outcome": dict(Case.Outcome.choices).get(row.outcome, row.outcome),
        "serious": [c.label for c in seriousness.criteria() if c.code in row.serious],
        "proposals": queries.proposals_for_report(row),
        "sections": readable(message.record, with_people=people is not None) if message else (),
        "lost": message.lost if message else (),
        "key_form": ActionForm(),
        "may_decide": waits and actor_of(request).can(Permission.ASSESS_CASE),
        "may_see_people": actor_of(request).can(Permission.ASSESS_CASE),
        "may_take_up": row.state == IncomingReport.State.ASIDE
        and actor_of(request).can(Permission.ASSESS_CASE),
    }
    return render(request, "vigilance/incoming_report.html", page)


def _form(
    request: HttpRequest, form: ActionForm, row: IncomingReport | None = None, **page: Any
) -> HttpResponse:
    return form_page(request, form, crumbs=report_crumbs(row), row=row, **page)


def _criteria(row: IncomingReport, *, plain: bool) -> str:
    """Name the criteria with whether each is met."""
    words = [(criterion.code.capitalize(), met) for criterion, met in criteria_of(row)]
    if plain:
        return "; ".join(f"{word}: {'met' if met else 'not met'}" for word, met in words)
    return status_marks((word, "good" if met else "stop") for word, met in words)


def _whole(text: str, plain: bool) -> str:
    return text if plain else nowrap(text)


def _listing(request: HttpRequest, *, plain: bool) -> Listing[IncomingReport]:
    waiting_first = F("decided_at").asc(nulls_first=True)
    return Listing(
        request,
        queries.incoming_reports().order_by(waiting_first, "-received_on", "-pk"),
        (
            Column("Report", lambda r: _whole(r.number, plain), sort="number"),
            Column("Source", lambda r: r.get_source_display(), sort="source"),
            Column("Received", lambda r: _whole(day_words(r.received_on), plain), sort="received_on"),
            Column("Minimum criteria", lambda r: _criteria(r, plain=plain)),
            Column(
                "Day 0",
                lambda r: _whole(day_words(r.valid_on, missing="Not valid yet"), plain),
                sort="valid_on",
            ),
            Column("State", lambda r: state_mark(r, plain=plain), sort="state"),
        ),
        name="incoming",
        search=("number",),
        choices=(
            Choice(
                "state", "State", tuple((s.value, str(s.label), Q(state=s)) for s in IncomingReport.State)
            ),
            Choice(
                "source", "Source", tuple((s.value, str(s.label), Q(source=s)) for s in IncomingReport.Source)
            ),
            Choice(
                "valid",
                "Valid",
                (("yes", "Valid", Q(valid_on__isnull=False)), ("no", "Not valid", Q(valid_on__isnull=True))),
            ),
        ),
    )
