"""The course of a case: its pathway as a list, and its lesions counted over time."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from exovigil.clinic.body_map import MapView, body_map
from exovigil.foundation.pages import get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries
from exovigil.vigilance.charts import lesions_over_time
from exovigil.vigilance.labels import region_choices, region_labels
from exovigil.vigilance.lesions import Lesion, Seen, by_region
from exovigil.vigilance.models import Case
from exovigil.vigilance.pathway_forms import LesionsForm, RegionsForm
from exovigil.vigilance.steps import scope
from exovigil.vigilance.tasks_of import is_for, seen
from exovigil.vigilance.views.parts import case_crumbs, case_form_page, case_or_404, to_case


def course_panel(case: Case) -> dict[str, Any]:
    """What the case page shows of the pathway and of the lesions."""
    today = timezone.localdate()
    of_scope = case.term in scope().terms and case.state != Case.State.NULLIFIED
    return {
        "pathway_scope": scope() if of_scope else None,
        "pathway_is_for": is_for(case),
        "pathway_tasks": [(task, *task.mark(today)) for task in queries.pathway_tasks(case)]
        if of_scope
        else [],
        **_lesions(case),
    }


@require_GET
@requires(Permission.VIEW_CASES)
def lesions(request: HttpRequest, case_id: int) -> HttpResponse:
    """Every count of a case's lesions, drawn on the body map."""
    case = case_or_404(case_id)
    live = case.state != Case.State.NULLIFIED
    page = {
        "case": case,
        "drawn": [(visit, _drawn(seen(visit))) for visit in reversed(case.lesion_visits.all())],
        "may_edit": live and actor_of(request).can(Permission.OPEN_CASE, case.site_id),
        "crumbs": case_crumbs(case),
        **_lesions(case),
    }
    return render(request, "vigilance/lesions.html", page)


@get_or_post
@requires(Permission.OPEN_CASE)
def add_lesions(request: HttpRequest, case_id: int) -> HttpResponse:
    """Count the lesions seen on one day; ``?regions=`` names where, at first where they were before."""
    case = case_or_404(case_id)
    earlier = next((seen(visit) for visit in reversed(case.lesion_visits.all())), None)
    regions = _regions(request, case, earlier)
    form = LesionsForm(
        sent(request),
        regions=regions,
        earlier=earlier,
        initial={"seen_on": timezone.localdate(), "found": "lesions"},
    )
    if form.is_valid():
        done = form.attempt(
            actions.record_lesions, by=actor_of(request), site=case.site, case=case, **form.values()
        )
        if done is not None:
            messages.success(request, "The lesions were saved.")
            return to_case(case, "lesions")
    return case_form_page(
        request,
        form,
        case=case,
        title="Count the lesions",
        lead="First where, then how many of each kind. A day that is recorded already is replaced.",
        submit="Save the count",
        template="vigilance/lesions_form.html",
        choose=RegionsForm({"regions": regions}),
        earlier=earlier,
    )


def _regions(request: HttpRequest, case: Case, earlier: Seen | None) -> list[str]:
    """Regions asked for, else those of the latest count, else those of the case; each in the map's order."""
    asked = request.GET.getlist("regions")
    wanted = set(asked or (earlier.regions if earlier else ()) or case.regions)
    return [code for code, _ in region_choices() if code in wanted]


def _lesions(case: Case) -> dict[str, Any]:
    days = [(visit, seen(visit)) for visit in case.lesion_visits.all()]
    return {
        "lesion_days": [(visit, day, by_region(day.lesions, region_labels)) for visit, day in days],
        "lesion_chart": lesions_over_time([day for _, day in days], name=case.number) if days else "",
    }


def _drawn(day: Seen) -> list[MapView]:
    """The views of the body map that have something to draw, each region with its number and its lesions in words."""
    rows: dict[str, list[Lesion]] = {}
    for row in day.lesions:
        if row.count != 0:
            rows.setdefault(row.region, []).append(row)
    said = {code: (_mark(found), "; ".join(row.words for row in found)) for code, found in rows.items()}
    return [view for view in body_map(tuple(rows), said) if view.chosen]


def _mark(found: list[Lesion]) -> str:
    counts = [row.count for row in found]
    return "?" if None in counts else str(sum(count or 0 for count in counts))
