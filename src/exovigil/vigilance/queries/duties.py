"""Reads of duties: what is owed, by when, and the submissions made."""

import datetime as dt

from django.db.models import Prefetch, QuerySet

from exovigil.catalogue import queries as catalogue
from exovigil.governance.models import Membership, Site
from exovigil.governance.roles import MEMBER_ROLES, Permission
from exovigil.vigilance.duties import CaseDuties, DutyLine, duties_of
from exovigil.vigilance.duty_models import CaseSubmission, DutyReminder
from exovigil.vigilance.models import Case


def duties(case: Case) -> CaseDuties:
    """Who must hear of one case, by when and how."""
    return duties_of(case, catalogue.claimed_bases([case.product_id] if case.product_id else []))


def open_duties() -> list[DutyLine]:
    """Every duty in scope that is not met, by date; those without a date come last."""
    found = list(_cases())
    bases = catalogue.claimed_bases(case.product_id for case in found if case.product_id)
    lines = [line for case in found for line in duties_of(case, bases).lines if not line.is_met]
    return sorted(lines, key=lambda line: (line.duty.date or dt.date.max, line.case.number))


def submissions() -> QuerySet[CaseSubmission]:
    """Submissions in scope, without the proofs themselves."""
    return CaseSubmission.objects.select_related("site", "case", "recorded_by").defer("proof")


def reminders_sent(case_ids: set[int]) -> set[tuple[int, str, dt.date, str]]:
    """Reminders already sent for cases: case, rule, date and stage."""
    rows = DutyReminder.objects.filter(case__in=case_ids)
    return set(rows.values_list("case_id", "rule", "due_on", "stage"))


def to_remind(site: Site) -> list[str]:
    """E-mail addresses of those at a site who report cases."""
    roles = [key for key, role in MEMBER_ROLES.items() if Permission.ASSESS_CASE in role.permissions]
    rows = Membership.objects.filter(site=site, role__in=roles, user__is_active=True)
    return sorted(set(rows.values_list("user__email", flat=True)))


def _cases() -> QuerySet[Case]:
    return Case.objects.select_related("site", "product", "treatment", "duty_facts").prefetch_related(
        Prefetch("submissions", submissions()), "news"
    )
