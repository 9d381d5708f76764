"""Recording what was looked for and what was tried."""

import datetime as dt

from django.utils import timezone

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.vigilance.actions.cases import heard, refuse_other_site
from exovigil.vigilance.models import Case, Investigation, Management


@action(Permission.OPEN_CASE)
def record_investigation(
    *,
    by: Actor,
    site: Site,
    case: Case,
    kind: str,
    result: str,
    taken_on: dt.date | None = None,
    resulted_on: dt.date | None = None,
    finding: str = "",
    informed_on: dt.date | None = None,
) -> Investigation:
    """Record an investigation, or what has since become known of it; there is one of each kind in a case.

    A sample is not taken before the treatment and not reported before it was taken. What was not done has no dates,
    and a result still awaited has no date of result.
    """
    refuse_other_site(case, site)
    if kind not in Investigation.Kind.values:
        raise Refused("Choose the investigation.", "kind")
    if result not in Investigation.Result.values:
        raise Refused("Choose the result, “Not done” if it was not.", "result")
    _refuse_bad_dates(case, result, taken_on, resulted_on)
    row, made = Investigation.objects.update_or_create(
        case=case,
        kind=kind,
        defaults={
            "site": site,
            "result": result,
            "taken_on": taken_on,
            "resulted_on": resulted_on,
            "finding": finding.strip(),
        },
    )
    heard(case, informed_on)
    audit.record(
        "vigilance.investigation.recorded", by=by, target=row, site=site, case=case.pk, kind=kind, new=made
    )
    return row


@action(Permission.OPEN_CASE)
def record_management(
    *,
    by: Actor,
    site: Site,
    case: Case,
    kind: str,
    response: str = Management.Response.UNKNOWN,
    started_on: dt.date | None = None,
    note: str = "",
    management: Management | None = None,
    informed_on: dt.date | None = None,
) -> Management:
    """Record a treatment tried for the reaction, or correct ``management``, one recorded before."""
    refuse_other_site(case, site)
    if management is not None and management.case_id != case.pk:
        raise Refused("This treatment was recorded in another case.")
    if kind not in Management.Kind.values:
        raise Refused("Choose the treatment that was tried.", "kind")
    if response not in Management.Response.values:
        raise Refused("Choose the response, “Not known” if nobody has said.", "response")
    _refuse_future(started_on, "started_on")
    if started_on and case.treatment and started_on < case.treatment.treated_on:
        raise Refused(
            "It started before the treatment it is thought to have followed. Check the date.", "started_on"
        )
    row = management or Management(case=case, site=site)
    row.kind, row.response, row.started_on, row.note = kind, response, started_on, note.strip()
    row.save()
    heard(case, informed_on)
    audit.record(
        "vigilance.management.recorded",
        by=by,
        target=row,
        site=site,
        case=case.pk,
        kind=kind,
        new=management is None,
    )
    return row


def _refuse_bad_dates(case: Case, result: str, taken_on: dt.date | None, resulted_on: dt.date | None) -> None:
    if result == Investigation.Result.NOT_DONE and (taken_on or resulted_on):
        raise Refused("It was not done, so it has no dates. Clear them, or choose another result.", "result")
    if result == Investigation.Result.PENDING and resulted_on:
        raise Refused(
            "The result is awaited, so it has no date yet. Clear it, or choose the result.", "resulted_on"
        )
    _refuse_future(taken_on, "taken_on")
    _refuse_future(resulted_on, "resulted_on")
    if taken_on and case.treatment and taken_on < case.treatment.treated_on:
        raise Refused("It was taken before the treatment. Check the date.", "taken_on")
    if taken_on and resulted_on and resulted_on < taken_on:
        raise Refused("The result is dated before the sample. Check both dates.", "resulted_on")
    if resulted_on and case.treatment and resulted_on < case.treatment.treated_on:
        raise Refused("The result is dated before the treatment. Check the date.", "resulted_on")


def _refuse_future(day: dt.date | None, field: str) -> None:
    if day and day > timezone.localdate():
        raise Refused("This date is in the future. Enter the day it happened.", field)
