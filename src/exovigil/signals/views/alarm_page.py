"""What the page of an investigation shows."""

import datetime as dt
import math
from typing import Any

from django.urls import reverse

from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission
from exovigil.signals import charts, inputs, queries
from exovigil.signals.forms import OwnCountForm
from exovigil.signals.models import Alarm, Notice
from exovigil.signals.queries.investigation import (
    Against,
    Investigation,
    against_own_count,
    investigation,
)
from exovigil.signals.views.stream_page import design_of, release_tests, risk

COMPARISON = (
    "Given all cases together, those on one side are binomial if the rates are equal: the exact conditional test"
    " (Przyborowski and Wilenski 1940). Treatments count by the elapsed part of their risk window."
)


def context(actor: Actor, alarm: Alarm, as_of: dt.date, form: OwnCountForm) -> dict[str, Any]:
    """Everything the template of an investigation draws."""
    found, view = investigation(actor, alarm, as_of), queries.alarm_views([alarm])[0]
    return {
        "alarm": alarm,
        "view": view,
        "found": found,
        "as_of": as_of,
        "class": inputs.event_class(alarm.event_class),
        "decisions": list(alarm.decisions.all()),
        "told": _told(alarm),
        "may_decide": actor.can(Permission.RUN_WATCH),
        "certificate": release_tests(alarm.lot_id),
        "against": [_compared(row) for row in _comparisons(found, form)],
        "comparison": COMPARISON,
        "form": form,
        "sensitivity": _sensitivity(view),
        "curve": found.onset,
        "curve_chart": charts.onset(found.onset, name=str(alarm)),
        "crumbs": [("Watch", reverse("signals:watch"))],
    }


def _told(alarm: Alarm) -> list[Notice]:
    """Notices about the alarm, the first first."""
    return list(alarm.notices.select_related("site").order_by("made_at", "pk"))


def _comparisons(found: Investigation, form: OwnCountForm) -> list[Against]:
    rows = list(found.against)
    if form.is_bound and form.is_valid():
        rows.append(
            against_own_count(found.own, form.cleaned_data["own_events"], form.cleaned_data["own_treatments"])
        )
    return rows


def _compared(row: Against) -> dict[str, Any]:
    ratio = row.ratio
    if ratio is None:
        return {"row": row, "ratio": "", "range": "", "chance": ""}
    return {
        "row": row,
        "ratio": "no case on either side" if ratio.estimate is None else _times(ratio.estimate),
        "range": f"{_times(ratio.low)} to {_times(ratio.high)}",
        "chance": f"{ratio.p_higher:.4f}" if ratio.p_higher >= 0.0001 else "below 0.0001",
    }


def _times(value: float) -> str:
    return "∞" if math.isinf(value) else f"{value:.1f}"


def _sensitivity(view: queries.AlarmView) -> list[dict[str, Any]]:
    """Alarms of the stream under other null risks, from the latest run."""
    if view.stream is None:
        return []
    design = design_of(view.stream)
    return [risk(row, design) for row in view.stream.result.get("sensitivity", ())]
