"""Receivers' answers: reading the file that came back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from exovigil.foundation.forms import TOO_LARGE
from exovigil.foundation.pages import form_page, get_or_post, sent, sent_files
from exovigil.governance.access import actor_of, only_site, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries
from exovigil.vigilance.forms_intake import AcknowledgementForm
from exovigil.vigilance.views.parts import case_crumbs, to_case


@get_or_post
@requires(Permission.ASSESS_CASE)
def add(request: HttpRequest, submission_id: int | None = None) -> HttpResponse:
    """Read an acknowledgement, for one submission or for whichever report it is about."""
    submission = None if submission_id is None else get_object_or_404(queries.submissions(), pk=submission_id)
    form = AcknowledgementForm(sent(request), sent_files(request))
    complete = form.is_valid()
    if TOO_LARGE in request.META:
        form.errors.pop("source", None)
        form.add_error(
            "source", "This file is larger than 20 MB. An acknowledgement is not; check which it is."
        )
    elif complete:
        done = form.attempt(
            actions.receive_acknowledgement,
            by=actor_of(request),
            site=submission.site if submission else only_site(request),
            submission=submission,
            **form.values(),
        )
        if done is not None:
            messages.success(request, f"Report {done.report.number}: {done.get_verdict_display().lower()}.")
            return to_case(done.case, "reports")
    cases = [("Cases", reverse("vigilance:cases"))]
    return form_page(
        request,
        form,
        title="Read an acknowledgement",
        lead="Its batch number finds the report that it answers. The same file read twice changes nothing.",
        submit="Read it",
        crumbs=case_crumbs(submission.case) if submission else cases,
        multipart=True,
    )
