"""Reads about treatments, and what may be given to whom."""

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from exovigil.catalogue.queries import lot_checks, lots, stock_by_lot
from exovigil.clinic.models import Consent, Patient, Protocol, Treatment
from exovigil.governance.actors import Actor
from exovigil.governance.models import Membership, Site, User
from exovigil.governance.roles import MEMBER_ROLES, Permission

if TYPE_CHECKING:
    from exovigil.catalogue.models import Product

# Which routes a maker's declared route covers. Anything else is off-label; needling a topical product is too,
# because it takes the product through the skin.
COVERED_ROUTES = {
    "topical": {Treatment.Route.TOPICAL},
    "injection": {Treatment.Route.INTRADERMAL, Treatment.Route.SUBCUTANEOUS},
}


def treatments(actor: Actor) -> QuerySet[Treatment]:
    """Treatments at the actor's sites, newest first."""
    return Treatment.objects.filter(site_id__in=actor.site_ids).select_related(
        "site", "patient", "product", "lot", "practitioner", "protocol", "screening", "consent__text"
    )


def treatments_of(patient: Patient) -> QuerySet[Treatment]:
    """One patient's treatments, newest first."""
    return Treatment.objects.filter(patient=patient).select_related("product", "lot", "practitioner")


def current_protocol() -> Protocol | None:
    """Return the protocol adopted last, or None before installation adopted one."""
    return Protocol.objects.order_by("-adopted_on", "-version", "-pk").first()


def valid_consent(patient: Patient, product: "Product", on: dt.date) -> Consent | None:
    """Return the newest consent to a product that was signed on or before a day and stood on it."""
    return (
        Consent.objects.filter(patient=patient, product=product, signed_on__lte=on)
        .filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__date__gt=on))
        .first()
    )


def route_standing(product: "Product", route: str) -> str:
    """Say how a route stands to what the maker declares: as declared, off-label, or not known."""
    covered = COVERED_ROUTES.get(product.declared_route)
    if covered is None or route == Treatment.Route.UNKNOWN:
        return Treatment.RouteStanding.NOT_KNOWN
    return Treatment.RouteStanding.AS_DECLARED if route in covered else Treatment.RouteStanding.OFF_LABEL


def practitioners(site: Site) -> QuerySet[User]:
    """People who may treat at a site, by name."""
    may_treat = [key for key, role in MEMBER_ROLES.items() if Permission.TREAT in role.permissions]
    members = Membership.objects.filter(site=site, role__in=may_treat)
    return User.objects.filter(pk__in=members.values("user")).order_by("name", "pk")


def lot_choices(
    site: Site, on: dt.date, product_ids: Collection[int] | None = None, *, chosen: str = ""
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Lots in stock at a site by product, each with its state and its vials in words, for a form.

    A lot that must not be used is listed too, so that choosing it says why instead of leaving people to wonder; so
    is the one ``chosen`` on a page that was opened while it was in stock, though its last vial has gone since.
    """
    held = {lot: vials for lot, vials in stock_by_lot(site.pk).items() if vials > 0 or str(lot) == chosen}
    found = lots().filter(pk__in=held)
    if product_ids is not None:
        found = found.filter(product_id__in=list(product_ids))
    rows = list(found.order_by("product__name", "number"))
    checks = lot_checks(rows, [site.pk], on)
    groups: dict[str, list[tuple[str, str]]] = {}
    for lot in rows:
        word = checks[lot.pk][site.pk].word.lower()
        count = f"{held[lot.pk]} vial{'s' if held[lot.pk] != 1 else ''} in stock"
        groups.setdefault(lot.product.name, []).append((str(lot.pk), f"{lot.number}: {word}, {count}"))
    return list(groups.items())
