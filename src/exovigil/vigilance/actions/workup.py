"""Recording what was looked for and what was tried."""

import datetime as dt

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.vigilance.actions.cases import heard, refuse_future, refuse_other_site
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
            "recorded_by_id": by.user_id,
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
    dose: str = "",
    started_on: dt.date | None = None,
    course: str = Management.Course.UNKNOWN,
    stopped_on: dt.date | None = None,
    note: str = "",
    management: Management | None = None,
    informed_on: dt.date | None = None,
) -> Management:
    """Record a treatment tried for the reaction, or correct ``management``, one recorded before.

    ``course`` says whether it still goes on; a day on which it stopped belongs to one that was stopped, and may stay
    unknown.
    """
    refuse_other_site(case, site)
    if management is not None and management.case_id != case.pk:
        raise Refused("This treatment was recorded in another case.")
    if kind not in Management.Kind.values:
        raise Refused("Choose the treatment that was tried.", "kind")
    if response not in Management.Response.values:
        raise Refused("Choose the response, “Not known” if nobody has said.", "response")
    if course not in Management.Course.values:
        raise Refused("Choose whether it still goes on, “Not known” if nobody has said.", "course")
    _refuse_bad_course(case, course, started_on, stopped_on)
    row = management or Management(case=case, site=site)
    row.kind, row.response, row.course = kind, response, course
    row.dose, row.note = dose.strip(), note.strip()
    row.started_on, row.stopped_on, row.recorded_by_id = started_on, stopped_on, by.user_id
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


def _refuse_bad_course(
    case: Case, course: str, started_on: dt.date | None, stopped_on: dt.date | None
) -> None:
    refuse_future(started_on, "started_on")
    refuse_future(stopped_on, "stopped_on")
    if started_on and case.treatment and started_on < case.treatment.treated_on:
        raise Refused(
            "It started before the treatment it is thought to have followed. Check the date.", "started_on"
        )
    if stopped_on and course != Management.Course.STOPPED:
        raise Refused("It has a day on which it stopped. Choose “Stopped”, or clear the day.", "course")
    if started_on and stopped_on and stopped_on < started_on:
        raise Refused("It stopped before it started. Check both dates.", "stopped_on")


def _refuse_bad_dates(case: Case, result: str, taken_on: dt.date | None, resulted_on: dt.date | None) -> None:
    if result == Investigation.Result.NOT_DONE and (taken_on or resulted_on):
        raise Refused("It was not done, so it has no dates. Clear them, or choose another result.", "result")
    if result == Investigation.Result.PENDING and resulted_on:
        raise Refused(
            "The result is awaited, so it has no date yet. Clear it, or choose the result.", "resulted_on"
        )
    refuse_future(taken_on, "taken_on")
    refuse_future(resulted_on, "resulted_on")
    if taken_on and case.treatment and taken_on < case.treatment.treated_on:
        raise Refused("It was taken before the treatment. Check the date.", "taken_on")
    if taken_on and resulted_on and resulted_on < taken_on:
        raise Refused("The result is dated before the sample. Check both dates.", "resulted_on")
    if resulted_on and case.treatment and resulted_on < case.treatment.treated_on:
        raise Refused("The result is dated before the treatment. Check the date.", "resulted_on")
