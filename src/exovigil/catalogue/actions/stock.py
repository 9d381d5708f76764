"""Stock ledger: entries are only ever added."""

import datetime as dt

from django.utils import timezone

from exovigil.catalogue.models import Lot, StockMovement
from exovigil.catalogue.queries.checks import lot_check
from exovigil.catalogue.queries.lots import lot as find_lot
from exovigil.catalogue.queries.stock import stock
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission

MOST_VIALS = 100_000
Reason = StockMovement.Reason


@action(Permission.TREAT)
def receive_stock(
    *, by: Actor, site: Site, lot: Lot, vials: int, on: dt.date, reference: str = ""
) -> StockMovement:
    """Enter vials that arrived; a blocked lot can arrive too, it just cannot be used."""
    if lot.made_on and on < lot.made_on:
        raise Refused("The lot was not made yet on that day. Check the date.", "on")
    _check(vials, on)
    return _move(by, site, lot, vials, Reason.RECEIVED, on, reference)


@action(Permission.TREAT)
def use_stock(*, by: Actor, site: Site, lot: Lot, vials: int, on: dt.date, reference: str) -> StockMovement:
    """Take out what a treatment used; refuses a lot that may not be used here and more than there is.

    ``reference`` names the treatment (``treatment:12``) and holds nothing about the patient.
    """
    _check(vials, on)
    check = lot_check(find_lot(lot.pk), site, on)
    if not check.usable:
        raise Refused(f"Lot {lot.number} must not be used: {'; '.join(check.reasons)}.", "lot")
    _check_balance(site, lot, vials)
    return _move(by, site, lot, -vials, Reason.USED, on, reference)


@action(Permission.TREAT)
def remove_stock(
    *, by: Actor, site: Site, lot: Lot, vials: int, reason: str, on: dt.date, reference: str = ""
) -> StockMovement:
    """Take out vials that were discarded or returned to the supplier."""
    if reason not in {Reason.DISCARDED, Reason.RETURNED}:
        raise Refused("Say whether the vials were discarded or returned.", "reason")
    _check(vials, on)
    _check_balance(site, lot, vials)
    return _move(by, site, lot, -vials, reason, on, reference)


def _check(vials: int, day: dt.date) -> None:
    if not 1 <= vials <= MOST_VIALS:
        raise Refused(f"Enter a number of vials from 1 to {MOST_VIALS:,}.", "vials")
    if day > timezone.localdate():
        raise Refused("This date is in the future. Enter the day it happened.", "on")


def _check_balance(site: Site, lot: Lot, vials: int) -> None:
    """Hold the lot's row so that two people cannot both take the last vial."""
    Lot.objects.select_for_update().get(pk=lot.pk)
    held = stock(site.pk, lot)
    if vials > held:
        raise Refused(
            f"Only {held} vial{'s' if held != 1 else ''} of lot {lot.number} in stock at {site.name}. "
            "Enter what was received first, or check the lot.",
            "vials",
        )


def _move(
    by: Actor, site: Site, lot: Lot, vials: int, reason: str, day: dt.date, reference: str
) -> StockMovement:
    entry = StockMovement.objects.create(
        site=site, lot=lot, vials=vials, reason=reason, moved_on=day, reference=reference.strip()
    )
    audit.record(
        f"catalogue.stock.{Reason(reason).value}", by=by, target=entry, site=site, lot=lot.pk, vials=vials
    )
    return entry
