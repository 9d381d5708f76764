"""The care pathway: steps as the site has them, and what became of each in a case."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from exovigil.foundation.pages import Crumbs, form_page, get_or_post, sent
from exovigil.governance.access import actor_of, only_site, requires
from exovigil.governance.models import Site
from exovigil.governance.queries import sites_of
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries
from exovigil.vigilance.charts import waiting_curves
from exovigil.vigilance.pathway_forms import RecordStepForm, StepForm
from exovigil.vigilance.steps import SiteStep, scope
from exovigil.vigilance.tasks_of import change_of
from exovigil.vigilance.views.parts import case_form_page, case_or_404, to_case
from exovigil.vigilance.waiting import FEW


@require_GET
@requires(Permission.VIEW_CASES)
def pathway(request: HttpRequest) -> HttpResponse:
    """Steps of the pathway at one site; ``?site=`` names another of the member's sites by its code."""
    actor = actor_of(request)
    wanted = request.GET.get("site")
    site = get_object_or_404(sites_of(actor), code=wanted) if wanted else only_site(request)
    own = queries.pathway_of(site)
    titles = {row.step.code: row.step.title for row in own}
    page = {
        "site": site,
        "sites": sites_of(actor) if len(actor.site_ids) > 1 else (),
        "steps": own,
        "scope": scope(),
        "earlier": [
            (titles.get(edit.step, edit.step), change_of(edit)) for edit in queries.pathway_edits(site)
        ],
        "may_change": actor.can(Permission.ASSESS_CASE, site.pk),
        "crumbs": [("Cases", reverse("vigilance:cases"))],
    }
    return render(request, "vigilance/pathway.html", page)


@get_or_post
@requires(Permission.ASSESS_CASE)
def change_step(request: HttpRequest, site_code: str, step: str) -> HttpResponse:
    """Give a step the site's own words or time, or leave it out."""
    site = get_object_or_404(sites_of(actor_of(request)), code=site_code)
    own = _own_step(site, step)
    initial = {
        "text": own.text,
        "due_days": own.due_days,
        "is_skipped": "yes" if own.is_skipped else "no",
    }
    form = StepForm(sent(request), initial=initial)
    if form.is_valid():
        done = form.attempt(
            actions.change_step, by=actor_of(request), site=site, step=own.step.code, **form.values()
        )
        if done is not None:
            messages.success(request, f"{own.step.title}: saved for {site}.")
            return redirect(_pathway_url(site))
    crumbs: Crumbs = [("Cases", reverse("vigilance:cases")), ("Care pathway", _pathway_url(site))]
    return form_page(
        request,
        form,
        title=f"{own.step.title} at {site}",
        lead="The cited step stays visible beside the site's own.",
        submit="Save",
        crumbs=crumbs,
        template="vigilance/change_step.html",
        own=own,
    )


@get_or_post
@requires(Permission.OPEN_CASE)
def record_step(request: HttpRequest, case_id: int, step: str) -> HttpResponse:
    """Say what became of a step in a case."""
    case = case_or_404(case_id)
    own = _own_step(case.site, step)
    form = RecordStepForm(sent(request), step=own.step)
    if form.is_valid():
        done = form.attempt(
            actions.record_step,
            by=actor_of(request),
            site=case.site,
            case=case,
            step=own.step.code,
            **form.values(),
        )
        if done is not None:
            messages.success(request, f"{own.step.title}: {done.get_state_display().lower()}. Saved.")
            return to_case(case, "pathway")
    return case_form_page(
        request,
        form,
        case=case,
        title=own.step.title,
        lead=own.text,
        submit="Save",
        template="vigilance/record_step.html",
        own=own,
    )


@require_GET
@requires(Permission.VIEW_CASES)
def times(request: HttpRequest) -> HttpResponse:
    """How long cases waited for a biopsy and for the end of the reaction, clinic by clinic."""
    found = queries.waiting_times(timezone.localdate())
    parts = (
        ("First report to biopsy", "Biopsied", "a biopsy", found.to_biopsy),
        ("First report to resolution", "Resolved", "the reaction over", found.to_end),
    )
    page = {
        "parts": [
            {"title": title, "reached": reached, "rows": rows, "chart": waiting_curves(rows, what=what)}
            for title, reached, what, rows in parts
        ],
        "few": FEW,
        "scope": scope(),
        "crumbs": [("Cases", reverse("vigilance:cases"))],
    }
    return render(request, "vigilance/times.html", page)


def _own_step(site: Site, code: str) -> SiteStep:
    found = next((row for row in queries.pathway_of(site) if row.step.code == code), None)
    if found is None:
        raise Http404
    return found


def _pathway_url(site: Site) -> str:
    return f"{reverse('vigilance:pathway')}?site={site.code}"
