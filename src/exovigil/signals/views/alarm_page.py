"""What the page of an investigation shows."""

import datetime as dt
import math
from typing import Any

from django.urls import reverse

from exovigil.foundation.marks import number_words
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission
from exovigil.signals import charts, inputs, queries
from exovigil.signals.comparison import Comparison, compare_count
from exovigil.signals.forms import OwnCountForm
from exovigil.signals.models import Alarm, Notice
from exovigil.signals.queries.investigation import Compared, cases, comparison, places
from exovigil.signals.views import opinion_panel
from exovigil.signals.views.stream_page import certificate, design_of, ratio_words, risk
from exovigil.signals.watch import watch_designs

COMPARISON = (
    "Given all cases together, those on one side are binomial if the rates are equal: the exact conditional test"
    " (Przyborowski and Wilenski 1940). Cases count with their onset in the risk window, double reports once;"
    " treatments count by the elapsed part of their risk window."
)
SEQUENTIAL = (
    "Conditional MaxSPRT: against the others’ rate before this one opened, taken as the estimate it is. It may be"
    " looked at every day, stands for this lot or product alone, and raises no alarm."
)


def summary(actor: Actor, alarm: Alarm, as_of: dt.date) -> dict[str, Any]:
    """First page: the story, the decisions, the lots and the clinics."""
    found = places(alarm, as_of)
    first = next((line for line in found.lots if line.lot.pk == alarm.lot_id), None)
    return {
        **_frame(actor, alarm, "summary"),
        "view": queries.alarm_views([alarm])[0],
        "found": found,
        "class": inputs.event_class(alarm.event_class),
        "decisions": list(alarm.decisions.all()),
        "told": _told(alarm),
        "certificate": certificate(first.lot, first.check) if first else None,
    }


def who_and_with_what(actor: Actor, alarm: Alarm, as_of: dt.date) -> dict[str, Any]:
    """Second page: the cases with causality, and how the treatments were given."""
    return {**_frame(actor, alarm, "cases"), "found": cases(actor, alarm, as_of)}


def compared(actor: Actor, alarm: Alarm, as_of: dt.date, form: OwnCountForm) -> dict[str, Any]:
    """Third page: against others, under other risks, and when the reactions began."""
    found, view = comparison(alarm, as_of), queries.alarm_views([alarm])[0]
    against = [_compared(row) for row in _comparisons(found, form)]
    return {
        **_frame(actor, alarm, "comparison"),
        "design": found.design,
        "one_in": [round(1 / risk) for risk in (found.design.null_risk, found.design.null_risk_upper)],
        "against": against,
        "tested": [line for line in against if "highest" in line],
        "comparison": COMPARISON,
        "sequential": SEQUENTIAL,
        "form": form,
        "opinion": opinion_panel.panel(view.stream, in_alarm=True) if view.stream else None,
        "sensitivity": _sensitivity(view),
        "curve": found.onset,
        "curve_chart": charts.onset(found.onset, name=str(alarm)),
    }


def _frame(actor: Actor, alarm: Alarm, tab: str) -> dict[str, Any]:
    event = next(row.event_class for row in watch_designs() if row.key == alarm.event_class)
    return {
        "alarm": alarm,
        "event": event,
        "tab": tab,
        "may_decide": actor.can(Permission.RUN_WATCH),
        "crumbs": [("Watch", reverse("signals:watch"))],
    }


def _told(alarm: Alarm) -> list[Notice]:
    """Notices about the alarm, the first first."""
    return list(alarm.notices.select_related("site").order_by("made_at", "pk"))


def _comparisons(found: Compared, form: OwnCountForm) -> list[Comparison]:
    rows = list(found.against)
    if form.is_bound and form.is_valid():
        counts = form.cleaned_data
        rows.append(compare_count(rows[0].own, counts["own_events"], counts["own_treatments"]))
    return rows


def _compared(row: Comparison) -> dict[str, Any]:
    ratio, test = row.ratio, row.sequential
    page: dict[str, Any] = {"row": row, "what": row.against[:1].upper() + row.against[1:]}
    if test is not None:
        page["highest"] = ratio_words(test.highest)
    if ratio is not None:
        page["ratio"] = "no case on either side" if ratio.estimate is None else _times(ratio.estimate)
        page["range"] = f"{_times(ratio.low)} to {_times(ratio.high)}"
        page["chance"] = f"{ratio.p_higher:.4f}" if ratio.p_higher >= 0.0001 else "below 0.0001"
    return page


def _times(value: float) -> str:
    return "∞" if math.isinf(value) else number_words(value, 1 if value < 100 else 0)


def _sensitivity(view: queries.AlarmView) -> list[dict[str, Any]]:
    """Alarms of the stream under other null risks, from the latest run."""
    if view.stream is None:
        return []
    design = design_of(view.stream)
    return [risk(row, design) for row in view.stream.result.get("sensitivity", ())]
