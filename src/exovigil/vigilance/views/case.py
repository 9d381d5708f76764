"""The case page: everything known of one reaction, in the order in which somebody works on it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from exovigil.clinic.body_map import body_map
from exovigil.foundation.forms import ActionForm
from exovigil.governance.access import actor_of, requires
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission
from exovigil.vigilance import queries, seriousness
from exovigil.vigilance.authority_forms import forms
from exovigil.vigilance.completeness_of import completeness_of
from exovigil.vigilance.facts import latest_assessment, missing_minimum, onset_latency, warnings_of
from exovigil.vigilance.labels import region_labels, term_label
from exovigil.vigilance.models import Assessment, Case, CaseVersion, Investigation
from exovigil.vigilance.narrative import draft_narrative
from exovigil.vigilance.numbers import links_of, numbers_words
from exovigil.vigilance.timeline import how_given, timeline
from exovigil.vigilance.views.course import course_panel
from exovigil.vigilance.views.duties import duties_panel
from exovigil.vigilance.views.parts import whole_case_or_404
from exovigil.vigilance.views.worklist import seriousness_mark, state_mark

_ANSWERS = {"yes": "Yes", "no": "No", "unknown": "Not known", "not_asked": "Not asked", "refused": "Refused"}
_TONES = {
    Investigation.Result.POSITIVE: "stop",
    Investigation.Result.NEGATIVE: "good",
    Investigation.Result.PENDING: "warn",
}


@require_GET
@requires(Permission.VIEW_CASES)
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case, whole."""
    return render(request, "vigilance/case.html", case_page(whole_case_or_404(case_id), actor_of(request)))


def case_page(case: Case, actor: Actor) -> dict[str, Any]:
    """Everything that the case page shows; also drawn again when a report is refused."""
    latest = next(iter(case.reports.all()), None)
    live = case.state != Case.State.NULLIFIED
    return {
        "case": case,
        "term": term_label(case.term),
        "latency": onset_latency(case),
        "regions": region_labels(case.regions),
        "map": [view for view in body_map(case.regions) if view.chosen],
        "how_given": how_given(case),
        "seriousness_mark": seriousness_mark(case),
        "state_mark": state_mark(case),
        "warnings": warnings_of(case),
        "missing": missing_minimum(case),
        "moments": timeline(case),
        "investigations": _investigations(case),
        "criteria": [
            (c, _ANSWERS.get(case.seriousness.get(c.code, "not_asked"), "Not asked"))
            for c in seriousness.criteria()
        ],
        "umc": latest_assessment(case, Assessment.Method.WHO_UMC),
        "naranjo": latest_assessment(case, Assessment.Method.NARANJO),
        "split": latest_assessment(case, Assessment.Method.SPLIT),
        "narrative": case.narrative or draft_narrative(case),
        "forms": forms(),
        "completeness": completeness_of(case),
        "nullified": _nullified(case),
        "latest_report": latest,
        "changed_since": latest is not None and case.state == Case.State.OPEN,
        "may_edit": live and actor.can(Permission.OPEN_CASE, case.site_id),
        "may_assess": live and actor.can(Permission.ASSESS_CASE, case.site_id),
        "may_report": actor.can(Permission.ASSESS_CASE, case.site_id),
        "report_form": ActionForm(),
        "sisters": links_of(case),
        "numbers": numbers_words(case),
        "proposals": queries.proposals_for_case(case),
        **duties_panel(case, actor),
        **course_panel(case),
    }


def _nullified(case: Case) -> CaseVersion | None:
    """The version that ended the case, if it was nullified."""
    if case.state != Case.State.NULLIFIED:
        return None
    return next((v for v in case.versions.all() if v.kind == CaseVersion.Kind.NULLIFICATION), None)


def _investigations(case: Case) -> list[tuple[str, Investigation | None, str]]:
    """Every kind, the recorded ones with their row and tone; the others stand as "not recorded"."""
    found = {row.kind: row for row in case.investigations.all()}
    return [
        (kind.label, row, _TONES.get(Investigation.Result(row.result), "neutral") if row else "neutral")
        for kind in Investigation.Kind
        for row in (found.get(kind.value),)
    ]
