"""Reading a file from another sender into what incoming reports hold: each message, its facts, and what was not held.

The one entry that reads is ``e2b.rewrite``: whatever formats it knows can be brought in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exovigil.vigilance.e2b.elements import HL7
from exovigil.vigilance.e2b.incoming import IncomingFacts, alone, facts_of, messages_of
from exovigil.vigilance.e2b.read_records import Loss, losses
from exovigil.vigilance.e2b.reader import RefusedXml, parse_untrusted
from exovigil.vigilance.e2b.record import Record
from exovigil.vigilance.e2b.rewrite import Rewritten, rewrite
from exovigil.vigilance.e2b.writer import write_record_file
from exovigil.vigilance.seriousness import criteria

MOST_MESSAGES = 200  # in one file: each is shown to a person who decides


class FileRefused(ValueError):
    """The file is not brought in; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: what the report fields hold of it, its numbers, the message alone as a file, what that lacks."""

    told: Mapping[str, Any]
    numbers: tuple[tuple[str, str, str], ...]
    content: bytes
    lost: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """A file that was read: its number, its sender, its messages."""

    number: str
    sender: str
    messages: tuple[Message, ...]


def read_file(data: bytes) -> Batch:
    """Read a file of reports; raises FileRefused for one that is not safe, no report, empty or too long."""
    try:
        result = rewrite(data)
    except RefusedXml as error:
        raise FileRefused(f"This file was not opened: {error}.") from error
    except ValueError as error:
        raise FileRefused(f"This file is no report that can be read: {error}.") from error
    batch = result.batch
    messages = messages_of(batch)
    if not messages:
        raise FileRefused("There is no report in this file. Ask its sender for the batch with its messages.")
    if len(messages) > MOST_MESSAGES:
        raise FileRefused(
            f"There are {len(messages):,} reports in this file; at most {MOST_MESSAGES} are taken at once. Split it."
        )
    lost = _lost(data, result, len(messages))
    return Batch(
        batch.value("N.1.2"),
        batch.value("N.1.3"),
        tuple(_message(batch, one, lost[place]) for place, one in enumerate(messages)),
    )


def _message(batch: Record, message: Record, lost: tuple[Loss, ...]) -> Message:
    facts = facts_of(message)
    return Message(_told(facts), facts.numbers, write_record_file(alone(batch, message)), lost)


def _lost(data: bytes, result: Rewritten, count: int) -> list[tuple[Loss, ...]]:
    """Give what was not held of each message; of the whole file where the messages cannot be told apart."""
    whole = [result.losses] * count
    if count == 1 or not result.losses:
        return whole
    name = f"{{{HL7}}}PORR_IN049016UV"
    try:
        before = parse_untrusted(data).getroot().findall(name)
    except RefusedXml:  # a format that has a reader of its own
        return whole
    after = parse_untrusted(result.content, max_bytes=len(result.content)).getroot().findall(name)
    if len(before) != count or len(after) != count:
        return whole
    return [losses(one, other) for one, other in zip(before, after, strict=True)]


def _told(facts: IncomingFacts) -> dict[str, Any]:
    """Give the facts by the names of the report's fields, cut to their lengths: the message itself is kept whole."""
    serious = [criterion.code for criterion in criteria() if criterion.letter in facts.serious]
    return {
        "reporter": facts.reporter if facts.reporter in {"1", "2", "3", "5"} else "unknown",
        "reporter_name": facts.reporter_name[:300],
        "reporter_contact": facts.reporter_contact[:300],
        "country": facts.country,
        "patient_name": facts.patient_name[:300],
        "patient_note": facts.patient_note[:120],
        "age": facts.age,
        "sex": facts.sex or "unknown",
        "product_words": facts.product[:250],
        "lot_words": facts.lot[:80],
        "words": facts.words[:20_000],
        "onset": facts.onset,
        "outcome": facts.outcome,
        "serious": serious,
        "more": facts.narrative[:20_000],
        "citation": facts.literature[:500],
    }
