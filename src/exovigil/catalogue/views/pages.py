"""What the room's pages share."""

from collections.abc import Iterable
from functools import cache

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template import Context, Template
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from exovigil.catalogue import queries
from exovigil.catalogue.models import Lot, Product
from exovigil.foundation.forms import ActionForm

Crumbs = list[tuple[str, str]]


@cache
def _status() -> Template:
    return Template("{% status word tone %}")


def badge(word: str, tone: str) -> SafeString:
    """Draw a status as word and shape, for a cell of a list."""
    return _status().render(Context({"word": word, "tone": tone}))


def badges(pairs: Iterable[tuple[str, str]]) -> SafeString:
    """Draw several statuses side by side."""
    return format_html_join(" ", "{}", ((badge(word, tone),) for word, tone in pairs))


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


def sent(request: HttpRequest) -> QueryDict | None:
    """Return what a form was sent with, even when that is nothing at all; None while it is only looked at."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest,
    form: ActionForm,
    *,
    title: str,
    submit: str,
    crumbs: Crumbs,
    template: str = "components/form_page.html",
    **page: object,
) -> HttpResponse:
    """Draw a form, with 422 when its answers have to be corrected; leaving goes back to the last crumb."""
    context = {
        "title": title,
        "form": form,
        "submit": submit,
        "crumbs": crumbs,
        "cancel_url": crumbs[-1][1],
        **page,
    }
    return render(request, template, context, status=422 if form.errors else 200)
