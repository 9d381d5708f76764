"""Proposed duplicates and the decision about each: nothing is ever merged."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.foundation.unknown import Missing
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.signals import actions, queries
from exovigil.signals.forms import DuplicateForm
from exovigil.vigilance import queries as vigilance
from exovigil.vigilance.terms import reaction_term


@require_GET
@requires(Permission.RUN_WATCH)
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs of the actor's sites that may be one reaction: undecided first."""
    found = queries.pairs(actor_of(request))
    page = {
        "open": [pair for pair in found if pair.decision is None],
        "decided": [pair for pair in found if pair.decision is not None],
        "crumbs": [("Watch", reverse("signals:watch"))],
    }
    return render(request, "signals/duplicates.html", page)


@get_or_post
@requires(Permission.RUN_WATCH)
def decide_duplicate(request: HttpRequest, first_id: int, second_id: int) -> HttpResponse:
    """Two cases side by side, why they may be one, and the decision."""
    actor = actor_of(request)
    pair = queries.pair(actor, first_id, second_id)
    if pair is None:
        raise Http404("no such pair at your sites")
    form = DuplicateForm(sent(request))
    if form.is_valid():
        cases = vigilance.cases()
        first = get_object_or_404(cases, pk=pair.first.case_id)
        second = get_object_or_404(cases, pk=pair.second.case_id)
        made = form.attempt(
            actions.decide_duplicate, by=actor, site=first.site, first=first, second=second, **form.values()
        )
        if made is not None:
            messages.success(
                request, f"Decided: {made.get_decision_display().lower()}. The next run uses it."
            )
            return redirect("signals:duplicates")
    return form_page(
        request,
        form,
        title=f"{pair.first.case_number} and {pair.second.case_number}: one or two?",
        submit="Save the decision",
        crumbs=[("Watch", reverse("signals:watch")), ("Duplicates", reverse("signals:duplicates"))],
        pair=pair,
        cases=[
            {"row": row, "term": reaction_term(row.term).label, "sex": _sex(row.sex)}
            for row in (pair.first, pair.second)
        ],
        history=queries.history_of_pair(first_id, second_id),
        template="signals/decide_duplicate.html",
    )


def _sex(code: str) -> str:
    return Missing(code).label.lower() if code in set(Missing) else code
