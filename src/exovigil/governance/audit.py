"""The audit trail: append an event, walk the chain, name the first break.

Each event's digest covers its own columns and the digest before it, so a change, a removal or an insertion anywhere
shows at that place. The end of the chain cannot prove itself: note ``head()`` outside the database (every
backup and ``exovigil verify`` print it) and compare.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.utils import timezone

from exovigil.governance.actors import Actor
from exovigil.governance.models import AuditEvent, Site

GENESIS = "0" * 64
_COVERED = "position at action actor actor_name role site target_type target_id data previous".split()
_TRIGGERS = {"auditevent_no_update", "auditevent_no_delete"}

# How many events the running action has written; the action decorator refuses one that wrote none.
written: ContextVar[int] = ContextVar("audit_events_written", default=0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk of the chain found; ``broken_at`` is the position of the first break, if any."""

    events: int
    head: str
    broken_at: int | None = None
    reason: str = ""

    @property
    def intact(self) -> bool:
        """True when every event follows from the one before and the database still refuses changes."""
        return not self.reason


def record(
    action: str,
    *,
    by: Actor,
    target: models.Model | None = None,
    site: Site | None = None,
    **data: Any,
) -> AuditEvent:
    """Append one event inside the caller's transaction.

    ``data`` must be JSON-able and must not hold identifiers; name the fields that changed instead.
    """
    if connection.vendor == "postgresql":  # one appender at a time; SQLite's IMMEDIATE already ensures it
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('exovigil.audit'))")
    last_position, last_digest = head()
    event = AuditEvent(
        position=last_position + 1,
        at=timezone.now(),
        action=action,
        actor=by.identity,
        actor_name=by.name,
        role=by.role.key,
        site=site.code if site else "",
        target_type=target._meta.label_lower if target else "",
        target_id=str(target.pk) if target else "",
        data=json.dumps(data, sort_keys=True, separators=(",", ":"), default=str),
        previous=last_digest,
    )
    event.digest = digest(event)
    event.save(force_insert=True)
    written.set(written.get() + 1)
    return event


def head() -> tuple[int, str]:
    """Position and digest of the newest event: what to note outside the database."""
    last = AuditEvent.objects.order_by("-position").values_list("position", "digest").first()
    return last or (0, GENESIS)


def digest(event: AuditEvent) -> str:
    """SHA-256 over the event's covered columns in a fixed order (times as UTC ISO 8601)."""
    values = [getattr(event, name) for name in _COVERED]
    plain = [v.astimezone(dt.UTC).isoformat() if isinstance(v, dt.datetime) else v for v in values]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=True).encode()).hexdigest()


def verify() -> Verdict:
    """Walk the whole chain from the start and stop at the first break."""
    previous, position = GENESIS, 0
    for event in _walk():
        reason = _break_at(event, position + 1, previous)
        if reason:
            return Verdict(position, previous, position + 1, reason)
        previous, position = event.digest, event.position
    missing = _TRIGGERS - _present_triggers()
    if missing:
        return Verdict(position, previous, None, f"the database no longer has its guard {sorted(missing)[0]}")
    return Verdict(position, previous)


def _walk() -> Iterator[AuditEvent]:
    return AuditEvent.objects.order_by("position").iterator(chunk_size=2000)


def _break_at(event: AuditEvent, expected: int, previous: str) -> str:
    if event.position != expected:
        return f"event {expected} is missing; the next one present is {event.position}"
    if event.previous != previous:
        return f"event {expected} does not follow from the event before it"
    if event.digest != digest(event):
        return f"event {expected} was altered after it was written"
    return ""


def _present_triggers() -> set[str]:
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}
