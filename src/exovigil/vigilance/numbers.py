"""The numbers a case goes by: ours, those that others gave it, and the sister cases it names."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from exovigil.vigilance.duplicate_links import Identified, normal
from exovigil.vigilance.models import Case, CaseLink, ReportIdentifier

_Kind = ReportIdentifier.Kind


@dataclass(frozen=True, slots=True)
class Sister:
    """A case linked to another: by which link, and which case."""

    link: CaseLink
    other: Case

    @property
    def counts(self) -> bool:
        """Whether a report names it: not once the other case was nullified."""
        return self.other.state != Case.State.NULLIFIED

    @property
    def words(self) -> str:
        """What ties them together."""
        return self.link.get_kind_display()


def report_id(case: Case) -> str:
    """The number that our reports give a case (C.1.1)."""
    return number_of(case.site.country, case.number)


def number_of(country: str, number: str) -> str:
    """The same from the country of the case's site and the case's own number."""
    return f"{country}-{settings.E2B_SENDER}-{number}"


def worldwide_id(case: Case) -> str:
    """The number by which the whole world knows a case (C.1.8.1): its first sender's, else ours."""
    return next((row.value for row in _numbers(case, _Kind.WORLDWIDE)), report_id(case))


def other_ids_of(case: Case) -> tuple[tuple[str, str], ...]:
    """Numbers that others gave a case (C.1.9.1.r), with their sources: each once, ours and the worldwide one not."""
    ours = {report_id(case), worldwide_id(case)}
    found = {row.value: row.source or "Sender" for row in _numbers(case, _Kind.SENDER, _Kind.OTHER)}
    return tuple((source, number) for number, source in found.items() if number not in ours)


def numbers_words(case: Case) -> tuple[str, ...]:
    """Every number that others gave a case, in words, in order."""
    return tuple(sorted({f"{row.get_kind_display()}: {row.value}" for row in given_numbers(case)}))


def links_of(case: Case) -> tuple[Sister, ...]:
    """Sister cases, in the order of their numbers."""
    mine = CaseLink.objects.filter(Q(first=case) | Q(second=case), undone_at__isnull=True)
    live = mine.select_related("first__site", "second__site", "made_by")
    found = (Sister(row, row.second if row.first_id == case.pk else row.first) for row in live)
    return tuple(sorted(found, key=lambda sister: sister.other.number))


def identified(key: str, rows: Iterable[ReportIdentifier], ours: Iterable[str] = ()) -> Identified:
    """Gather the numbers of a report or case for comparing; ``ours`` are numbers of its own beside the rows."""
    kept = list(rows)
    return Identified(
        key,
        worldwide=frozenset(row.value_key for row in kept if row.kind == _Kind.WORLDWIDE and row.value_key),
        own=frozenset(
            row.value_key for row in kept if row.kind in {_Kind.SENDER, _Kind.OTHER} and row.value_key
        )
        | frozenset(filter(None, map(normal, ours))),
        linked=frozenset(row.value_key for row in kept if row.kind == _Kind.LINKED and row.value_key),
    )


def given_numbers(case: Case) -> list[ReportIdentifier]:
    """Numbers that reports from outside gave a case; only files carry any, so that most cases ask for none."""
    if not any(row.file_id for row in case.incoming.all()):
        return []
    return list(case.identifiers.all())


def _numbers(case: Case, *kinds: str) -> list[ReportIdentifier]:
    return [row for row in given_numbers(case) if row.kind in kinds]
