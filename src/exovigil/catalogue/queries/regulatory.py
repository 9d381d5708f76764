"""The legal basis that is claimed for a product, as stated in its composition."""

from collections.abc import Iterable

from exovigil.catalogue.models import CompositionStatement


def claimed_bases(products: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Codes of the legal bases stated for each product, the newest first; nothing for a product without one."""
    found: dict[int, tuple[str, ...]] = {}
    rows = CompositionStatement.objects.filter(product__in=set(products), attribute="regulatory_basis")
    for row in sorted(rows, key=lambda r: (str(r.stated_on or ""), r.pk), reverse=True):
        found[row.product_id] = (*found.get(row.product_id, ()), row.value)
    return found
