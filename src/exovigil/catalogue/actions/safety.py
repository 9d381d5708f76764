"""Decisions about whether a lot may be used: override at one site, quarantine and recall at every site."""

from django.utils import timezone

from exovigil.catalogue.models import Lot, LotOverride, Quarantine
from exovigil.catalogue.queries.checks import LotCheck, fault_keys, lot_check
from exovigil.catalogue.queries.lots import lot as find_lot
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission

SHORTEST_REASON = 20


@action(Permission.OVERRIDE_LOT)
def override_lot(*, by: Actor, site: Site, lot: Lot, reason: str) -> LotOverride:
    """Allow, at one site, a lot that its release tests block.

    Only what blocks it today is covered: a fault found later blocks the lot again. Expiry and quarantine
    cannot be overridden.
    """
    reason = _reason(reason)
    Lot.objects.select_for_update().get(pk=lot.pk)
    check = lot_check(find_lot(lot.pk), site, timezone.localdate())
    if not check.can_be_overridden:
        raise Refused(_why_not(check))
    covers = fault_keys(check.decision)
    override = LotOverride.objects.create(
        site=site, lot=lot, reason=reason, covers=covers, made_by_id=by.user_id
    )
    audit.record("catalogue.lot.overridden", by=by, target=override, site=site, lot=lot.pk, covers=covers)
    return override


@action(Permission.RUN_WATCH)
def quarantine_lot(*, by: Actor, lot: Lot, reason: str) -> Quarantine:
    """Stop the use of a lot at every site until somebody lifts the quarantine."""
    reason = _reason(reason)
    locked = Lot.objects.select_for_update().get(pk=lot.pk)
    if locked.is_quarantined:
        raise Refused("This lot is in quarantine already.")
    hold = _hold(by, locked, reason, Quarantine.Kind.QUARANTINE)
    audit.record("catalogue.lot.quarantined", by=by, target=locked, quarantine=hold.pk)
    return hold


@action(Permission.RUN_WATCH)
def recall_lot(*, by: Actor, lot: Lot, reason: str) -> Quarantine:
    """Recall a lot: stop it at every site, and ask each to send back or discard what is left.

    A quarantine that is open ends with the recall that takes its place.
    """
    reason = _reason(reason)
    locked = Lot.objects.select_for_update().get(pk=lot.pk)
    earlier = Quarantine.objects.filter(lot=locked, lifted_at__isnull=True).first()
    if earlier is not None:
        if earlier.kind == Quarantine.Kind.RECALL:
            raise Refused("This lot is recalled already.")
        _lift(by, earlier, "The lot was recalled.")
    hold = _hold(by, locked, reason, Quarantine.Kind.RECALL)
    audit.record("catalogue.lot.recalled", by=by, target=locked, quarantine=hold.pk)
    return hold


@action(Permission.RUN_WATCH)
def release_quarantine(*, by: Actor, lot: Lot, reason: str) -> Quarantine:
    """Lift the quarantine of a lot; release tests and expiry still count as before."""
    reason = _reason(reason)
    locked = Lot.objects.select_for_update().get(pk=lot.pk)
    hold = Quarantine.objects.filter(lot=locked, lifted_at__isnull=True).first()
    if hold is None:
        raise Refused("This lot is not in quarantine.")
    _lift(by, hold, reason)
    locked.is_quarantined = False
    locked.save(update_fields=["is_quarantined"])
    audit.record("catalogue.lot.quarantine_lifted", by=by, target=locked, quarantine=hold.pk)
    return hold


def _hold(by: Actor, lot: Lot, reason: str, kind: Quarantine.Kind) -> Quarantine:
    hold = Quarantine.objects.create(lot=lot, kind=kind, reason=reason, placed_by_id=by.user_id)
    lot.is_quarantined = True
    lot.save(update_fields=["is_quarantined"])
    return hold


def _lift(by: Actor, hold: Quarantine, reason: str) -> None:
    hold.lifted_at, hold.lifted_by_id, hold.lifted_because = timezone.now(), by.user_id, reason
    hold.save(update_fields=["lifted_at", "lifted_by", "lifted_because"])


def _reason(text: str) -> str:
    text = text.strip()
    if len(text) < SHORTEST_REASON:
        raise Refused(
            f"Give the reason in at least {SHORTEST_REASON} characters, so that others can follow it.",
            "reason",
        )
    return text


def _why_not(check: LotCheck) -> str:
    if check.quarantined:
        return "A lot in quarantine cannot be overridden. The quarantine has to be lifted first."
    if check.expired:
        return "An expired lot cannot be overridden. Use another lot."
    if check.overridden_by:
        return "This lot is allowed at this site already."
    if check.decision.blocking:
        return "The expiry date is not known, and an override cannot stand for it. Enter the expiry date."
    return "Nothing blocks this lot; it may be used as it is."
