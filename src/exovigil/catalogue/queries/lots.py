"""Lots, what their certificates show, and what was decided about them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from exovigil.catalogue import release
from exovigil.catalogue.models import (
    CompositionStatement,
    Lot,
    LotOverride,
    Product,
    Quarantine,
    ReleaseTest,
)


def lots() -> QuerySet[Lot]:
    """Every lot by product and number, with its product and release tests read along."""
    return Lot.objects.select_related("product").prefetch_related("release_tests")


def products_of_lots() -> dict[int, tuple[int, bool]]:
    """Tell of each lot by key its product's key, and whether that has no active part (saline, a carrier)."""
    rows = Lot.objects.order_by("pk").values_list("pk", "product_id", "product__kind")
    return {lot: (product, kind == Product.Kind.CARRIER) for lot, product, kind in rows}


def same_source_lots(product: Product) -> QuerySet[Lot]:
    """Lots of the maker's other products that declare the same source tissue or cell."""
    if not product.maker:
        return lots().none()
    said = CompositionStatement.objects.filter(attribute="source_tissue", basis="declared")
    own = said.filter(product=product).exclude(value="not stated").values("value")
    siblings = said.filter(value__in=own, product__maker=product.maker).exclude(product=product)
    return lots().filter(product__in=siblings.values("product"))


def lot(pk: int) -> Lot:
    """One lot by key; raises Lot.DoesNotExist."""
    return lots().get(pk=pk)


def overrides(lot: Lot, site_ids: Iterable[int]) -> QuerySet[LotOverride]:
    """List the overrides of a lot at some sites, newest first."""
    return LotOverride.objects.filter(lot=lot, site_id__in=list(site_ids)).select_related("site", "made_by")


def quarantines(lot: Lot) -> QuerySet[Quarantine]:
    """Every hold there has been on a lot, newest first."""
    return Quarantine.objects.filter(lot=lot).select_related("placed_by", "lifted_by")


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One release test with its limit and source, and every result the lot has for it.

    ``word`` and ``tone`` say what the results amount to.
    """

    test: release.ReleaseTest
    results: tuple[ReleaseTest, ...]
    word: str
    tone: str


def certificate_lines(lot: Lot, decision: release.ReleaseDecision) -> tuple[CertificateLine, ...]:
    """Put a lot's results beside the tests asked for; figures to report show only when there are any."""
    by_test: dict[str, list[ReleaseTest]] = {}
    for row in lot.release_tests.all():
        by_test.setdefault(row.test, []).append(row)
    lines = []
    for test in release.release_tests():
        rows = by_test.get(test.code, [])
        if rows or test.level != "report":
            kinds = {str(r.kind) for r in (*decision.blocking, *decision.notes) if r.code == test.code}
            lines.append(CertificateLine(test, tuple(rows), *_verdict(test, rows, kinds)))
    return tuple(lines)


def _verdict(test: release.ReleaseTest, rows: list[ReleaseTest], kinds: set[str]) -> tuple[str, str]:
    if test.level == "report":
        return "Reported", "neutral"
    if "failed" in kinds:
        said_failed = any(row.outcome == ReleaseTest.Outcome.FAILED for row in rows)
        return ("Failed" if said_failed else "Outside the limit"), "stop"
    if "missing" in kinds:
        return "Missing", "stop" if test.level == "mandatory" else "warn"
    return "Passed", "good"
