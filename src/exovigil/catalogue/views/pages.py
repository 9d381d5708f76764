"""What the room's pages share: finding the row of the address, and the way back."""

from django.shortcuts import get_object_or_404
from django.urls import reverse

from exovigil.catalogue import queries
from exovigil.catalogue.models import Lot, Product
from exovigil.foundation.pages import Crumbs


def find_product(product_id: int) -> Product:
    """Return the product of the address, or 404."""
    return get_object_or_404(queries.products(), pk=product_id)


def find_lot(lot_id: int) -> Lot:
    """Return the lot of the address with its product and release tests, or 404."""
    return get_object_or_404(queries.lots(), pk=lot_id)


def product_crumbs(product: Product) -> Crumbs:
    """Return the way back from a page below a product."""
    return [
        ("Products", reverse("catalogue:products")),
        (product.name, reverse("catalogue:product", args=[product.pk])),
    ]


def lot_crumbs(lot: Lot) -> Crumbs:
    """Return the way back from a page below a lot."""
    return [*product_crumbs(lot.product), (f"Lot {lot.number}", reverse("catalogue:lot", args=[lot.pk]))]
