"""Installation: the schedule and the consent text become rows, once, and never change under people's feet."""

import dataclasses

import pytest

from exovigil.clinic import actions, consent, queries, schedule
from exovigil.clinic.models import ConsentText, Protocol, ProtocolVisit
from exovigil.governance.action import Refused
from exovigil.governance.actors import system

pytestmark = pytest.mark.django_db


def test_the_schedule_of_the_file_becomes_visits_with_its_sources():
    protocol = actions.adopt_protocol(by=system())
    assert [visit.code for visit in protocol.visits.all()] == [visit.code for visit in schedule.visits()]
    last = protocol.visits.last()
    assert (last.target_day, last.mode) == (365, "patient link")
    assert "Nahm" in protocol.source
    assert queries.current_protocol() == protocol


def test_adopting_again_finds_the_same_rows():
    assert actions.adopt_protocol(by=system()) == actions.adopt_protocol(by=system())
    assert Protocol.objects.count() == 1
    assert ProtocolVisit.objects.count() == len(schedule.visits())


def test_a_changed_schedule_under_the_same_version_is_refused(monkeypatch):
    actions.adopt_protocol(by=system())
    first, *others = schedule.visits()
    changed = (dataclasses.replace(first, closes_day=4), *others)
    monkeypatch.setattr(schedule, "visits", lambda: changed)
    with pytest.raises(Refused, match="new version"):
        actions.adopt_protocol(by=system())
    assert ProtocolVisit.objects.get(code=first.code).closes_day == first.closes_day


def test_the_consent_text_is_frozen_once_with_its_fingerprint():
    text = actions.freeze_consent_text(by=system())
    assert actions.freeze_consent_text(by=system()) == text
    assert ConsentText.objects.count() == 1
    assert text.sha256 == consent.version_fingerprint(text.version)
    late = next(p for p in text.paragraphs if p["heading"] == "Reactions that come late")
    assert late["sources"][0]["link"] == "https://doi.org/10.1002/der2.242"


def test_a_changed_text_under_the_same_version_is_refused(monkeypatch):
    actions.freeze_consent_text(by=system())
    monkeypatch.setattr(consent, "version_fingerprint", lambda version: "f" * 64)
    with pytest.raises(Refused, match="add a new version"):
        actions.freeze_consent_text(by=system())
    assert ConsentText.objects.count() == 1


@pytest.mark.parametrize("step", [actions.adopt_protocol, actions.freeze_consent_text])
def test_only_the_program_itself_installs(step, administrator):
    with pytest.raises(Refused, match="on the server"):
        step(by=administrator)
    assert not Protocol.objects.exists()
    assert not ConsentText.objects.exists()
