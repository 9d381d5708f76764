"""Deciding about an alarm."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.signals import actions, queries
from exovigil.signals.forms import AlarmForm


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RUN_WATCH)
def decide_alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Confirm or dismiss an alarm, with its story and earlier decisions in view."""
    alarm = get_object_or_404(queries.alarms(), pk=alarm_id)
    can_quarantine = alarm.lot is not None and not alarm.lot.is_quarantined
    form = AlarmForm(request.POST or None, can_quarantine=can_quarantine)
    if request.method == "POST" and form.is_valid():
        made = form.attempt(actions.decide_alarm, by=actor_of(request), alarm=alarm, **form.values())
        if made is not None:
            also = " The lot is in quarantine at every site." if made.quarantined else ""
            messages.success(request, f"The alarm is {made.state}.{also}")
            return redirect("signals:watch")
    page = {
        "title": f"Decide: {alarm}",
        "form": form,
        "submit": "Save the decision",
        "cancel_url": reverse("signals:watch"),
        "crumbs": [("Watch", reverse("signals:watch"))],
        "view": queries.alarm_views([alarm])[0],
    }
    return render(request, "signals/decide_alarm.html", page, status=422 if form.errors else 200)
