"""The worklist: red flags that are no case yet, then the cases."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from exovigil.clinic import queries as clinic
from exovigil.foundation.listing import Choice, Column, Listing
from exovigil.foundation.marks import day_words, nowrap, status_mark
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission
from exovigil.vigilance import actions, queries
from exovigil.vigilance.facts import is_serious, onset_latency
from exovigil.vigilance.labels import term_choices, term_label
from exovigil.vigilance.models import Case
from exovigil.vigilance.seriousness import Answer

_SERIOUS = {
    Answer.YES: ("Serious", "stop"),
    Answer.NO: ("Not serious", "good"),
    Answer.UNKNOWN: ("Not yet clear", "warn"),
}
_STATES = {
    Case.State.OPEN: "warn",
    Case.State.REPORTED: "good",
    Case.State.ACCEPTED: "good",
    Case.State.NULLIFIED: "neutral",
}


@require_GET
@requires(Permission.VIEW_CASES)
def cases(request: HttpRequest) -> HttpResponse:
    """Cases of the site, with the red flags that wait to become one above."""
    actor = actor_of(request)
    listing = _listing(request, plain=request.GET.get("export") == "csv")
    if listing.wants_export:
        counted = listing.rows.order_by().values_list("site__code").annotate(rows=Count("pk"))
        actions.record_export(by=actor, rows=dict(counted))
        return listing.export()
    waiting = list(queries.answers_without_case()[:6])
    page = {
        "title": "Cases",
        "lead": "Reactions under assessment, from the first word to the report.",
        "incoming": [(row, clinic.flag_words(row)) for row in waiting[:5]],
        "more_waiting": len(waiting) > 5,
        "outside": queries.waiting_count(),
        "may_open": actor.can(Permission.OPEN_CASE),
        **listing.context(
            url=lambda case: reverse("vigilance:case", args=[case.pk]),
            empty_text=(
                "No case fits. A case is opened from a follow-up answer with a red flag, shown above when there is"
                " one, or from the patient's treatment."
            ),
        ),
    }
    return render(request, "vigilance/cases.html", page)


def _listing(request: HttpRequest, *, plain: bool) -> Listing[Case]:
    """Describe the list; ``plain`` writes words only, for the file."""
    several_sites = len(actor_of(request).site_ids) > 1
    return Listing(
        request,
        queries.cases(),
        (
            Column("Case", lambda c: _whole(c.number, plain), sort="number"),
            *([Column("Site", lambda c: c.site.name, sort="site__name")] if several_sites else []),
            Column("Reaction", lambda c: term_label(c.term), sort="term"),
            Column(
                "Product",
                lambda c: c.product.name if c.product else c.get_product_status_display(),
                sort="product__name",
            ),
            Column(
                "Lot", lambda c: c.lot.number if c.lot else c.get_lot_status_display(), sort="lot__number"
            ),
            Column("Treatment to onset", lambda c: str(onset_latency(c) or "Not known")),
            Column("First known", lambda c: _whole(day_words(c.received_on), plain), sort="received_on"),
            Column("Seriousness", lambda c: seriousness_mark(c, plain=plain)),
            Column("State", lambda c: state_mark(c, plain=plain), sort="state"),
        ),
        name="case-list",
        search=("number",),
        choices=(
            Choice(
                "state",
                "State",
                tuple((s.value, str(s.label), Q(state=s)) for s in Case.State),
            ),
            Choice(
                "serious",
                "Seriousness",
                (
                    ("yes", "Serious", queries.serious()),
                    ("no", "Not serious", queries.not_serious()),
                    ("unclear", "Not yet clear", ~queries.serious() & ~queries.not_serious()),
                ),
            ),
            Choice("term", "Reaction", tuple((code, label, Q(term=code)) for code, label in term_choices())),
        ),
    )


def seriousness_mark(case: Case, *, plain: bool = False) -> str:
    """Seriousness as a word, on a page with its shape."""
    word, tone = _SERIOUS[is_serious(case)]
    return word if plain else status_mark(word, tone)


def state_mark(case: Case, *, plain: bool = False) -> str:
    """State as a word, on a page with its shape."""
    word = case.get_state_display()
    return word if plain else status_mark(word, _STATES[Case.State(case.state)])


def _whole(text: str, plain: bool) -> str:
    """Keep a number or a date on one line."""
    return text if plain else nowrap(text)
