"""Pages of follow-up: who is due, one follow-up with its link, an answer by phone, an answer and its photographs."""

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from exovigil.clinic import actions, links, queries
from exovigil.clinic.forms.follow_up import LinkForm, RecordForm, ReviewForm, too_large_message
from exovigil.clinic.models import FollowUp, FollowUpAnswer
from exovigil.clinic.schedule import VisitState
from exovigil.clinic.views.pages import follow_up_crumbs
from exovigil.foundation.forms import TOO_LARGE
from exovigil.foundation.listing import Choice, Column, Listing
from exovigil.foundation.marks import day_words, status_mark
from exovigil.foundation.pages import form_page, get_or_post, sent, sent_files
from exovigil.governance.access import actor_of, requires
from exovigil.governance.action import Refused
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission

TO_DO = (VisitState.OVERDUE, VisitState.DUE, VisitState.OPEN)
TONES = {
    VisitState.DONE: "good",
    VisitState.OVERDUE: "stop",
    VisitState.DUE: "warn",
    VisitState.MISSED: "warn",
}
FLAGS_SHOWN = 5


class StateWord(str):
    """The state of a follow-up: its word in a file, word and shape on a page."""

    state: VisitState

    @classmethod
    def of(cls, state: VisitState) -> "StateWord":
        """Make the word of a state."""
        word = cls(state.value.capitalize())
        word.state = state
        return word

    def __html__(self) -> str:
        return status_mark(str(self), TONES.get(self.state, "neutral"))


@require_GET
@requires(Permission.VIEW_PATIENTS)
def follow_ups(request: HttpRequest) -> HttpResponse:
    """Show who is due: red flags nobody has reviewed first, then every follow-up that can be answered now."""
    actor, today = actor_of(request), timezone.localdate()
    listing = _listing(request, today, several_sites=len(actor.site_ids) > 1)
    if listing.wants_export:
        return listing.export(_audited(actor, listing.rows))
    flags = queries.red_flags()
    page = {
        "title": "Follow-up",
        "lead": "Reactions have begun from two weeks to three months after treatment. These patients can be asked now.",
        "counts": queries.counts(today),
        "flags": [(row, queries.flag_words(row)) for row in flags[:FLAGS_SHOWN]],
        "flags_total": flags.count(),
        **listing.context(
            url=lambda row: reverse("clinic:follow-up", args=[row.pk]),
            empty_text="Nobody is waiting here. A follow-up appears when its window opens; "
            "choose “Upcoming” to look ahead.",
        ),
    }
    return render(request, "clinic/follow_ups.html", page)


def _listing(request: HttpRequest, today: dt.date, *, several_sites: bool) -> Listing[FollowUp]:
    wanted = request.GET.get("state", "")
    beyond = {state.value for state in VisitState} - {state.value for state in TO_DO}
    states = (*TO_DO, VisitState.UPCOMING, VisitState.MISSED, VisitState.DONE)
    return Listing(
        request,
        queries.follow_ups() if wanted in beyond else queries.due_list(today),
        (
            Column("Patient", lambda f: f.treatment.patient.pseudonym, sort="treatment__patient__pseudonym"),
            Column("Visit", lambda f: f.visit.label, sort="visit__target_day"),
            Column("State", lambda f: StateWord.of(queries.state_of(f, today))),
            Column(
                "Weeks after treatment",
                lambda f: (today - f.treatment.treated_on).days // 7,
                sort="treatment__treated_on",
                numeric=True,
            ),
            Column("Due", lambda f: day_words(f.due_on), sort="due_on"),
            Column("Window", lambda f: f"{day_words(f.opens_on)} to {day_words(f.closes_on)}"),
            Column("Link", lambda f: f"until {day_words(f.link_until)}" if f.link_until else "none"),
            *((Column("Site", lambda f: f.site.name, sort="site__name"),) if several_sites else ()),
        ),
        name="follow-ups",
        search=("treatment__patient__pseudonym",),
        choices=(
            Choice(
                "state",
                "State",
                tuple((s.value, s.value.capitalize(), queries.state_condition(s, today)) for s in states),
            ),
        ),
    )


def _audited(actor: Actor, rows: Iterable[FollowUp]) -> list[FollowUp]:
    """Record the export at each site that rows leave, and keep their order."""
    kept = list(rows)
    for _, group in groupby(sorted(kept, key=lambda f: f.site_id), key=lambda f: f.site_id):
        of_site = list(group)
        actions.export_follow_ups(by=actor, site=of_site[0].site, follow_ups=of_site)
    return kept


