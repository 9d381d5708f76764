"""Pages of the dossier room: which dossiers there are, one of them, its editions, and building one."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from exovigil.dossier import actions, queries
from exovigil.dossier.forms import BuildForm
from exovigil.dossier.queries import Edition
from exovigil.evidence import queries as evidence
from exovigil.foundation.listing import Choice, Column, Listing, csv_of
from exovigil.foundation.marks import day_words
from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission

_UP_TO_DATE, _NEWER = "✓ Up to date", "! Newer facts are available: rebuild"


@require_GET
@requires(Permission.VIEW_EVIDENCE)
def dossiers(request: HttpRequest) -> HttpResponse:
    """Which dossiers exist, when they were built, and whether newer facts are known."""
    fresh: dict[int, bool] = {}
    listing = Listing(
        request,
        queries.newest_editions(),
        (
            Column("Dossier", _title),
            Column("Human studies", lambda e: e.body["facts"]["totals"]["studies"], numeric=True),
            Column("Edition", lambda e: e.number, sort="number", numeric=True),
            Column("Built", lambda e: day_words(e.body["built"]["on"]), sort="built_at"),
            Column("State", lambda e: _UP_TO_DATE if fresh[e.pk] else _NEWER),
        ),
        name="dossiers",
        choices=_choices(),
    )
    if listing.wants_export:
        rows = list(listing.rows)
        fresh.update(queries.fresh(rows))
        return listing.export(rows)
    fresh.update(queries.fresh(listing.page()))
    may_build = actor_of(request).can(Permission.BUILD_DOSSIER)
    page: dict[str, Any] = {
        "title": "Dossiers",
        "lead": "What is known about a product class for a condition, as it stood on the day it was built.",
        "action": ("Build a dossier", reverse("dossier:build")) if may_build else None,
        **listing.context(
            url=lambda e: reverse("dossier:dossier", args=[e.condition, e.product_class]),
            empty_text=(
                "No dossier fits. Build the first one for a condition and a product class."
                if may_build
                else "No dossier fits. A reviewer builds them; the evidence map shows what is published."
            ),
        ),
    }
    return render(request, "components/list_page.html", page)


@get_or_post
@requires(Permission.BUILD_DOSSIER)
def build(request: HttpRequest) -> HttpResponse:
    """Build an edition from what is known now."""
    chosen = {name: request.GET.get(name, "") for name in ("condition", "product_class")}
    form = BuildForm(sent(request), initial=chosen)
    if form.is_valid():
        made = form.attempt(actions.build_edition, by=actor_of(request), **form.values())
        if made is not None:
            messages.success(request, f"Edition {made.number} was built.")
            return redirect("dossier:dossier", made.condition, made.product_class)
    return form_page(
        request,
        form,
        title="Build a dossier",
        lead="It freezes what is published, what the registry has seen and what the law is said to be, today.",
        submit="Build dossier",
        crumbs=[("Dossiers", reverse("dossier:dossiers"))],
    )


@require_GET
@requires(Permission.VIEW_EVIDENCE)
def dossier(request: HttpRequest, condition: str, product_class: str) -> HttpResponse:
    """Show the newest edition of one dossier, or say that none was built."""
    try:
        shown, chosen = evidence.condition(condition), evidence.product_class(product_class)
    except KeyError as error:
        raise Http404 from error
    newest = queries.newest_of(condition, product_class)
    if newest is not None:
        return _edition_page(request, newest)
    page = {
        "condition": shown,
        "product_class": chosen,
        "cell": evidence.cell(condition, product_class),
        "may_build": actor_of(request).can(Permission.BUILD_DOSSIER),
        "crumbs": [("Dossiers", reverse("dossier:dossiers"))],
    }
    return render(request, "dossier/none.html", page)


@require_GET
@requires(Permission.VIEW_EVIDENCE)
def edition(request: HttpRequest, edition_id: int) -> HttpResponse:
    """One edition as it was published."""
    return _edition_page(request, get_object_or_404(queries.editions(), pk=edition_id))


@require_GET
@requires(Permission.VIEW_EVIDENCE)
def pdf(request: HttpRequest, edition_id: int) -> HttpResponse:
    """One edition on paper."""
    row = get_object_or_404(queries.editions(), pk=edition_id)
    response = HttpResponse(queries.paper(row), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{_file_name(row)}.pdf"'
    return response


@require_GET
@requires(Permission.VIEW_EVIDENCE)
def studies_csv(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Take away the study table of one edition, as frozen in it."""
    row = get_object_or_404(queries.editions(), pk=edition_id)
    facts = row.body["facts"]
    return csv_of(f"{_file_name(row)}-studies", _CSV_COLUMNS, facts["studies"] + facts["set_aside"])


def _edition_page(request: HttpRequest, row: Edition) -> HttpResponse:
    revisions = queries.revisions(queries.editions_of(row.condition, row.product_class))
    newest = revisions[0].edition
    page = {
        "edition": row,
        "newest": newest,
        "is_newest": newest.pk == row.pk,
        "fresh": queries.fresh([newest])[newest.pk],
        "intact": queries.intact(row),
        "revisions": revisions,
        "facts": row.body["facts"],
        "built": row.body["built"],
        "title": _title(row),
        "form": BuildForm(initial={"condition": row.condition, "product_class": row.product_class}),
        "may_build": actor_of(request).can(Permission.BUILD_DOSSIER),
        "crumbs": [("Dossiers", reverse("dossier:dossiers"))],
    }
    return render(request, "dossier/edition.html", page)


def _title(row: Edition) -> str:
    return str(row.body["title"])


def _file_name(row: Edition) -> str:
    return f"dossier-{row.condition}-{row.product_class}-edition-{row.number}"


def _choices() -> tuple[Choice, ...]:
    conditions = tuple((c.key, c.name, Q(condition=c.key)) for c in evidence.conditions())
    classes = tuple((p.key, p.label, Q(product_class=p.key)) for p in evidence.PRODUCT_CLASSES)
    return Choice("condition", "Condition", conditions), Choice("product_class", "Product class", classes)


_CSV_COLUMNS = (
    Column("Study", lambda s: s["label"]),
    Column("Design", lambda s: s["design"]),
    Column("Randomised", lambda s: s["randomised"]),
    Column("People", lambda s: s["participants"]),
    Column("Product", lambda s: s["product"]),
    Column("Made from", lambda s: s["source_detail"]),
    Column("Route", lambda s: s["route"]),
    Column("Comparator", lambda s: s["comparator"]),
    Column("Follow-up", lambda s: s["follow_up"]),
    Column("Direction", lambda s: s["direction"]),
    Column("Results as published", lambda s: " | ".join(s["results"])),
    Column("Safety in the source's words", lambda s: s["safety"]),
    Column("Set aside because", lambda s: s["set_aside_because"]),
    Column("DOI", lambda s: s["doi"]),
    Column("Address", lambda s: s["link"]),
    Column("Read", lambda s: s["read_depth"]),
    Column("Read as", lambda s: s["read_as"]),
    Column("Read on", lambda s: s["read_on"]),
)
