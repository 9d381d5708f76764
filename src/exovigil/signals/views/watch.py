"""The watch: alarms first, then every lot and product, and one page for each."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from exovigil.foundation.listing import Choice, Column, Listing
from exovigil.foundation.marks import day_words, status_mark
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.signals import actions, charts, inputs, queries
from exovigil.signals.forms import RunForm
from exovigil.signals.models import Stream, WatchRun
from exovigil.signals.queries.runs import streams
from exovigil.signals.views import opinion_panel, stream_page

TONES = {Stream.State.ALARM: "stop", Stream.State.EXHAUSTED: "warn", Stream.State.WATCHING: "neutral"}
EMPTY = (
    "No lot or product matches. A stream opens with its first treatment: run the watch once one is recorded."
)


@require_GET
@requires(Permission.VIEW_WATCH)
def watch(request: HttpRequest) -> HttpResponse:
    """Open alarms, then every stream of the latest run, then the design in words."""
    run = queries.latest_run()
    listing = _listing(request, run) if run else None
    if listing is not None and listing.wants_export:
        return listing.export()
    alarms = queries.alarm_views(queries.open_alarms())
    page: dict[str, Any] = {
        "run": run,
        "alarms": alarms,
        "charts": {view.alarm.pk: _chart(view) for view in alarms if view.alarm.lot_id},
        "decided": queries.alarm_views(queries.alarms().exclude(state="open")[:20]),
        "designs": [_with_class(design) for design in run.design] if run else [],
        "homeless": _homeless(request, run),
        "notices": queries.notices_to(actor_of(request).site_ids)[:20],
        "can_run": actor_of(request).can(Permission.RUN_WATCH),
        "run_form": RunForm(),
    }
    if listing is not None:
        page |= listing.context(lambda row: reverse("signals:stream", args=[row.pk]), EMPTY)
    return render(request, "signals/watch.html", page)


@require_POST
@requires(Permission.RUN_WATCH)
def run_watch(request: HttpRequest) -> HttpResponse:
    """Run the watch now, as of today."""
    form = RunForm(request.POST)
    made = None
    if form.is_valid():
        made = form.attempt(actions.run_watch, by=actor_of(request), as_of=timezone.localdate())
    if made is None:
        messages.error(
            request,
            " ".join(str(error) for error in form.non_field_errors()) or "The watch did not run. Try again.",
        )
    else:
        messages.success(request, f"The watch ran as of {day_words(made.as_of)}.")
    return redirect("signals:watch")


@require_GET
@requires(Permission.VIEW_WATCH)
def stream(request: HttpRequest, stream_id: int) -> HttpResponse:
    """One lot or product: its count against the boundary, and everything the numbers rest on."""
    found = get_object_or_404(streams(), pk=stream_id)
    page = stream_page.context(actor_of(request), found)
    page["opinion"] = opinion_panel.panel(found, in_alarm=found.state == Stream.State.ALARM)
    return render(request, "signals/stream.html", page)


def _chart(view: queries.AlarmView) -> str:
    """Draw the path of an alarm's stream, with the words of the stream's own page so that it is drawn once."""
    if view.path is None or not view.path.steps:
        return ""
    return charts.draw(charts.against_boundary, view.path, name=str(view.stream))


def _listing(request: HttpRequest, run: WatchRun) -> Listing[Stream]:
    plain = request.GET.get("export") == "csv"
    return Listing(
        request,
        queries.streams_of(run),
        (
            Column("Lot or product", str, sort="product__name"),
            Column("Kind", lambda s: s.get_kind_display(), sort="kind"),
            Column("Treatments", lambda s: s.treatments, sort="treatments", numeric=True),
            Column("Expected so far", lambda s: f"{s.expected:.3f}", sort="expected", numeric=True),
            Column("Events, raw", lambda s: s.events_raw, sort="events_raw", numeric=True),
            Column(
                "De-duplicated", lambda s: s.events_deduplicated, sort="events_deduplicated", numeric=True
            ),
            Column("State", lambda s: _state(s, plain), sort="state"),
            Column("Alarm", lambda s: _when(s.alarmed_on, plain), sort="alarmed_on"),
            Column("Alarm, de-duplicated", lambda s: _when(s.alarmed_on_deduplicated, plain)),
        ),
        name="watch",
        search=("product__name", "lot__number"),
        choices=(
            Choice("kind", "Kind", tuple((v, label, Q(kind=v)) for v, label in Stream.Kind.choices)),
            Choice("state", "State", tuple((v, label, Q(state=v)) for v, label in Stream.State.choices)),
        ),
    )


def _with_class(design: dict[str, Any]) -> dict[str, Any]:
    return design | {"class": inputs.event_class(design["key"]), "per_thousand": design["null_risk"] * 1000}


def _homeless(request: HttpRequest, run: WatchRun | None) -> list[dict[str, Any]]:
    """Events whose product and lot are both unknown; those of other sites by site code only."""
    if run is None:
        return []
    found = [case for cases in run.inputs["unassigned"].values() for case in cases]
    return stream_page.with_links(actor_of(request), found)


def _state(row: Stream, plain: bool) -> str | SafeString:
    return (
        row.get_state_display()
        if plain
        else status_mark(row.get_state_display(), TONES[Stream.State(row.state)])
    )


def _when(day: dt.date | None, plain: bool) -> str:
    """Write a day as words on the page, with a dash for none; as ISO text in the file."""
    if plain:
        return day.isoformat() if day else ""
    return day_words(day, missing="–")
