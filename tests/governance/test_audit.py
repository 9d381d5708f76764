"""The trail: append-only in the database, chained, and the first break is named."""

import pytest
from django.db import DatabaseError, connection, transaction

from exovigil.governance import audit
from exovigil.governance.actors import system
from exovigil.governance.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def five_events():
    for number in range(5):
        audit.record("test.happened", by=system(), number=number)


@pytest.mark.parametrize("statement", ["UPDATE {t} SET action = 'x'", "DELETE FROM {t}"])
def test_the_database_refuses_to_change_or_delete_an_event(five_events, statement):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(t="governance_auditevent"))
    assert AuditEvent.objects.count() == 5
    assert audit.verify().intact


def _without_guards(statement: str) -> None:
    on_table = " ON governance_auditevent" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER auditevent_no_update{on_table}")
        cursor.execute(f"DROP TRIGGER auditevent_no_delete{on_table}")
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("tampering", "position", "reason"),
    [
        ("UPDATE governance_auditevent SET actor_name = 'nobody' WHERE position = 3", 3, "altered"),
        ("DELETE FROM governance_auditevent WHERE position = 2", 2, "missing"),
        ("UPDATE governance_auditevent SET data = '{}' WHERE position = 1", 1, "altered"),
    ],
)
def test_verify_names_the_first_break_when_the_guards_were_removed(five_events, tampering, position, reason):
    _without_guards(tampering)
    verdict = audit.verify()
    assert not verdict.intact
    assert verdict.broken_at == position
    assert reason in verdict.reason


def test_verify_notices_missing_guards_even_when_the_chain_is_whole(five_events):
    _without_guards("SELECT 1")
    assert "guard" in audit.verify().reason


def test_a_whole_chain_verifies_and_tells_its_head(five_events):
    verdict = audit.verify()
    assert verdict.intact
    assert verdict.events == 5
    assert verdict.head == AuditEvent.objects.get(position=5).digest


def test_an_empty_trail_is_intact(db):
    assert audit.verify() == audit.Verdict(0, audit.GENESIS)
