"""Decisions about a lot: override at one site, quarantine and recall at all."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from exovigil.catalogue import actions, queries
from exovigil.catalogue.forms import OverrideForm, ReasonForm
from exovigil.catalogue.views.pages import find_lot, lot_crumbs
from exovigil.foundation.pages import form_page, get_or_post, sent
from exovigil.governance.access import actor_of, requires
from exovigil.governance.queries import sites_of
from exovigil.governance.roles import Permission


@get_or_post
@requires(Permission.OVERRIDE_LOT)
def override_lot(request: HttpRequest, lot_id: int) -> HttpResponse:
    """Allow a blocked lot at one site, with the reason in writing."""
    lot, actor = find_lot(lot_id), actor_of(request)
    form = OverrideForm(sent(request), sites=sites_of(actor), initial={"site": request.GET.get("site")})
    if form.is_valid():
        made = form.attempt(actions.override_lot, by=actor, lot=lot, **form.values())
        if made is not None:
            messages.warning(
                request, f"Lot {lot.number} may now be used at {made.site.name}, by your override."
            )
            return redirect("catalogue:lot", lot.pk)
    return form_page(
        request,
        form,
        title=f"Override the block on lot {lot.number}",
        submit="Allow this lot here",
        crumbs=lot_crumbs(lot),
        template="catalogue/override_lot.html",
        lot=lot,
        check=queries.lot_check(lot, None, timezone.localdate()),
    )


@get_or_post
@requires(Permission.RUN_WATCH)
def quarantine_lot(request: HttpRequest, lot_id: int) -> HttpResponse:
    """Stop the use of a lot at every site."""
    lot = find_lot(lot_id)
    form = ReasonForm(sent(request))
    if form.is_valid():
        made = form.attempt(actions.quarantine_lot, by=actor_of(request), lot=lot, **form.values())
        if made is not None:
            messages.warning(request, f"Lot {lot.number} is in quarantine at every site from now on.")
            return redirect("catalogue:lot", lot.pk)
    return form_page(
        request,
        form,
        title=f"Put lot {lot.number} in quarantine",
        submit="Put in quarantine",
        lead="Nobody can use it at any site until the quarantine is lifted. No override reaches past it.",
        crumbs=lot_crumbs(lot),
    )


@get_or_post
@requires(Permission.RUN_WATCH)
def recall_lot(request: HttpRequest, lot_id: int) -> HttpResponse:
    """Stop a lot at every site and ask for what is left."""
    lot = find_lot(lot_id)
    form = ReasonForm(sent(request))
    if form.is_valid():
        made = form.attempt(actions.recall_lot, by=actor_of(request), lot=lot, **form.values())
        if made is not None:
            messages.warning(request, f"Lot {lot.number} is recalled at every site from now on.")
            return redirect("catalogue:lot", lot.pk)
    return form_page(
        request,
        form,
        title=f"Recall lot {lot.number}",
        submit="Recall the lot",
        lead="Nobody can use it at any site, and its page asks each site to send back or discard what is left.",
        crumbs=lot_crumbs(lot),
    )


@get_or_post
@requires(Permission.RUN_WATCH)
def release_quarantine(request: HttpRequest, lot_id: int) -> HttpResponse:
    """Lift the quarantine of a lot."""
    lot = find_lot(lot_id)
    form = ReasonForm(sent(request))
    if form.is_valid():
        made = form.attempt(actions.release_quarantine, by=actor_of(request), lot=lot, **form.values())
        if made is not None:
            messages.success(request, f"The quarantine of lot {lot.number} was lifted.")
            return redirect("catalogue:lot", lot.pk)
    return form_page(
        request,
        form,
        title=f"Lift the quarantine of lot {lot.number}",
        submit="Lift quarantine",
        lead="Release tests and expiry count as before.",
        crumbs=lot_crumbs(lot),
    )
