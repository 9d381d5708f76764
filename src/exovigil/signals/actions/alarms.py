"""Deciding about an alarm."""

from exovigil.catalogue import actions as catalogue
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission
from exovigil.signals.models import Alarm, AlarmDecision

SHORTEST_NOTE = 20


@action(Permission.RUN_WATCH)
def decide_alarm(
    *, by: Actor, alarm: Alarm, decision: str, note: str, quarantine: bool = False
) -> AlarmDecision:
    """Confirm an alarm with what will be done, or dismiss it with the reason; deciding again is possible.

    ``decision`` is ``confirmed`` or ``dismissed``. With ``quarantine`` the alarm's lot is stopped at every site.
    """
    if decision not in {Alarm.State.CONFIRMED, Alarm.State.DISMISSED}:
        raise Refused("Choose whether the alarm is confirmed or dismissed.", "decision")
    if len(note.strip()) < SHORTEST_NOTE:
        raise Refused(
            f"Write at least {SHORTEST_NOTE} characters, so that others can follow the decision.", "note"
        )
    locked = Alarm.objects.select_for_update(of=("self",)).select_related("lot").get(pk=alarm.pk)
    if quarantine:
        _quarantine(by, locked, decision, note)
    before, locked.state = locked.state, decision
    locked.save(update_fields=["state"])
    made = AlarmDecision.objects.create(
        alarm=locked, state=decision, note=note.strip(), quarantined=quarantine, decided_by_id=by.user_id
    )
    audit.record(
        "signals.alarm.decided",
        by=by,
        target=locked,
        decision=decision,
        before=before,
        quarantined=quarantine,
    )
    return made


def _quarantine(by: Actor, alarm: Alarm, decision: str, note: str) -> None:
    if alarm.lot is None:
        raise Refused(
            "This alarm is on a product, not on a lot. Quarantine its lots one by one.", "quarantine"
        )
    if decision != Alarm.State.CONFIRMED:
        raise Refused("Only a confirmed alarm can quarantine its lot.", "quarantine")
    if not alarm.lot.is_quarantined:
        catalogue.quarantine_lot(by=by, lot=alarm.lot, reason=f"Alarm of the watch: {note.strip()}")
