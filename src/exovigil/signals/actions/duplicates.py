"""Deciding whether two cases are one. Nothing is merged: only the de-duplicated count changes."""

from typing import TYPE_CHECKING

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.signals.models import DuplicateDecision

if TYPE_CHECKING:
    from exovigil.vigilance.models import Case

SHORTEST_REASON = 10


@action(Permission.RUN_WATCH)
def decide_duplicate(
    *, by: Actor, site: Site, first: "Case", second: "Case", decision: str, reason: str
) -> DuplicateDecision:
    """Say that two cases are the same reaction of the same patient, or different ones, and why.

    ``site`` is the first case's; the actor must be a safety officer at both. Deciding again adds a decision, and
    the latest counts, so that every decision can be undone and none is lost.
    """
    by.must(Permission.RUN_WATCH, second.site_id)
    if first.site_id != site.pk:
        raise Refused("The first case belongs to another site.")
    if first.pk == second.pk:
        raise Refused("A case cannot be a duplicate of itself. Choose two cases.")
    if decision not in DuplicateDecision.Decision.values:
        raise Refused("Choose whether they are the same or different.", "decision")
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused(
            f"Give the reason in at least {SHORTEST_REASON} characters, so that others can follow it.",
            "reason",
        )
    low, high = sorted((first.pk, second.pk))
    earlier = DuplicateDecision.objects.filter(first_id=low, second_id=high).first()
    made = DuplicateDecision.objects.create(
        site=site,
        first_id=low,
        second_id=high,
        decision=decision,
        reason=reason.strip(),
        decided_by_id=by.user_id,
    )
    audit.record(
        "signals.duplicate.decided",
        by=by,
        target=made,
        site=site,
        first=low,
        second=high,
        decision=decision,
        before=earlier.decision if earlier else None,
    )
    return made
