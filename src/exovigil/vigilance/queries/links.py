"""Reads of what shares a number with a report or case, and of receivers' answers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from exovigil.vigilance.duplicate_links import Identified, SharedNumber, normal, shared_numbers
from exovigil.vigilance.models import (
    Acknowledgement,
    Case,
    CaseLink,
    CaseSubmission,
    IncomingReport,
    ReportIdentifier,
)
from exovigil.vigilance.numbers import given_numbers, identified, links_of, report_id
from exovigil.vigilance.queries.intake import SECRET


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that shares a number with what is looked at, with the reason; a person decides what it means."""

    link: SharedNumber
    case: Case | None
    incoming: IncomingReport | None


def links() -> QuerySet[CaseLink]:
    """Links between cases in scope."""
    return CaseLink.objects.select_related("site", "first__site", "second__site", "made_by")


def acknowledgements() -> QuerySet[Acknowledgement]:
    """Receivers' answers in scope, without the files, the latest first."""
    return Acknowledgement.objects.select_related("report", "submission", "read_by").defer("content")


def proposals_for_report(incoming: IncomingReport) -> list[Proposal]:
    """What shares a number with a report from outside, the surest first; its own case is left out."""
    subject = identified(_report_key(incoming.pk), incoming.identifiers.all())
    return _proposals(subject, f"C{incoming.case_id}" if incoming.case_id else "")


def proposals_for_case(case: Case) -> list[Proposal]:
    """What shares a number with a case; reports that belong to it and sisters already linked are left out."""
    given = given_numbers(case)
    subject = identified(_case_key(case.pk), given, _own_numbers(case, case.submissions.all()))
    found = _proposals(subject, _case_key(case.pk), ours_too=bool(given))
    linked = {sister.other.pk for sister in links_of(case)} if found else set()
    return [row for row in found if row.case is None or row.case.pk not in linked]


def _proposals(subject: Identified, but_not: str, *, ours_too: bool = True) -> list[Proposal]:
    """Compare with what goes by one of its numbers; ``ours_too`` also with numbers no report from outside gave."""
    numbers = subject.numbers | subject.linked
    if not numbers:
        return []
    rows = ReportIdentifier.objects.filter(value_key__in=numbers).order_by()
    found_in = set(rows.values_list("incoming_id", "case_id"))
    known = {case for _, case in found_in if case and _case_key(case) != but_not}
    cases = _cases(known | (_of_ours(numbers) if ours_too else set()))
    waiting = _waiting(
        {report for report, case in found_in if not case and _report_key(report) != subject.key}
    )
    gathered = _gathered(cases, waiting)
    found = shared_numbers(subject, (one for one in gathered if one.key != but_not))
    return [Proposal(link, cases.get(link.key), waiting.get(link.key)) for link in found]


def _cases(known: set[int]) -> dict[str, Case]:
    if not known:
        return {}
    found = Case.objects.filter(pk__in=known).select_related("site")
    return {_case_key(case.pk): case for case in found.prefetch_related("identifiers", "submissions")}


def _waiting(known: set[int]) -> dict[str, IncomingReport]:
    if not known:
        return {}
    found = IncomingReport.objects.filter(pk__in=known).defer(*SECRET)
    return {_report_key(row.pk): row for row in found}


def _of_ours(numbers: frozenset[str]) -> set[int]:
    """Find cases by numbers that no report from outside gave: a receiver's reference, or the number we send."""
    references = CaseSubmission.objects.exclude(reference="").values_list("case_id", "reference")
    found = {pk for pk, reference in references if normal(reference) in numbers}
    condition = Q(pk__in=[])
    for tail in {number[-4:] for number in numbers if number[-4:].isdigit()}:
        condition |= Q(number__endswith=tail)
    ours = Case.objects.filter(condition).select_related("site").only("number", "site")
    return found | {case.pk for case in ours if normal(report_id(case)) in numbers}


def _gathered(cases: dict[str, Case], waiting: dict[str, IncomingReport]) -> list[Identified]:
    rows: dict[int, list[ReportIdentifier]] = defaultdict(list)
    pks = [row.pk for row in waiting.values()]
    for row in ReportIdentifier.objects.filter(incoming__in=pks) if pks else ():
        rows[row.incoming_id].append(row)
    found = [identified(key, rows[report.pk]) for key, report in waiting.items()]
    for key, case in cases.items():
        found.append(identified(key, case.identifiers.all(), _own_numbers(case, case.submissions.all())))
    return found


def _own_numbers(case: Case, submissions: Iterable[CaseSubmission]) -> list[str]:
    return [report_id(case), *(row.reference for row in submissions if row.reference)]


def _case_key(pk: int) -> str:
    return f"C{pk}"


def _report_key(pk: int) -> str:
    return f"R{pk}"
