"""Stock of a site, as the sum of its ledger."""

from collections.abc import Iterable

from django.db.models import QuerySet, Sum

from exovigil.catalogue.models import Lot, StockMovement


def stock(site_id: int, lot: Lot) -> int:
    """Vials of a lot at a site."""
    total = StockMovement.objects.filter(site_id=site_id, lot=lot).aggregate(total=Sum("vials"))["total"]
    return total or 0


def stock_by_lot(site_id: int) -> dict[int, int]:
    """Vials of every lot a site ever held, by lot key; a lot not named was never here."""
    rows = StockMovement.objects.filter(site_id=site_id).order_by().values("lot").annotate(total=Sum("vials"))
    return {row["lot"]: row["total"] for row in rows}


def movements(lot: Lot, site_ids: Iterable[int]) -> QuerySet[StockMovement]:
    """Ledger of a lot at some sites, newest first."""
    found = StockMovement.objects.filter(lot=lot, site_id__in=list(site_ids)).select_related("site")
    return found.order_by("-moved_on", "-pk")
