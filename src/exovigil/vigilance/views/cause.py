"""The cause split: its questions beside what the record says that must be weighed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from exovigil.foundation.pages import get_or_post, sent
from exovigil.governance.access import requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import split as rules
from exovigil.vigilance.facts import latest_assessment
from exovigil.vigilance.forms import SplitForm
from exovigil.vigilance.models import Assessment
from exovigil.vigilance.split_facts import split_facts
from exovigil.vigilance.views.parts import case_form_page, case_or_404, judged, to_case


@get_or_post
@requires(Permission.ASSESS_CASE)
def split(request: HttpRequest, case_id: int) -> HttpResponse:
    """Say what the reaction is put down to: answer the questions, and the cause follows."""
    case = case_or_404(case_id)
    earlier = latest_assessment(case, Assessment.Method.SPLIT)
    form = SplitForm(sent(request), initial=dict(earlier.answers) if earlier else None)
    done = judged(request, case, form, Assessment.Method.SPLIT)
    if done is not None:
        why = rules.split(done.answers).why
        messages.success(request, f"Cause: {done.result}.{f' {why}' if why else ''}")
        return to_case(case, "causality")
    return case_form_page(
        request,
        form,
        case=case,
        title="Cause split",
        lead="What the reaction is put down to. The cause follows from the answers; it cannot be chosen.",
        submit="Judge",
        template="vigilance/split.html",
        prompts=[(prompt, _asked(prompt)) for prompt in rules.prompts(split_facts(case))],
        categories=_categories(),
        causes=rules.causes(),
        source=rules.questions()[0].source,
    )


def _asked(prompt: rules.Prompt) -> str:
    """The question at which a prompt is to be weighed."""
    return next(q.question for q in rules.questions() if q.key == prompt.rule.question)


def _categories() -> list[tuple[str, list[str]]]:
    """Each way to each cause with its points in words."""
    found: dict[tuple[rules.Cause, int], list[str]] = {}
    for point in rules.points():
        found.setdefault((point.category, point.way), []).append(point.point)
    return [(cause.capitalize(), words) for (cause, _), words in found.items()]
