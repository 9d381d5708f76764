"""Pages of reactions by attribute: what this registry counted, with what is published of harm beside each level."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from exovigil.evidence.attributes import literature
from exovigil.evidence.charts import rate_plot
from exovigil.governance.access import requires
from exovigil.governance.roles import Permission
from exovigil.signals import queries as signals

METHOD = (
    "Crude: treatments with a case of the event out of treatments given, with the exact interval (Clopper and Pearson"
    " 1934). Shrunken: Poisson within a lot, lots of one level varying by a gamma factor, levels’ log rates varying"
    " normally about a common one; integrated over both variations (half-normal priors of scale 1) and the common rate"
    " (about the watch’s null risk, give or take a factor of ten). Exposure is the elapsed part of each risk window."
    " 95 % throughout."
)
Facts = dict[str, Any]


@require_GET
@requires(Permission.VIEW_WATCH)
def reactions(request: HttpRequest) -> HttpResponse:
    """Reactions by the first attribute."""
    return _page(request, signals.attributes()[0].key)


@require_GET
@requires(Permission.VIEW_WATCH)
def reactions_by(request: HttpRequest, attribute: str) -> HttpResponse:
    """Reactions by one attribute: crude and shrunken rates, how little they tell, and the literature."""
    if attribute not in {row.key for row in signals.attributes()}:
        raise Http404("no such attribute")
    return _page(request, attribute)


def _page(request: HttpRequest, attribute: str) -> HttpResponse:
    found = signals.by_attribute(attribute, timezone.localdate())
    levels = dict.fromkeys(row.key for comparison in found.comparisons for row in comparison.rows)
    said = literature(attribute, levels)
    page = {
        "found": found,
        "attributes": signals.attributes(),
        "tables": [
            {
                "comparison": comparison,
                "rows": [_row(row, found, said.by_level[row.key]) for row in comparison.rows],
                "chart": rate_plot(comparison.rows, name=f"{found.attribute.label}, {comparison.basis}"),
            }
            for comparison in found.comparisons
        ],
        "not_said": said.not_said,
        "method": METHOD,
        "crumbs": [("Watch", reverse("signals:watch"))],
    }
    return render(request, "evidence/reactions.html", page)


def _row(row: signals.LevelRow, found: signals.ByAttribute, harms: tuple[Any, ...]) -> Facts:
    return {
        "row": row,
        "crude": [1000 * value for value in (row.crude.estimate, row.crude.low, row.crude.high)],
        "shrunken": _thousand(row.shrunken),
        "worst": found.lots.get(row.worst_lot, "") if row.worst_lot else "",
        "worst_percent": 100 * row.worst_share,
        "harms": harms,
    }


def _thousand(spread: Any) -> list[float]:
    return [1000 * value for value in (spread.median, spread.low, spread.high)] if spread else []
