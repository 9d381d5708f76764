"""What the page of one stream shows: every number with what it rests on."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from exovigil.catalogue import queries as catalogue
from exovigil.governance.actors import Actor
from exovigil.governance.queries import sites_of
from exovigil.governance.roles import Permission
from exovigil.signals import charts, inputs, queries, record, watch
from exovigil.signals.models import Stream

if TYPE_CHECKING:
    from exovigil.catalogue.models import Lot
    from exovigil.catalogue.queries import LotCheck

STANDINGS = {
    "inside": "Counts",
    "outside": "Outside the window",
    "unknown": "Onset or treatment date not known well enough",
}
METHOD = (
    "Exact Poisson MaxSPRT on the elapsed part of each risk window; Kulldorff et al. 2011, "
    "doi 10.1080/07474946.2011.539924; minimum number of events after Kulldorff & Silva 2017."
)


def context(actor: Actor, stream: Stream) -> dict[str, Any]:
    """Everything the template of a stream draws."""
    path, result, latest = queries.replay(stream), stream.result, queries.latest_run()
    events = with_links(actor, result.get("events", ()))
    alarm = queries.alarms().filter(
        event_class=stream.event_class, product=stream.product_id, lot=stream.lot_id
    )
    found, design = alarm.first(), design_of(stream)
    return {
        "stream": stream,
        "alarm": found,
        "story": queries.sentence(path.raw, found),
        "counted_once": queries.counted_once(path),
        "design": design,
        "design_one_in": round(1 / design["null_risk"]),
        "class": inputs.event_class(stream.event_class),
        "result": result,
        "critical": path.critical_value,
        "steps": [_step(step, path) for step in path.steps],
        "boundary": path.boundary,
        "sensitivity": [risk(row, design) for row in result.get("sensitivity", ())],
        "chart": charts.draw(charts.against_boundary, path, name=str(stream)) if path.steps else "",
        "timeline": charts.draw(charts.in_time, path, name=str(stream)) if path.steps else "",
        "counted": [event for event in events if event["standing"] == "inside"],
        "apart": [event for event in events if event["standing"] != "inside"],
        "certificate": release_tests(stream.lot_id),
        "method": METHOD,
        "newer": _newer(stream) if latest and latest.pk != stream.run_id else None,
        "is_latest": bool(latest and latest.pk == stream.run_id),
        "crumbs": [("Watch", reverse("signals:watch"))],
    }


def with_links(actor: Actor, cases: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Name cases of the actor's own sites with a link; of the others only the site's code is told."""
    own = set(sites_of(actor).values_list("code", flat=True)) if actor.can(Permission.VIEW_CASES) else set()
    return [_named(case, case["site"] in own) for case in cases]


def _named(case: dict[str, Any], is_own: bool) -> dict[str, Any]:
    return {
        **case,
        "number": case["number"] if is_own else "",
        "url": reverse("vigilance:case", args=[case["case"]]) if is_own else "",
        "words": STANDINGS.get(case.get("standing", ""), ""),
    }


def design_of(stream: Stream) -> dict[str, Any]:
    """Return the design as it was in this run, not as the content file has it today."""
    found: dict[str, Any] = next(d for d in stream.run.design if d["key"] == stream.event_class)
    return found


def _step(step: watch.PathPoint, path: record.Replay) -> dict[str, Any]:
    return {
        "on": step.on,
        "raw": step.raw,
        "deduplicated": step.deduplicated,
        "expected": step.expected,
        "llr_raw": ratio_words(step.llr_raw),
        "llr_deduplicated": ratio_words(step.llr_deduplicated),
        "is_alarm": step == path.raw.alarm,
        "is_alarm_deduplicated": step == path.deduplicated.alarm,
    }


def risk(row: dict[str, Any], design: dict[str, Any]) -> dict[str, Any]:
    """One row of the sensitivity table: the design's own risk and the upper bound are marked.

    Runs of earlier versions have no upper bound in their design.
    """
    return {
        **row,
        "one_in": round(1 / row["null_risk"]),
        "is_design": row["null_risk"] == design["null_risk"],
        "is_upper": row["null_risk"] == design.get("null_risk_upper"),
    }


def ratio_words(value: float) -> str:
    """Write a log-likelihood ratio to two decimal places, ∞ for events before any could be expected."""
    return "∞" if math.isinf(value) else f"{value:.2f}"


def release_tests(lot_id: int | None) -> dict[str, Any] | None:
    """Release tests of a lot as they stand today, or None for a product."""
    if lot_id is None:
        return None
    lot = catalogue.lot(lot_id)
    return certificate(lot, catalogue.lot_check(lot, None, timezone.localdate()))


def certificate(lot: "Lot", check: "LotCheck") -> dict[str, Any]:
    """Put a lot's release tests as they were found beside what is asked for."""
    return {"lot": lot, "check": check, "lines": catalogue.certificate_lines(lot, check.decision)}


def _newer(stream: Stream) -> Stream | None:
    run = queries.latest_run()
    same = {"event_class": stream.event_class, "product": stream.product_id, "lot": stream.lot_id}
    return queries.streams_of(run).filter(**same).first() if run else None
