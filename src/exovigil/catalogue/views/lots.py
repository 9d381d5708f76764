"""Lots: one lot with its certificate, stock and decisions, and the forms that add to it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.views.decorators.http import require_GET

from exovigil.catalogue import actions, queries, release
from exovigil.catalogue.forms import ExpiryForm, LotForm, ReleaseTestForm
from exovigil.catalogue.models import Lot
from exovigil.catalogue.views.pages import find_lot, find_product, lot_crumbs, product_crumbs
from exovigil.foundation.forms import TOO_LARGE
from exovigil.foundation.pages import form_page, get_or_post, sent, sent_files
from exovigil.governance.access import actor_of, requires
from exovigil.governance.actors import Actor
from exovigil.governance.queries import sites_of
from exovigil.governance.roles import Permission

SHOWN_MOVEMENTS = 12


@require_GET
@requires(Permission.VIEW_CATALOGUE)
def lot(request: HttpRequest, lot_id: int) -> HttpResponse:
    """One lot: may it be used here, why not, what its certificate shows, and what is in stock."""
    found, actor = find_lot(lot_id), actor_of(request)
    sites = list(sites_of(actor))
    checks = queries.lot_checks([found], actor.site_ids, timezone.localdate())[found.pk]
    here = [{"site": s, "check": checks[s.pk], "vials": queries.stock(s.pk, found)} for s in sites]
    movements = queries.movements(found, actor.site_ids)
    holds = list(queries.quarantines(found))
    page = {
        "lot": found,
        "check": checks[0],
        "here": here,
        "allowed": all(checks[site.pk].usable for site in sites),
        "lines": queries.certificate_lines(found, checks[0].decision),
        "certificate_rule": release.certificate_rule(),
        "overrides": [(o, queries.covered_in_words(o)) for o in queries.overrides(found, actor.site_ids)],
        "holds": holds,
        "recalled": any(hold.kind == hold.Kind.RECALL and not hold.lifted_at for hold in holds),
        "movements": list(movements[:SHOWN_MOVEMENTS]),
        "crumbs": lot_crumbs(found)[:2],
        **_what_may_be_done(actor, any(checks[site.pk].can_be_overridden for site in sites)),
    }
    return render(request, "catalogue/lot.html", page)


@get_or_post
@requires(Permission.MANAGE_CATALOGUE)
def add_lot(request: HttpRequest, product_id: int) -> HttpResponse:
    """Add a lot with its whole certificate in one go."""
    product = find_product(product_id)
    form = LotForm(sent(request), sent_files(request))
    if request.method == "POST":
        if _too_large(request):
            limit = filesizeformat(settings.UPLOAD_FILE_LIMIT)
            form.add_error("certificate_file", f"This file is larger than {limit}. Choose a smaller one.")
        elif form.is_valid():
            made = form.attempt(actions.add_lot, by=actor_of(request), product=product, **form.values())
            if made is not None:
                _say_how_it_stands(request, made)
                return redirect("catalogue:lot", made.pk)
    return form_page(
        request,
        form,
        title="Add a lot",
        submit="Add lot",
        lead=f"A lot of {product.name} with its release certificate. Copy what the paper says, no more.",
        crumbs=product_crumbs(product),
        template="catalogue/add_lot.html",
        multipart=True,
    )


@get_or_post
@requires(Permission.MANAGE_CATALOGUE)
def record_release_test(request: HttpRequest, lot_id: int) -> HttpResponse:
    """Add one more result to a lot."""
    found = find_lot(lot_id)
    form = ReleaseTestForm(sent(request), initial={"test": request.GET.get("test", "")})
    if form.is_valid():
        made = form.attempt(actions.record_release_test, by=actor_of(request), lot=found, **form.values())
        if made is not None:
            messages.success(request, "The result was added.")
            return redirect("catalogue:lot", found.pk)
    return form_page(
        request,
        form,
        title="Add a release result",
        submit="Add result",
        lead=f"For {found}. Earlier results stay; if results of one test differ, the worst counts.",
        crumbs=lot_crumbs(found),
    )


@get_or_post
@requires(Permission.MANAGE_CATALOGUE)
def state_expiry(request: HttpRequest, lot_id: int) -> HttpResponse:
    """Give a lot the expiry date that was not known."""
    found = find_lot(lot_id)
    form = ExpiryForm(sent(request))
    if form.is_valid():
        done = form.attempt(actions.state_expiry, by=actor_of(request), lot=found, **form.values())
        if done is not None:
            messages.success(request, "The expiry date was entered.")
            return redirect("catalogue:lot", found.pk)
    return form_page(
        request,
        form,
        title="Enter the expiry date",
        submit="Enter date",
        lead=f"For {found}. It can be entered once and not changed afterwards.",
        crumbs=lot_crumbs(found),
    )


def _what_may_be_done(actor: Actor, can_be_overridden: bool) -> dict[str, bool]:
    return {
        "may_manage": actor.can(Permission.MANAGE_CATALOGUE),
        "may_override": can_be_overridden and actor.can(Permission.OVERRIDE_LOT),
        "may_hold": actor.can(Permission.RUN_WATCH),
        "may_move": actor.can(Permission.TREAT),
    }


def _say_how_it_stands(request: HttpRequest, lot: Lot) -> None:
    check = queries.lot_check(lot, None, timezone.localdate())
    if check.usable:
        messages.success(request, f"Lot {lot.number} was added. By its certificate it may be used.")
    else:
        messages.warning(request, f"Lot {lot.number} was added. It must not be used; the reasons are below.")


def _too_large(request: HttpRequest) -> bool:
    """The upload handler of the house drops a file past the limit and notes its field on the request."""
    return request.META.get(TOO_LARGE) == "certificate_file"
