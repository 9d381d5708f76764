"""Stock: what arrived and what left without being used."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from exovigil.catalogue import actions, queries
from exovigil.catalogue.forms import ReceiveForm, RemoveForm
from exovigil.catalogue.models import Lot, StockMovement
from exovigil.catalogue.views.pages import find_lot, lot_crumbs
from exovigil.foundation.forms import ActionForm
from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.queries import sites_of
from exovigil.governance.roles import Permission


@get_or_post
@requires(Permission.TREAT)
def receive_stock(request: HttpRequest, lot_id: int) -> HttpResponse:
    """Enter vials that arrived."""
    lot, actor = find_lot(lot_id), actor_of(request)
    form = ReceiveForm(sent(request), sites=sites_of(actor))
    if _moved(request, lot, form, actions.receive_stock):
        return redirect("catalogue:lot", lot.pk)
    return form_page(
        request,
        form,
        title="Receive stock",
        submit="Enter stock",
        lead=f"Vials of {lot} that arrived.",
        crumbs=lot_crumbs(lot),
        template="catalogue/receive_stock.html",
        check=queries.lot_check(lot, None, timezone.localdate()),
    )


@get_or_post
@requires(Permission.TREAT)
def remove_stock(request: HttpRequest, lot_id: int) -> HttpResponse:
    """Take out vials that were discarded or returned."""
    lot, actor = find_lot(lot_id), actor_of(request)
    form = RemoveForm(sent(request), sites=sites_of(actor))
    if _moved(request, lot, form, actions.remove_stock):
        return redirect("catalogue:lot", lot.pk)
    return form_page(
        request,
        form,
        title="Take out stock",
        submit="Take out",
        lead=f"Vials of {lot} that were discarded or returned. Treatments take theirs out by themselves.",
        crumbs=lot_crumbs(lot),
    )


def _moved(request: HttpRequest, lot: Lot, form: ActionForm, act: Callable[..., StockMovement]) -> bool:
    """Enter the movement and say the new balance; False while the form is not sent, not complete or refused."""
    made = form.attempt(act, by=actor_of(request), lot=lot, **form.values()) if form.is_valid() else None
    if made is None:
        return False
    held = queries.stock(made.site_id, made.lot)
    vials = f"{held} vial{'s' if held != 1 else ''}"
    messages.success(request, f"{made.site.name} now has {vials} of lot {made.lot.number}.")
    return True
