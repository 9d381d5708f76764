"""Products and the dated statements about them."""

import datetime as dt
from collections.abc import Mapping

from django.utils import timezone

from exovigil.catalogue import composition, legal
from exovigil.catalogue.models import CompositionStatement, LegalStatement, Product
from exovigil.catalogue.queries.composition import OTHER
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission

NOT_STATED = "not stated"


@action(Permission.MANAGE_CATALOGUE)
def add_product(
    *,
    by: Actor,
    name: str,
    source_class: str,
    maker: str = "",
    kind: str = Product.Kind.EXOSOME,
    declared_route: str = Product.Route.UNKNOWN,
    strength: str = "",
    composition: Mapping[str, str] | None = None,
    composition_source: str = "",
    is_synthetic: bool = False,
) -> Product:
    """Add a product with what its maker declares; ``composition`` maps attribute code to answer.

    Source organism and route are taken over into the composition, so that nobody types them twice.
    """
    name = " ".join(name.split())
    if not name:
        raise Refused("Enter the product's name as its maker writes it.", "name")
    if Product.objects.filter(name__iexact=name).exists():
        raise Refused("A product with this name is in the catalogue already. Open it instead.", "name")
    _one_of(Product.SourceClass, source_class, "source_class")
    _one_of(Product.Kind, kind, "kind")
    _one_of(Product.Route, declared_route, "declared_route")
    product = Product.objects.create(
        name=name,
        maker=maker.strip(),
        kind=kind,
        source_class=source_class,
        declared_route=declared_route,
        strength=strength.strip(),
        is_synthetic=is_synthetic,
    )
    answers = {"source_species": source_class, "declared_route": declared_route, **(composition or {})}
    given = {code: text.strip() for code, text in answers.items() if _is_answer(text)}
    CompositionStatement.objects.bulk_create(
        CompositionStatement(
            product=product,
            attribute=code,
            value=_checked_answer(code, text, code),
            basis=CompositionStatement.Basis.DECLARED,
            stated_by=product.maker or "The maker",
            source=composition_source.strip(),
        )
        for code, text in given.items()
    )
    audit.record(
        "catalogue.product.added", by=by, target=product, source_class=source_class, declared=sorted(given)
    )
    return product


@action(Permission.MANAGE_CATALOGUE)
def state_composition(
    *,
    by: Actor,
    product: Product,
    attribute: str,
    value: str,
    basis: str,
    stated_by: str,
    stated_on: dt.date | None = None,
    source: str = "",
) -> CompositionStatement:
    """Add what somebody declared or verified about one attribute; earlier statements stay."""
    _one_of(CompositionStatement.Basis, basis, "basis")
    if not stated_by.strip():
        raise Refused("Say who stated this: the maker, a laboratory, an inspector.", "stated_by")
    if basis == CompositionStatement.Basis.VERIFIED and not source.strip():
        raise Refused("Name the report or paper that verifies this, so that others can open it.", "source")
    _not_in_future(stated_on)
    statement = CompositionStatement.objects.create(
        product=product,
        attribute=attribute,
        value=_checked_answer(attribute, value.strip(), "value"),
        basis=basis,
        stated_by=stated_by.strip(),
        stated_on=stated_on,
        source=source.strip(),
    )
    audit.record(
        "catalogue.composition.stated",
        by=by,
        target=statement,
        product=product.pk,
        attribute=attribute,
        basis=basis,
    )
    return statement


@action(Permission.MANAGE_CATALOGUE)
def state_legal_standing(
    *,
    by: Actor,
    product: Product,
    jurisdiction: str,
    statement: str,
    source: str,
    stated_on: dt.date | None = None,
    confidence: str = "",
) -> LegalStatement:
    """Add what a source says of this product's legal standing in one jurisdiction; never a verdict."""
    if not jurisdiction.strip():
        raise Refused("Name the country or region the statement is about.", "jurisdiction")
    if not statement.strip():
        raise Refused("Enter what the source says, in its own terms.", "statement")
    if not source.strip():
        raise Refused("Name the source, so that others can open it.", "source")
    _not_in_future(stated_on)
    known = {place.casefold(): place for place in legal.jurisdictions()}
    row = LegalStatement.objects.create(
        product=product,
        jurisdiction=known.get(jurisdiction.strip().casefold(), jurisdiction.strip()),
        statement=statement.strip(),
        stated_on=stated_on,
        source=source.strip(),
        confidence=confidence.strip(),
    )
    audit.record(
        "catalogue.legal_standing.stated",
        by=by,
        target=row,
        product=product.pk,
        jurisdiction=row.jurisdiction,
    )
    return row


def _one_of(choices: type[Product.Kind] | type, value: str, field: str) -> None:
    if value not in choices.values:  # type: ignore[union-attr]
        raise Refused("Choose one of the answers offered.", field)


def _is_answer(text: str) -> bool:
    return text.strip().casefold() not in {"", NOT_STATED, "unknown"}


def _checked_answer(attribute: str, value: str, field: str) -> str:
    """Return the answer if the attribute allows it; refuse it with the way out if not."""
    asked = next((a for a in composition.attributes() if a.code == attribute), None)
    if asked is None:
        raise Refused("Choose what the statement is about.", "attribute")
    if not value or value == OTHER.strip():
        raise Refused(f"Enter the answer for “{asked.label}”, or leave the statement out.", field)
    if asked.kind == "number" and not _is_number(value):
        raise Refused(f"Write “{asked.label}” in figures, in {asked.unit}.", field)
    if asked.kind == "yes or no" and value not in {"yes", "no", NOT_STATED}:
        raise Refused("Choose yes, no or not stated.", field)
    codes = {code.code for code in composition.codes(attribute)}
    if codes and value not in codes and not ("other" in codes and value.startswith(OTHER)):
        raise Refused(f"Choose one of the answers offered for “{asked.label}”.", field)
    return value


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0 and float(text) != float("inf")
    except ValueError:
        return False


def _not_in_future(day: dt.date | None) -> None:
    if day and day > timezone.localdate():
        raise Refused("This date is in the future. Enter the day it was stated.", "stated_on")
