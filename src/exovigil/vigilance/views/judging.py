"""Judging: the two causality methods and the narrative."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from exovigil.foundation.pages import get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, causality
from exovigil.vigilance.facts import latest_assessment
from exovigil.vigilance.forms import NaranjoForm, NarrativeForm, WhoUmcForm
from exovigil.vigilance.models import Assessment
from exovigil.vigilance.narrative import draft_narrative
from exovigil.vigilance.views.parts import case_form_page, case_or_404, judged, to_case


@get_or_post
@requires(Permission.ASSESS_CASE)
def who_umc(request: HttpRequest, case_id: int) -> HttpResponse:
    """Judge by WHO-UMC: answer what its categories ask, and the category follows."""
    case = case_or_404(case_id)
    earlier = latest_assessment(case, Assessment.Method.WHO_UMC)
    form = WhoUmcForm(sent(request), initial=dict(earlier.answers) if earlier else None)
    done = judged(request, case, form, Assessment.Method.WHO_UMC)
    if done is not None:
        messages.success(request, f"WHO-UMC: {done.result}.")
        return to_case(case, "causality")
    points = causality.umc_points()
    return case_form_page(
        request,
        form,
        case=case,
        title="Causality by WHO-UMC",
        lead="The category follows from the answers; it cannot be chosen.",
        submit="Judge",
        template="vigilance/who_umc.html",
        categories=[
            (category.value.capitalize(), [p.point for p in points if p.category is category])
            for category in causality.Umc
        ],
        source=points[0].source,
    )


@get_or_post
@requires(Permission.ASSESS_CASE)
def naranjo(request: HttpRequest, case_id: int) -> HttpResponse:
    """Judge by the Naranjo scale: ten questions, and the score and category follow."""
    case = case_or_404(case_id)
    earlier = latest_assessment(case, Assessment.Method.NARANJO)
    initial = {f"q{number}": answer for number, answer in earlier.answers.items()} if earlier else None
    form = NaranjoForm(sent(request), initial=initial)
    done = judged(request, case, form, Assessment.Method.NARANJO)
    if done is not None:
        messages.success(request, f"Naranjo: {done.result}, score {done.score}.")
        return to_case(case, "causality")
    return case_form_page(
        request,
        form,
        case=case,
        title="Causality by the Naranjo scale",
        lead="Ten questions. Answer “not known” where nothing is known: several seldom can be for one treatment.",
        submit="Judge",
        template="vigilance/naranjo.html",
        bands=causality.naranjo_bands(),
        source=causality.naranjo_items()[0].source,
    )


@get_or_post
@requires(Permission.ASSESS_CASE)
def narrative(request: HttpRequest, case_id: int) -> HttpResponse:
    """Edit the narrative, starting from the draft that the record gives."""
    case = case_or_404(case_id)
    form = NarrativeForm(sent(request), initial={"narrative": case.narrative or draft_narrative(case)})
    if form.is_valid():
        done = form.attempt(
            actions.write_narrative, by=actor_of(request), site=case.site, case=case, **form.values()
        )
        if done is not None:
            messages.success(request, "The narrative was saved.")
            return to_case(case, "narrative")
    kept = "This is the narrative you saved." if case.narrative else "This is a draft made from the record."
    return case_form_page(
        request,
        form,
        case=case,
        title="Narrative",
        lead=f"{kept} It goes into the report: describe the patient, never name them.",
        submit="Save the narrative",
    )
