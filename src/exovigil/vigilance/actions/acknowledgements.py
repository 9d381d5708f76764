"""Receivers' answers: matched to the report they are about, kept sealed, and what they change."""

import hashlib
from typing import TYPE_CHECKING

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.governance.vault import seal
from exovigil.vigilance.ack_verdict import Verdict, verdict_on
from exovigil.vigilance.actions.cases import refuse_other_site
from exovigil.vigilance.e2b.acknowledgement import Acknowledgement as Read
from exovigil.vigilance.e2b.acknowledgement import read_acknowledgement
from exovigil.vigilance.e2b.reader import RefusedXml
from exovigil.vigilance.models import Acknowledgement, Case, CaseSubmission, Report

if TYPE_CHECKING:
    from django.core.files.base import File

LIMIT = 5 * 1024 * 1024  # bytes


@action(Permission.ASSESS_CASE)
def receive_acknowledgement(
    *, by: Actor, site: Site, source: "File[bytes]", submission: CaseSubmission | None = None
) -> Acknowledgement:
    """Read a receiver's answer, match it to the report it is about, and keep it sealed.

    The submissions of that report take its verdict: a rejected one meets no duty, so that its clock runs on. A case
    whose latest report it is becomes accepted or open again. The same answer twice changes nothing. Refuses an answer
    to a batch that this site did not write, and one that is not about ``submission`` where that is given.
    """
    source.seek(0)
    data = source.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise Refused(
            "This file is larger than 5 MB. An acknowledgement is not; check which file it is.", "source"
        )
    try:
        read = read_acknowledgement(data)
    except RefusedXml as error:
        raise Refused(f"This is no acknowledgement that can be read: {error}.", "source") from error
    report = _report_of(site, read)
    if submission is not None:
        _refuse_stranger(site, submission, report)
    sha256 = hashlib.sha256(data).hexdigest()
    earlier = Acknowledgement.objects.filter(report=report, sha256=sha256).first()
    if earlier is not None:
        audit.record("vigilance.acknowledgement.read_again", by=by, target=earlier, site=site)
        return earlier
    found = verdict_on(read, _message_number(report))
    sent = _submissions(report, submission)
    row = Acknowledgement.objects.create(
        site=site,
        case=report.case,
        report=report,
        submission=sent[0] if sent else None,
        number=read.number[:100],
        sender=read.sender[:100],
        batch_code=read.batch.state[:4],
        message_code=found.code[:4],
        verdict=found.state,
        reason=found.reason,
        local_number=found.local_number[:100],
        content=seal(data),
        sha256=sha256,
        read_by_id=by.user_id,
    )
    for one in sent:
        one.answer, one.report = found.state, report
        one.save(update_fields=["answer", "report"])
    report.answer, report.answer_reason = found.state, found.reason
    report.save(update_fields=["answer", "answer_reason"])
    _tell_case(report, found)
    audit.record(
        "vigilance.acknowledgement.received",
        by=by,
        target=row,
        site=site,
        case=report.case_id,
        report=report.number,
        verdict=found.state,
        submissions=[one.pk for one in sent],
        sha256=sha256,
    )
    return row


def _report_of(site: Site, read: Read) -> Report:
    """Find the report that an answer is about, by the number of its batch; its row and its case's are held."""
    number = read.batch.identifier
    found = Report.objects.filter(site=site, batch=number).first() if number else None
    if found is None:
        named = f"batch “{number[:100]}”" if number else "a batch that it does not name"
        raise Refused(
            f"This answers {named}, which this site did not write. Check the file, and the site you act for.",
            "source",
        )
    Case.objects.select_for_update(no_key=True).get(pk=found.case_id)
    return found


def _refuse_stranger(site: Site, submission: CaseSubmission, report: Report) -> None:
    refuse_other_site(submission.case, site)
    of_another = submission.report_id is not None and submission.report_id != report.pk
    if submission.case_id != report.case_id or of_another:
        raise Refused(
            f"This answers report {report.number} of case {report.case.number}, not what was sent here.",
            "source",
        )


def _message_number(report: Report) -> str:
    """Give the number of the message in a report's batch: the batch's without the count at its end."""
    return report.batch.rpartition("-")[0]


def _submissions(report: Report, named: CaseSubmission | None) -> list[CaseSubmission]:
    """Give the submissions that sent this report; without any, the one from whose page the answer came."""
    rows = list(CaseSubmission.objects.select_for_update(no_key=True).filter(report=report).order_by("pk"))
    if named is not None and named.pk not in {row.pk for row in rows}:
        rows.insert(0, CaseSubmission.objects.select_for_update(no_key=True).get(pk=named.pk))
    return rows


def _tell_case(report: Report, found: Verdict) -> None:
    """Set the state of the case when its latest report was answered and nothing has changed since."""
    case = Case.objects.get(pk=report.case_id)
    latest = Report.objects.filter(case=case).order_by("-number").first()
    told = {Case.State.REPORTED, Case.State.ACCEPTED}
    if latest is None or latest.pk != report.pk or case.state not in told:
        return
    case.state = Case.State.OPEN if found.state == Acknowledgement.Verdict.REJECTED else Case.State.ACCEPTED
    case.save(update_fields=["state"])
