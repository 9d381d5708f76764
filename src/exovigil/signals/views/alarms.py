"""The investigation of an alarm: its page, and the forms that decide, close and reopen."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from exovigil.catalogue import queries as catalogue
from exovigil.foundation.pages import Crumbs, form_page, get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.signals import actions, queries
from exovigil.signals.forms import AlarmForm, ClosingForm, OwnCountForm
from exovigil.signals.models import Alarm, AlarmDecision
from exovigil.signals.views import alarm_page

CARRIED_OUT = {
    AlarmDecision.Kind.QUARANTINE: "The decision was recorded, and the lots are in quarantine at every site.",
    AlarmDecision.Kind.RECALL: "The decision was recorded, and the lots are recalled at every site.",
    AlarmDecision.Kind.INFORM: "The decision was recorded, and the clinics that used it get a notice.",
}


@require_GET
@requires(Permission.VIEW_WATCH)
def alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Investigation: its story, every decision, the lots and the clinics."""
    found = get_object_or_404(queries.alarms(), pk=alarm_id)
    page = alarm_page.summary(actor_of(request), found, timezone.localdate())
    return render(request, "signals/alarm.html", page)


@require_GET
@requires(Permission.VIEW_WATCH)
def alarm_cases(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Investigation: the cases with causality, and what else was used."""
    found = get_object_or_404(queries.alarms(), pk=alarm_id)
    page = alarm_page.who_and_with_what(actor_of(request), found, timezone.localdate())
    return render(request, "signals/alarm_cases.html", page)


@require_GET
@requires(Permission.VIEW_WATCH)
def alarm_comparison(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Investigation: against others, under other risks, and time to onset."""
    found = get_object_or_404(queries.alarms(), pk=alarm_id)
    asked = "own_events" in request.GET or "own_treatments" in request.GET
    form = OwnCountForm(request.GET if asked else None)
    page = alarm_page.compared(actor_of(request), found, timezone.localdate(), form)
    return render(request, "signals/alarm_comparison.html", page, status=422 if form.errors else 200)


@get_or_post
@requires(Permission.RUN_WATCH)
def decide_alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Decide on an alarm and carry it out, with its story and earlier decisions in view."""
    found = get_object_or_404(queries.alarms(), pk=alarm_id)
    form = AlarmForm(sent(request), lots=catalogue.lots().filter(product=found.product_id))
    return _decided(
        request,
        found,
        form,
        actions.decide_alarm,
        title=f"Decide: {found}",
        submit="Save the decision and carry it out",
        view=queries.alarm_views([found])[0],
        template="signals/decide_alarm.html",
    )


@get_or_post
@requires(Permission.RUN_WATCH)
def close_alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Close an investigation with the reason."""
    found = get_object_or_404(queries.alarms(), pk=alarm_id)
    return _decided(
        request,
        found,
        ClosingForm(sent(request)),
        actions.close_alarm,
        title=f"Close the investigation: {found}",
        submit="Close the investigation",
        lead="Something must have been decided: a measure, or no action. It can be reopened.",
    )


@get_or_post
@requires(Permission.RUN_WATCH)
def reopen_alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Open a closed investigation again."""
    found = get_object_or_404(queries.alarms(), pk=alarm_id)
    return _decided(
        request,
        found,
        ClosingForm(sent(request)),
        actions.reopen_alarm,
        title=f"Reopen the investigation: {found}",
        submit="Reopen the investigation",
        lead="What was decided before stays, and so do quarantines and recalls.",
    )


def _decided(
    request: HttpRequest,
    found: Alarm,
    form: AlarmForm | ClosingForm,
    act: Callable[..., AlarmDecision],
    **page: Any,
) -> HttpResponse:
    here = reverse("signals:alarm", args=[found.pk])
    if form.is_valid():
        made = form.attempt(act, by=actor_of(request), alarm=found, **form.values())
        if made is not None:
            words = CARRIED_OUT.get(AlarmDecision.Kind(made.kind), f"{made.get_kind_display()}: recorded.")
            messages.success(request, words)
            return redirect(here)
    crumbs: Crumbs = [("Watch", reverse("signals:watch")), ("Investigation", here)]
    return form_page(request, form, crumbs=crumbs, **page)
