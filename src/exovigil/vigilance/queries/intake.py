"""Reads of what came in from outside: the inbox, one report, what is to be chased."""

import datetime as dt
import json
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from exovigil.governance.vault import unseal
from exovigil.vigilance.e2b.incoming import messages_of
from exovigil.vigilance.e2b.read_records import Loss, read_records
from exovigil.vigilance.e2b.record import Record
from exovigil.vigilance.models import Chase, IncomingFile, IncomingReport

SECRET = ("content", "not_held", "reporter_name", "reporter_contact", "patient_name")
_WAITING = IncomingReport.State.WAITING


@dataclass(frozen=True, slots=True)
class Chasing:
    """A report that is not valid and waits: when to ask again, and the attempt that said so.

    A report that was never chased is due on the day it came; one whose last attempt named no day has no date.
    """

    incoming: IncomingReport
    last: Chase | None

    @property
    def next_chase(self) -> Chase | None:
        """The attempt that set the next day, if one did."""
        return self.last if self.last and self.last.next_on else None

    @property
    def due_on(self) -> dt.date | None:
        """Day on which to ask again."""
        return self.last.next_on if self.last else self.incoming.received_on


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message as it was kept, and what that lacks of what was sent."""

    record: Record
    lost: tuple[Loss, ...]


def incoming_reports() -> QuerySet[IncomingReport]:
    """Reports from outside in scope, without names and files; the latest first."""
    return IncomingReport.objects.select_related("site", "product", "case", "file").defer(*SECRET)


def incoming_files() -> QuerySet[IncomingReport]:
    """Reports with their numbers and the attempts to learn more, without names and the files they came in."""
    rows = incoming_reports().select_related("decided_by", "recorded_by").defer(*SECRET, "file__content")
    return rows.prefetch_related("identifiers", Prefetch("chases", Chase.objects.select_related("made_by")))


def waiting_count() -> int:
    """How many reports from outside wait for a decision."""
    return IncomingReport.objects.filter(state=_WAITING).count()


def to_decide() -> QuerySet[IncomingReport]:
    """Valid reports that wait for a decision, the earliest day 0 first."""
    return incoming_reports().filter(state=_WAITING, valid_on__isnull=False).order_by("valid_on", "pk")


def to_chase() -> list[Chasing]:
    """Reports that wait and are not valid, by when to ask again; those without a date come last."""
    rows = incoming_reports().filter(state=_WAITING, valid_on__isnull=True).prefetch_related("chases")
    found = [Chasing(row, next(iter(row.chases.all()), None)) for row in rows]
    return sorted(found, key=lambda line: (line.due_on or dt.date.max, line.incoming.pk))


def chases_due(as_of: dt.date) -> list[Chasing]:
    """Reports to ask about by a day."""
    return [line for line in to_chase() if line.due_on is not None and line.due_on <= as_of]


def files() -> QuerySet[IncomingFile]:
    """Files brought in, without their content, the latest first."""
    return IncomingFile.objects.defer("content").prefetch_related(
        Prefetch("reports", incoming_reports().order_by("position"))
    )


def read_message(pk: int) -> ReadMessage | None:
    """Unseal the message of a report and read it; None for one that was typed in."""
    row = IncomingReport.objects.only("content", "not_held").get(pk=pk)
    if row.content is None:
        return None
    (message,) = messages_of(read_records(unseal(bytes(row.content))))
    lost = json.loads(unseal(bytes(row.not_held))) if row.not_held is not None else []
    return ReadMessage(message, tuple(Loss(*one) for one in lost))
