"""Chasing what a report lacks, and reading who sent it."""

import datetime as dt

from django.utils import timezone

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.vigilance.actions.intake import waiting
from exovigil.vigilance.models import Chase, IncomingReport


@action(Permission.ASSESS_CASE)
def record_chase(
    *,
    by: Actor,
    site: Site,
    incoming: IncomingReport,
    chased_on: dt.date,
    how: str,
    outcome: str,
    next_on: dt.date | None = None,
) -> Chase:
    """Write down one attempt to get what a report lacks, and when the next is due; none means that it was the last."""
    incoming = waiting(site, incoming)
    if how not in Chase.How.values:
        raise Refused("Choose how it was tried.", "how")
    if not outcome.strip():
        raise Refused("Write what came of it, “no answer” if nothing did.", "outcome")
    if chased_on > timezone.localdate():
        raise Refused("This date is in the future. Enter the day it was tried.", "chased_on")
    if chased_on < incoming.received_on:
        raise Refused("This is before the report came. Check the date.", "chased_on")
    if next_on is not None and next_on <= chased_on:
        raise Refused("The next attempt comes after this one. Choose a later day, or none.", "next_on")
    row = Chase.objects.create(
        site=site,
        incoming=incoming,
        chased_on=chased_on,
        how=how,
        outcome=outcome.strip(),
        next_on=next_on,
        made_by_id=by.user_id,
    )
    audit.record(
        "vigilance.incoming.chased",
        by=by,
        target=row,
        site=site,
        incoming=incoming.pk,
        how=how,
        next_on=str(next_on or ""),
    )
    return row


@action(Permission.ASSESS_CASE)
def read_reporter(*, by: Actor, site: Site, incoming: IncomingReport) -> IncomingReport:
    """Read who sent a report and whom it names; the reading itself is what is recorded."""
    row = IncomingReport.objects.filter(site=site, pk=incoming.pk).first()
    if row is None:
        raise Refused("This report belongs to another site.")
    audit.record("vigilance.incoming.identity_read", by=by, target=row, site=site)
    return row
