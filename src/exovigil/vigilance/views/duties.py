"""Who must hear: the facts it turns on, the submissions made, and the worklist by due date."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from exovigil.foundation.forms import TOO_LARGE
from exovigil.foundation.marks import day_words
from exovigil.foundation.pages import get_or_post, sent, sent_files
from exovigil.governance.access import actor_of, requires
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries
from exovigil.vigilance.actions.duties import PROOF_KINDS
from exovigil.vigilance.duties import CaseDuties, DutyLine, facts_of
from exovigil.vigilance.duty_forms import DutyFactsForm, NewsForm, SubmissionForm
from exovigil.vigilance.models import Case
from exovigil.vigilance.regimes.scales import SCALES, answers_in, is_serious_in, sources_of
from exovigil.vigilance.regimes.tables import rule as find_rule
from exovigil.vigilance.seriousness import Answer
from exovigil.vigilance.views.parts import case_form_page, case_or_404, to_case

TASKS = 40  # steps of the pathway shown on the worklist
_FACTS = ("region", "role", "status", "claim", "day_zero", "expected", "compared_with")
_SERIOUS = {
    Answer.YES: ("Serious", "stop"),
    Answer.NO: ("Not serious", "good"),
    Answer.UNKNOWN: ("Not yet clear", "warn"),
}
_TYPES = {
    "pdf": "application/pdf",
    "xml": "application/xml",
    "png": "image/png",
    "jpg": "image/jpeg",
}


def duties_panel(case: Case, actor: Actor) -> dict[str, Any]:
    """What the panel on the case page shows."""
    found = queries.duties(case)
    today = timezone.localdate()
    kept = {duty.rule.key for duty in found.routing.duties}
    silent = [x.title for x in found.lines if x.is_met and not x.duty.news_on and not x.duty.rule.again_days]
    return {
        "duties": found,
        "duty_lines": [(line, *line.state(today)) for line in found.lines],
        "no_follow_up_clock": silent,
        "other_submissions": [row for row in case.submissions.all() if row.rule not in kept],
        "scales": _scales(found),
        "facts": facts_of(case),
        "may_submit": actor.can(Permission.ASSESS_CASE, case.site_id),
    }


@get_or_post
@requires(Permission.OPEN_CASE)
def edit_facts(request: HttpRequest, case_id: int) -> HttpResponse:
    """Record what decides who must hear."""
    case = case_or_404(case_id)
    facts = facts_of(case)
    initial = {name: getattr(facts, name) for name in _FACTS} | facts.answers
    form = DutyFactsForm(sent(request), initial=initial)
    if form.is_valid():
        done = form.attempt(
            actions.record_duty_facts, by=actor_of(request), site=case.site, case=case, **form.values()
        )
        if done is not None:
            messages.success(request, "Saved. Who must hear was worked out anew.")
            return to_case(case, "duties")
    return case_form_page(
        request,
        form,
        case=case,
        title="What decides who must hear",
        lead="Leave at “Not known” what nobody knows: the duty then stays on the list as open.",
        submit="Save",
    )


@get_or_post
@requires(Permission.ASSESS_CASE)
def add_submission(request: HttpRequest, case_id: int) -> HttpResponse:
    """Record a report that was sent; ``?rule=`` names the duty."""
    case = case_or_404(case_id)
    lines = queries.duties(case).lines
    wanted = request.GET.get("rule", "")
    named = find_rule(wanted.partition("@")[0])
    form = SubmissionForm(
        sent(request),
        sent_files(request),
        reports=queries.reports().filter(case=case),
        duties=[(line.key, line.title) for line in lines if line.can_be_sent],
        initial={"rule": wanted, "sent_to": named.addressee} if named else None,
    )
    if TOO_LARGE in request.META:
        form.add_error("proof", "This file is larger than 5 MB. Send a smaller one.")
    if form.is_valid():
        done = form.attempt(
            actions.record_submission, by=actor_of(request), site=case.site, case=case, **form.values()
        )
        if done is not None:
            messages.success(request, f"{done.title}: the submission is recorded.")
            return to_case(case, "duties")
    return case_form_page(
        request, form, case=case, title="Record a submission", submit="Record", multipart=True
    )


@get_or_post
@requires(Permission.ASSESS_CASE)
def judge_news(request: HttpRequest, case_id: int) -> HttpResponse:
    """Say whether information that came after a report is significant."""
    case = case_or_404(case_id)
    form = NewsForm(sent(request), initial={"received_on": case.news_since or timezone.localdate()})
    if form.is_valid():
        done = form.attempt(
            actions.judge_news, by=actor_of(request), site=case.site, case=case, **form.values()
        )
        if done is not None:
            messages.success(request, "Saved. Who must hear was worked out anew.")
            return to_case(case, "duties")
    return case_form_page(
        request,
        form,
        case=case,
        title="New information",
        lead="Information that came after a report was sent. If it is significant, a follow-up report may be owed.",
        submit="Save",
    )


@require_GET
@requires(Permission.VIEW_CASES)
def proof(request: HttpRequest, submission_id: int) -> HttpResponse:
    """Hand out the proof of a submission; the trail notes who took it."""
    row = get_object_or_404(queries.submissions(), pk=submission_id)
    if not row.proof_sha256 or row.proof_kind not in PROOF_KINDS:
        raise Http404
    data = actions.read_proof(by=actor_of(request), site=row.site, submission=row)
    response = HttpResponse(data, content_type=_TYPES.get(row.proof_kind, "application/octet-stream"))
    response["Content-Disposition"] = f'attachment; filename="{row.case.number}-{row.pk}.{row.proof_kind}"'
    return response


@require_GET
@requires(Permission.VIEW_CASES)
def due(request: HttpRequest) -> HttpResponse:
    """Every report still owed at the site and every step of the care pathway still to do, the next first."""
    today = timezone.localdate()
    found, tasks = queries.open_duties(), queries.open_tasks(today)
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    return render(
        request,
        "vigilance/due.html",
        {
            "page": page,
            "lines": [(line, *line.state(today)) for line in page],
            "to_decide": queries.to_decide(),
            "to_chase": [(line, *_when(line.due_on, today)) for line in queries.to_chase()],
            "late": sum(1 for line in found if _is_late(line)),
            "tasks": [(line, *line.task.mark(today)) for line in tasks[:TASKS]],
            "more_tasks": max(0, len(tasks) - TASKS),
            "crumbs": [("Cases", reverse("vigilance:cases"))],
        },
    )


def _when(due_on: dt.date | None, today: dt.date) -> tuple[str, str]:
    """Say when to ask again."""
    if due_on is None:
        return "No next attempt", "neutral"
    return ("Now", "warn") if due_on <= today else (day_words(due_on), "neutral")


def _is_late(line: DutyLine) -> bool:
    """Past the date of law; a reminder of ours is never late."""
    return line.duty.due_on is not None and line.duty.due_on < timezone.localdate()


def _scales(found: CaseDuties) -> list[dict[str, Any]]:
    answers = found.situation.answers
    return [
        {
            "name": name,
            "mark": _SERIOUS[is_serious_in(scale, answers)],
            "answers": answers_in(scale, answers),
            "sources": sources_of(scale),
        }
        for scale, name in SCALES.items()
    ]
