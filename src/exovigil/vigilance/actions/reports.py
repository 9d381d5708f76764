"""Writing a report and letting files leave: what was written is kept as it was written."""

import dataclasses
import hashlib

from django.conf import settings
from django.utils import timezone

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.vigilance import queries
from exovigil.vigilance.actions.cases import refuse_other_site
from exovigil.vigilance.actions.versions import attach_report, version_for_report
from exovigil.vigilance.authority_forms import forms
from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.model import Batch
from exovigil.vigilance.e2b.writer import write
from exovigil.vigilance.facts import missing_minimum
from exovigil.vigilance.icsr_of import icsr_of
from exovigil.vigilance.models import Case, Report

# Who will receive the file is not decided here; a file to be filed is addressed when it is sent.
UNADDRESSED = "NOT-ADDRESSED"


@action(Permission.ASSESS_CASE)
def write_report(*, by: Actor, site: Site, case: Case) -> Report:
    """Write the case as an E2B(R3) file, check it, and keep file, fingerprint and findings together.

    Refuses while a minimum criterion of a valid report is missing, and names it. Without a MedDRA code the file is
    a draft and says so in itself.
    """
    refuse_other_site(case, site)
    Case.objects.select_for_update(no_key=True).get(
        pk=case.pk
    )  # reports of one case are numbered one at a time
    case = queries.case(case.pk)
    missing = missing_minimum(case)
    if missing:
        raise Refused(f"A valid report needs {'; and '.join(missing)}.")
    now = timezone.now()
    number = len(case.reports.all()) + 1
    version = version_for_report(by, case)
    icsr = icsr_of(case, created=now, version=version)
    content = write(
        Batch(
            number=f"{icsr.report_id}-{number}",
            sender=settings.E2B_SENDER,
            receiver=UNADDRESSED,
            created=now,
            cases=(icsr,),
        )
    )
    findings = check(content, now=now)
    report = Report.objects.create(
        site=site,
        case=case,
        number=number,
        batch=f"{icsr.report_id}-{number}",
        content=content.decode(),
        sha256=hashlib.sha256(content).hexdigest(),
        is_draft=icsr.is_draft,
        findings=[dataclasses.asdict(finding) for finding in findings],
        written_by_id=by.user_id,
    )
    attach_report(version, report)
    if case.state != Case.State.NULLIFIED:
        case.state = Case.State.REPORTED
        case.save(update_fields=["state"])
    audit.record(
        "vigilance.report.written",
        by=by,
        target=report,
        site=site,
        case=case.pk,
        number=number,
        sha256=report.sha256,
        is_draft=report.is_draft,
        findings=len(findings),
    )
    return report


@action(Permission.VIEW_CASES)
def hand_out_report(*, by: Actor, site: Site, report: Report) -> Report:
    """Record that a report's file left the registry, and return it unchanged."""
    if report.site_id != site.pk:
        raise Refused("This report belongs to another site.")
    audit.record(
        "vigilance.report.downloaded",
        by=by,
        target=report,
        site=site,
        case=report.case_id,
        sha256=report.sha256,
    )
    return report


@action(Permission.VIEW_CASES)
def hand_out_form(*, by: Actor, site: Site, case: Case, form: str) -> Case:
    """Record that a case left the registry as a paper in the order of an authority's form, and return it unchanged."""
    refuse_other_site(case, site)
    if form not in {row.code for row in forms()}:
        raise Refused("There is no such form. Choose one from the case page.", "form")
    audit.record("vigilance.form.printed", by=by, target=case, site=site, form=form)
    return case


@action(Permission.VIEW_CASES)
def record_export(*, by: Actor, rows: dict[str, int], what: str = "cases") -> None:
    """Record that a list was exported; ``rows`` counts them by site code, ``what`` is cases or incoming."""
    for site in Site.objects.filter(pk__in=by.site_ids):
        audit.record(f"vigilance.{what}.exported", by=by, site=site, rows=rows.get(site.code, 0))
