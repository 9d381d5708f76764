"""Deciding about an alarm."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.signals import actions, queries
from exovigil.signals.forms import AlarmForm


@get_or_post
@requires(Permission.RUN_WATCH)
def decide_alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Confirm or dismiss an alarm, with its story and earlier decisions in view."""
    alarm = get_object_or_404(queries.alarms(), pk=alarm_id)
    # Asked again of what was sent: the first of two equal forms has quarantined the lot by the time of the second.
    can_quarantine = alarm.lot is not None and (request.method == "POST" or not alarm.lot.is_quarantined)
    form = AlarmForm(sent(request), can_quarantine=can_quarantine)
    if form.is_valid():
        made = form.attempt(actions.decide_alarm, by=actor_of(request), alarm=alarm, **form.values())
        if made is not None:
            also = " The lot is in quarantine at every site." if made.quarantined else ""
            messages.success(request, f"The alarm is {made.state}.{also}")
            return redirect("signals:watch")
    return form_page(
        request,
        form,
        title=f"Decide: {alarm}",
        submit="Save the decision",
        crumbs=[("Watch", reverse("signals:watch"))],
        view=queries.alarm_views([alarm])[0],
        template="signals/decide_alarm.html",
    )