@require_GET
@requires(Permission.VIEW_PATIENTS)
def follow_up(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """One follow-up: its window, the patient's link, and what was answered."""
    actor = actor_of(request)
    row = get_object_or_404(queries.follow_ups(), pk=follow_up_id)
    may = actor.can(Permission.FOLLOW_UP, row.site_id)
    found = list(queries.links_of(row))
    current = next((link for link in found if links.is_open(link)), None)
    page = {
        "follow_up": row,
        "state": StateWord.of(queries.state_of(row, timezone.localdate())),
        "today": timezone.localdate(),
        "may": may,
        "link": current,
        "address": request.build_absolute_uri(links.address_of(current)) if current and may else "",
        "earlier_links": [link for link in found if link is not current],
        "form": LinkForm(auto_id="link_%s"),
        "answers": [(a, queries.said(a), queries.flag_words(a)) for a in queries.answers_to(row)],
        "crumbs": [("Follow-up", reverse("clinic:follow-ups"))],
    }
    return _unstored(render(request, "clinic/follow_up.html", page))


@require_POST
@requires(Permission.FOLLOW_UP)
def make_link(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """Make the patient's link."""
    row = get_object_or_404(queries.follow_ups(), pk=follow_up_id)
    form = LinkForm(request.POST)
    made = None
    if form.is_valid():
        made = form.attempt(actions.make_link, by=actor_of(request), site=row.site, follow_up=row)
    if made is not None:
        messages.success(request, "The link is ready. Copy it into a message to the patient.")
    _complain(request, form)
    return redirect("clinic:follow-up", row.pk)


@require_POST
@requires(Permission.FOLLOW_UP)
def revoke_link(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """Withdraw the link of the follow-up that can be used now."""
    row = get_object_or_404(queries.follow_ups(), pk=follow_up_id)
    found = [link for link in queries.links_of(row) if links.is_open(link)]
    try:
        if not found:
            raise Refused("There is no link to withdraw.")
        actions.revoke_link(by=actor_of(request), site=row.site, link=found[0])
        messages.success(request, "The link was withdrawn. Whoever opens it is asked to call the clinic.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("clinic:follow-up", row.pk)


@get_or_post
@requires(Permission.FOLLOW_UP)
def record_follow_up(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """Write down what the patient says on the phone or at a visit."""
    row = get_object_or_404(queries.follow_ups(), pk=follow_up_id)
    form = RecordForm(sent(request), sent_files(request), initial={"answered_on": timezone.localdate()})
    if _complete(form, request):
        kept = form.attempt(
            actions.record_follow_up, by=actor_of(request), site=row.site, follow_up=row, **form.values()
        )
        if kept is not None:
            messages.success(request, "The answer was recorded.")
            return redirect("clinic:answer", kept.pk)
    return form_page(
        request,
        form,
        title="Record an answer",
        follow_up=row,
        submit="Record answer",
        multipart=True,
        crumbs=follow_up_crumbs(row),
        template="clinic/follow_up_record.html",
    )


def _complete(form: RecordForm, request: HttpRequest) -> bool:
    complete = form.is_valid()
    if request.META.get(TOO_LARGE) == "photo":
        form.add_error("photo", too_large_message(settings.UPLOAD_FILE_LIMIT))
        return False
    return complete


@require_GET
@requires(Permission.VIEW_PATIENTS)
def answer(request: HttpRequest, answer_id: int) -> HttpResponse:
    """What was said at a follow-up, why it was flagged, its photographs, and the review."""
    row = get_object_or_404(queries.answers(), pk=answer_id)
    return _answer_page(request, row, ReviewForm())


@require_POST
@requires(Permission.VIEW_CASES)
def review_answer(request: HttpRequest, answer_id: int) -> HttpResponse:
    """Sign an answer as seen, with what was decided."""
    row = get_object_or_404(queries.answers(), pk=answer_id)
    form = ReviewForm(request.POST)
    kept = None
    if form.is_valid():
        kept = form.attempt(
            actions.review_answer, by=actor_of(request), site=row.site, answer=row, **form.values()
        )
    if kept is not None:
        messages.success(request, "Your review was saved.")
        return redirect("clinic:answer", row.pk)
    return _answer_page(request, row, form)


def _answer_page(request: HttpRequest, row: FollowUpAnswer, form: ReviewForm) -> HttpResponse:
    actor = actor_of(request)
    page: dict[str, Any] = {
        "answer": row,
        "treatment": row.follow_up.treatment,
        "said": queries.said(row),
        "flags": queries.flags_of(row),
        "photos": list(queries.photos_of(row)),
        "form": form,
        "may_review": actor.can(Permission.VIEW_CASES, row.site_id),
        "case_url": _case_url(row) if actor.can(Permission.OPEN_CASE, row.site_id) else "",
        "crumbs": follow_up_crumbs(row.follow_up),
    }
    return _unstored(render(request, "clinic/answer.html", page, status=422 if form.errors else 200))


@require_GET
@requires(Permission.VIEW_CASES)
def photo(request: HttpRequest, photo_id: str) -> HttpResponse:
    """Show a photograph; every look is recorded and no copy is kept on the way."""
    row = get_object_or_404(queries.photos(), pk=photo_id)
    try:
        jpeg = actions.read_photo(by=actor_of(request), site=row.site, photo=row)
    except Refused as refusal:
        return _unstored(HttpResponse(refusal.message, status=500, content_type="text/plain; charset=utf-8"))
    response = HttpResponse(jpeg, content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = f'inline; filename="{row.pk}.jpg"'
    return _unstored(response)


def _case_url(row: FollowUpAnswer) -> str:
    """Where an answer becomes a case; empty while there is no room for cases."""
    try:
        return reverse("vigilance:open-case-from-answer", args=[row.pk])
    except NoReverseMatch:
        return ""


def _complain(request: HttpRequest, form: LinkForm) -> None:
    for problem in form.non_field_errors():
        messages.error(request, str(problem))


def _unstored(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store, private"
    return response
