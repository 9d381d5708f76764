"""The investigation that an alarm opens: decisions carried out through the other rooms, closing and reopening."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from exovigil.catalogue import actions as catalogue
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission
from exovigil.signals.actions.notices import send_after_commit
from exovigil.signals.models import Alarm, AlarmDecision, Notice
from exovigil.signals.queries.alarms import sites_that_used

if TYPE_CHECKING:
    from exovigil.catalogue.models import Lot

SHORTEST_NOTE = 20
Kind = AlarmDecision.Kind
MEASURES = {Kind.QUARANTINE, Kind.RECALL, Kind.INFORM}
CHOICES = (Kind.LOOK_INTO, Kind.QUARANTINE, Kind.RECALL, Kind.INFORM, Kind.NO_ACTION)


@action(Permission.RUN_WATCH)
def decide_alarm(
    *, by: Actor, alarm: Alarm, decision: str, note: str, lots: "Collection[Lot]" = ()
) -> AlarmDecision:
    """Decide on an alarm and carry it out: quarantine or recall ``lots``, inform, look into it, or no action.

    Without ``lots`` the alarm's own lot is meant; an alarm on a product names none, so they must be chosen. To inform,
    every clinic that used the alarm's lot or product gets a notice.
    """
    if decision not in CHOICES:
        raise Refused("Choose what is decided.", "decision")
    note, locked = _note(note), _lock(alarm)
    if locked.is_closed:
        raise Refused("This investigation is closed. Reopen it first, with the reason.")
    done = _carry_out(by, locked, Kind(decision), note, lots)
    state = Alarm.State(locked.state) if decision == Kind.NO_ACTION else Alarm.State.CONFIRMED
    made = _decided(by, locked, Kind(decision), state, note, done)
    if decision == Kind.INFORM:
        notices = [
            Notice.objects.create(alarm=locked, decision=made, site=site) for site in sites_that_used(locked)
        ]
        made.done = {"clinics": sorted(notice.site.code for notice in notices if notice.site)}
        made.save(update_fields=["done"])
        send_after_commit(notices)
    return made


@action(Permission.RUN_WATCH)
def close_alarm(*, by: Actor, alarm: Alarm, note: str) -> AlarmDecision:
    """Close an investigation with the reason; something must have been decided since it was (re)opened."""
    note, locked = _note(note), _lock(alarm)
    if locked.is_closed:
        raise Refused("This investigation is closed already.")
    decided = _since_opening(locked)
    if not decided - {Kind.LOOK_INTO}:
        raise Refused("Nothing was decided yet. Decide on a measure, or on no action, and then close.")
    state = Alarm.State.CLOSED if decided & MEASURES else Alarm.State.DISMISSED
    return _decided(by, locked, Kind.CLOSE, state, note, {})


@action(Permission.RUN_WATCH)
def reopen_alarm(*, by: Actor, alarm: Alarm, note: str) -> AlarmDecision:
    """Open a closed investigation again, with the reason; what was decided before stays."""
    note, locked = _note(note), _lock(alarm)
    if not locked.is_closed:
        raise Refused("This investigation is open.")
    return _decided(by, locked, Kind.REOPEN, Alarm.State.OPEN, note, {})


def _note(text: str) -> str:
    if len(text.strip()) < SHORTEST_NOTE:
        raise Refused(
            f"Write at least {SHORTEST_NOTE} characters, so that others can follow the decision.", "note"
        )
    return text.strip()


def _lock(alarm: Alarm) -> Alarm:
    return (
        Alarm.objects.select_for_update(of=("self",))
        .select_related("product", "lot__product")
        .get(pk=alarm.pk)
    )


def _decided(
    by: Actor, alarm: Alarm, kind: AlarmDecision.Kind, state: Alarm.State, note: str, done: dict[str, Any]
) -> AlarmDecision:
    before, alarm.state = alarm.state, state
    alarm.save(update_fields=["state"])
    made = AlarmDecision.objects.create(
        alarm=alarm, kind=kind, state=state, note=note, done=done, decided_by_id=by.user_id
    )
    audit.record(
        "signals.alarm.decided",
        by=by,
        target=alarm,
        decision=str(kind),
        before=before,
        state=str(state),
        **done,
    )
    return made


def _carry_out(
    by: Actor, alarm: Alarm, kind: AlarmDecision.Kind, note: str, lots: "Collection[Lot]"
) -> dict[str, Any]:
    """Hold the lots of a quarantine or recall; a lot that is held so already is named and left as it is."""
    if kind not in {Kind.QUARANTINE, Kind.RECALL}:
        if lots:
            raise Refused("Lots are chosen for a quarantine or a recall only. Take them out.", "lots")
        return {}
    chosen = list(lots) or ([alarm.lot] if alarm.lot else [])
    if not chosen:
        raise Refused("This alarm is on a product. Choose the lots it is about.", "lots")
    if any(lot.product_id != alarm.product_id for lot in chosen):
        raise Refused("Choose lots of the alarm’s product.", "lots")
    act = catalogue.quarantine_lot if kind == Kind.QUARANTINE else catalogue.recall_lot
    held, before = [], []
    for lot in sorted(chosen, key=lambda lot: lot.pk):
        try:
            act(by=by, lot=lot, reason=f"Alarm of the watch: {note}")
            held.append(lot.number)
        except Refused:
            before.append(lot.number)
    if not held:
        raise Refused("Every lot chosen is held so already. Choose others, or another decision.", "lots")
    return {"lots": held} | ({"held_before": before} if before else {})


def _since_opening(alarm: Alarm) -> set[AlarmDecision.Kind]:
    """Return what was decided since the alarm was raised or reopened last."""
    found = set[AlarmDecision.Kind]()
    for kind in alarm.decisions.values_list("kind", flat=True):  # newest first
        if kind == Kind.REOPEN:
            break
        found.add(Kind(kind))
    return found
