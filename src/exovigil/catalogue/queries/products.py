"""Products as lists and one by one."""

from django.db.models import Count, Prefetch, QuerySet

from exovigil.catalogue.models import Product
from exovigil.catalogue.queries.lots import lots


def products() -> QuerySet[Product]:
    """Every product by name, with its number of lots as ``lot_count``."""
    return Product.objects.annotate(lot_count=Count("lots", distinct=True)).order_by("name", "pk")


def product(pk: int) -> Product:
    """One product by key; raises Product.DoesNotExist."""
    return products().get(pk=pk)


def products_with_lots() -> QuerySet[Product]:
    """Every product with its lots and their release tests read along."""
    return products().prefetch_related(Prefetch("lots", queryset=lots()))
