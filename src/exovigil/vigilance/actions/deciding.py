"""What becomes of a report from outside: a person opens a case, adds it to one, or sets it aside. Nothing is merged."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from exovigil.foundation.unknown import Missing
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.vigilance import seriousness
from exovigil.vigilance.actions.cases import (
    heard,
    open_case,
    record_outcome,
    record_seriousness,
    refuse_nullified,
    refuse_other_site,
)
from exovigil.vigilance.actions.duties import record_duty_facts
from exovigil.vigilance.actions.intake import waiting
from exovigil.vigilance.actions.versions import freeze_before, freeze_follow_up
from exovigil.vigilance.minimum import missing_of
from exovigil.vigilance.models import Case, IncomingReport, ReportIdentifier
from exovigil.vigilance.regimes import Claim, ReporterRole, Status

if TYPE_CHECKING:
    from exovigil.catalogue.models import Lot, Product

TAKEABLE = ("words", "onset", "outcome", "serious")  # what a person may take over into a case
LONGEST_REASON = 2000  # characters


@action(Permission.ASSESS_CASE)
def open_case_from_report(
    *,
    by: Actor,
    site: Site,
    incoming: IncomingReport,
    term: str,
    words: str,
    product: "Product | None" = None,
    lot: "Lot | None" = None,
    onset: str = "",
    regions: Sequence[str] = (),
    lesion: str = "",
) -> Case:
    """Open a case from a valid report; the clocks count from the day its four criteria were first known.

    Refuses while a minimum criterion is missing and names it: such a report is chased.
    """
    incoming = waiting(site, incoming)
    if incoming.valid_on is None:
        asked = "; ".join(criterion.ask for criterion in missing_of(incoming.met))
        raise Refused(f"This is no valid report yet. Ask {asked}; then write it down under Complete.")
    case = open_case(
        by=by,
        site=site,
        term=term,
        words=words,
        product=product,
        lot=lot,
        reporter=incoming.reporter,
        source=incoming.source,
        received_on=incoming.received_on,
        onset=onset,
        regions=regions,
        lesion=lesion,
    )
    _carry_over(by, site, case, incoming)
    if incoming.valid_on != incoming.received_on:
        record_duty_facts(
            by=by,
            site=site,
            case=case,
            status=Status.UNKNOWN.value,
            claim=Claim.UNKNOWN.value,
            role=ReporterRole.UNKNOWN.value,
            day_zero=incoming.valid_on,
        )
    _decide(by, site, incoming, IncomingReport.State.OPENED, case=case)
    return case


@action(Permission.ASSESS_CASE)
def add_report_to_case(
    *,
    by: Actor,
    site: Site,
    incoming: IncomingReport,
    case: Case,
    take: Iterable[str] = (),
    reason: str = "",
    informed_on: dt.date | None = None,
) -> IncomingReport:
    """Add a report to a case as new information: what is taken over is chosen, and a follow-up version is frozen.

    ``take`` names what the case takes over of the report: words (added below the case's own), onset, outcome,
    serious (criteria answered yes). The report itself stays as it came.
    """
    incoming = waiting(site, incoming)
    refuse_other_site(case, site)
    refuse_nullified(case)
    chosen = set(take)
    if chosen - set(TAKEABLE):
        raise Refused("Choose from what the report says.", "take")
    freeze_before(by, case, f"As the case stood before report {incoming.number} was added.")
    changed = _take_over(case, incoming, chosen)
    heard(case, informed_on or incoming.received_on, *changed)
    _decide(by, site, incoming, IncomingReport.State.ADDED, case=case, reason=reason)
    freeze_follow_up(
        by, case, f"Report {incoming.number} was added: {incoming.get_source_display().lower()}."
    )
    return incoming


@action(Permission.ASSESS_CASE)
def set_report_aside(*, by: Actor, site: Site, incoming: IncomingReport, reason: str) -> IncomingReport:
    """Set a report aside with the reason; it stays readable and can be taken up again."""
    incoming = waiting(site, incoming)
    _decide(by, site, incoming, IncomingReport.State.ASIDE, reason=_checked(reason))
    return incoming


@action(Permission.ASSESS_CASE)
def take_report_up_again(*, by: Actor, site: Site, incoming: IncomingReport, reason: str) -> IncomingReport:
    """Take up a report that was set aside; it waits for a decision again."""
    if incoming.site_id != site.pk:
        raise Refused("This report belongs to another site.")
    row = IncomingReport.objects.select_for_update(no_key=True).get(pk=incoming.pk)
    if row.state != IncomingReport.State.ASIDE:
        raise Refused("Only a report that was set aside can be taken up again.")
    _decide(by, site, row, IncomingReport.State.WAITING, reason=_checked(reason))
    return row


def _carry_over(by: Actor, site: Site, case: Case, incoming: IncomingReport) -> None:
    """Write into a new case what the report says of seriousness and outcome; what it does not say was not asked."""
    if incoming.serious:
        answers = {
            c.code: "yes" if c.code in incoming.serious else Missing.NOT_ASKED.value
            for c in seriousness.criteria()
        }
        record_seriousness(by=by, site=site, case=case, answers=answers, informed_on=incoming.received_on)
    if incoming.outcome != Case.Outcome.UNKNOWN:
        record_outcome(
            by=by, site=site, case=case, outcome=incoming.outcome, informed_on=incoming.received_on
        )


def _take_over(case: Case, incoming: IncomingReport, chosen: set[str]) -> list[str]:
    """Set on the case what was chosen; give the names of its fields that changed."""
    changed = []
    if "words" in chosen and incoming.words:
        case.words = f"{case.words}\n\n[{incoming.number}] {incoming.words}"
        changed.append("words")
    if "onset" in chosen and incoming.onset:
        case.onset = incoming.onset
        changed.append("onset")
    if "serious" in chosen and incoming.serious:
        case.seriousness = {**case.seriousness, **dict.fromkeys(incoming.serious, "yes")}
        changed.append("seriousness")
    if "outcome" in chosen and incoming.outcome != Case.Outcome.UNKNOWN:
        fatal = incoming.outcome == Case.Outcome.FATAL
        if fatal and case.seriousness.get("death") == "no":
            raise Refused(
                "The case says that it did not result in death. Take the seriousness over too.", "take"
            )
        case.outcome = incoming.outcome
        changed.append("outcome")
    return changed


def _decide(
    by: Actor,
    site: Site,
    incoming: IncomingReport,
    state: str,
    *,
    case: Case | None = None,
    reason: str = "",
) -> None:
    incoming.state, incoming.case, incoming.reason = state, case, reason.strip()[:LONGEST_REASON]
    incoming.decided_at, incoming.decided_by_id = timezone.now(), by.user_id
    incoming.save(update_fields=["state", "case", "reason", "decided_at", "decided_by"])
    ReportIdentifier.objects.filter(incoming=incoming).update(case=case)
    audit.record(
        "vigilance.incoming.decided",
        by=by,
        target=incoming,
        site=site,
        state=str(state),
        case=case.pk if case else None,
    )


def _checked(reason: str) -> str:
    if not reason.strip():
        raise Refused("Say why, in a sentence.", "reason")
    if len(reason.strip()) > LONGEST_REASON:
        raise Refused(f"At most {LONGEST_REASON:,} characters. Shorten it.", "reason")
    return reason.strip()
