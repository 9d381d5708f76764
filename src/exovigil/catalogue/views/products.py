"""Products: the list, one product with everything stated about it, and the forms that add to it."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from exovigil.catalogue import actions, composition, queries
from exovigil.catalogue.forms import CompositionForm, LegalStandingForm, ProductForm
from exovigil.catalogue.models import Product
from exovigil.catalogue.views.pages import find_product, product_crumbs
from exovigil.foundation.listing import Choice, Column, Listing
from exovigil.foundation.marks import status_marks
from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.roles import Permission


@require_GET
@requires(Permission.VIEW_CATALOGUE)
def products(request: HttpRequest) -> HttpResponse:
    """Every product with its declared source, route and how its lots stand."""
    actor, today = actor_of(request), timezone.localdate()
    listing = Listing(
        request,
        queries.products_with_lots(),
        _columns(today, plain=request.GET.get("export") == "csv"),
        name="products-and-lots",
        search=("name", "maker", "lots__number"),
        choices=(
            _choice("source", "Source", "source_class", Product.SourceClass.choices),
            _choice("route", "Declared route", "declared_route", Product.Route.choices),
        ),
    )
    if listing.wants_export:
        return listing.export()
    may_add = actor.can(Permission.MANAGE_CATALOGUE)
    empty = "No product fits." if request.GET else "No product yet."
    page = {
        "title": "Products",
        "lead": "What is given to patients: what is declared, what is verified, and which lots may be used.",
        "action": ("Add a product", reverse("catalogue:add-product")) if may_add else None,
        **listing.context(
            url=lambda row: reverse("catalogue:product", args=[row.pk]),
            empty_text=f"{empty} {_way_on(request, may_add)}",
        ),
    }
    return render(request, "components/list_page.html", page)


@require_GET
@requires(Permission.VIEW_CATALOGUE)
def product(request: HttpRequest, product_id: int) -> HttpResponse:
    """One product: lots, composition declared and verified, and what is said of its legal standing."""
    found, actor = find_product(product_id), actor_of(request)
    lots = list(queries.lots().filter(product=found))
    checks = queries.lot_checks(lots, actor.site_ids, timezone.localdate())
    held = {site_id: queries.stock_by_lot(site_id) for site_id in actor.site_ids}
    rows = queries.composition_of(found)
    page = {
        "product": found,
        "lots": [
            {
                "lot": lot,
                "check": checks[lot.pk][0],
                "allowed": sum(bool(checks[lot.pk][s].overridden_by) for s in actor.site_ids),
                "usable": any(checks[lot.pk][s].usable for s in actor.site_ids),
                "vials": sum(held[s].get(lot.pk, 0) for s in actor.site_ids),
            }
            for lot in lots
        ],
        "composition": [row for row in rows if not row.is_open],
        "open_attributes": [row.attribute for row in rows if row.is_open],
        "differs": any(row.agreement is composition.Agreement.DIFFERS for row in rows),
        "jurisdictions": queries.legal_statements(found),
        "is_exosome": found.kind == Product.Kind.EXOSOME,
        "may_add": actor.can(Permission.MANAGE_CATALOGUE),
        "crumbs": product_crumbs(found)[:1],
    }
    return render(request, "catalogue/product.html", page)


@get_or_post
@requires(Permission.MANAGE_CATALOGUE)
def add_product(request: HttpRequest) -> HttpResponse:
    """Add a product with what its maker declares."""
    form = ProductForm(sent(request))
    if form.is_valid():
        made = form.attempt(actions.add_product, by=actor_of(request), **form.values())
        if made is not None:
            messages.success(request, f"{made.name} is in the catalogue. Add its first lot next.")
            return redirect("catalogue:product", made.pk)
    return form_page(
        request,
        form,
        title="Add a product",
        submit="Add product",
        lead="Enter what the maker declares. Leave open what is not stated; it stays “not stated”.",
        crumbs=[("Products", reverse("catalogue:products"))],
    )


@get_or_post
@requires(Permission.MANAGE_CATALOGUE)
def add_composition(request: HttpRequest, product_id: int) -> HttpResponse:
    """Add a declared or verified statement; first choose what it is about."""
    found = find_product(product_id)
    asked = {attribute.code: attribute for attribute in composition.attributes()}
    attribute = asked.get(request.GET.get("attribute", ""))
    if attribute is None:
        page = {
            "title": "What is the statement about?",
            "attributes": asked.values(),
            "crumbs": product_crumbs(found),
        }
        return render(request, "catalogue/choose_attribute.html", page)
    form = CompositionForm(sent(request), attribute=attribute, initial={"stated_by": found.maker})
    if form.is_valid():
        made = form.attempt(actions.state_composition, by=actor_of(request), product=found, **form.values())
        if made is not None:
            messages.success(request, f"The statement on “{attribute.label}” was added.")
            return redirect("catalogue:product", found.pk)
    return form_page(
        request,
        form,
        title=attribute.label,
        submit="Add statement",
        lead=f"What is stated about {found.name}. Earlier statements stay beside it.",
        crumbs=product_crumbs(found),
    )


@get_or_post
@requires(Permission.MANAGE_CATALOGUE)
def add_legal_statement(request: HttpRequest, product_id: int) -> HttpResponse:
    """Add what a source says of the product's legal standing."""
    found = find_product(product_id)
    form = LegalStandingForm(sent(request))
    if form.is_valid():
        made = form.attempt(
            actions.state_legal_standing, by=actor_of(request), product=found, **form.values()
        )
        if made is not None:
            messages.success(request, f"The statement on {made.jurisdiction} was added.")
            return redirect("catalogue:product", found.pk)
    return form_page(
        request,
        form,
        title="Add a legal statement",
        submit="Add statement",
        lead=f"A dated statement about {found.name} with its source. It is shown, never judged.",
        crumbs=product_crumbs(found),
    )


def _columns(today: dt.date, *, plain: bool) -> tuple[Column, ...]:
    def standing(row: Product) -> Any:
        pairs = _standing(row, today)
        return "; ".join(word for word, _ in pairs) if plain else status_marks(pairs)

    return (
        Column("Product", lambda p: p.name, sort="name"),
        Column("Maker", lambda p: p.maker or "Not stated", sort="maker"),
        Column("Source", lambda p: p.get_source_class_display(), sort="source_class"),
        Column("Declared route", lambda p: p.get_declared_route_display(), sort="declared_route"),
        Column("Lots", lambda p: p.lot_count, sort="lot_count", numeric=True),
        Column("Status by certificate", standing),
    )


def _standing(product: Product, today: dt.date) -> list[tuple[str, str]]:
    """Count a product's lots by how they stand, the gravest first; overrides of sites do not count here."""
    checks = [check[0] for check in queries.lot_checks(product.lots.all(), [], today).values()]
    if not checks:
        return [("No lots yet", "neutral")]
    words = [
        ("In quarantine", "stop"),
        ("Must not be used", "stop"),
        ("Expired", "stop"),
        ("May be used", "good"),
    ]
    counted = [(sum(check.word == word for check in checks), word, tone) for word, tone in words]
    return [(f"{count} {word[0].lower()}{word[1:]}", tone) for count, word, tone in counted if count]


def _choice(name: str, label: str, field: str, options: list[tuple[str, str]]) -> Choice:
    return Choice(name, label, tuple((value, text, Q(**{field: value})) for value, text in options))


def _way_on(request: HttpRequest, may_add: bool) -> str:
    if request.GET:
        return "Clear the search to see every product."
    if may_add:
        return "Add the first one with the button above."
    return "A safety officer or an administrator can add one."
