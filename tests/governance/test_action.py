"""The action pattern: permission, one transaction with its audit event, and safe retries."""

import uuid

import pytest
from django_scopes import scopes_disabled

from exovigil.governance import actions, audit
from exovigil.governance.action import ACTIONS, AlreadySubmitted, Refused, Unaudited, action
from exovigil.governance.actors import NotAllowed, system
from exovigil.governance.models import AuditEvent, Membership, Site, Submission, User
from exovigil.governance.roles import Permission

pytestmark = pytest.mark.django_db


def _add(by, site, **changes):
    fields = {
        "email": "new@oak.example",
        "name": "New Person",
        "role": "clinician",
        "password": "long-enough-now",
    }
    return actions.add_member(by=by, site=site, **{**fields, **changes})


def test_a_role_without_the_permission_is_refused_and_nothing_changes(clinician, site):
    with pytest.raises(NotAllowed):
        _add(clinician, site)
    assert not User.objects.filter(email="new@oak.example").exists()


def test_a_role_does_not_reach_another_site(administrator, other_site):
    with pytest.raises(NotAllowed):
        _add(administrator, other_site)


def test_when_the_audit_event_fails_nothing_changed(administrator, site, monkeypatch):
    def fail(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(OSError, match="disk full"):
        _add(administrator, site)
    assert not User.objects.filter(email="new@oak.example").exists()


def test_an_action_that_writes_no_audit_event_cannot_commit(administrator, site):
    @action(Permission.MANAGE_MEMBERS)
    def silent(*, by, site):
        return Site.objects.create(code="x", name="x", country="GB")

    ACTIONS.pop("tests.governance.test_action.silent")
    with pytest.raises(Unaudited):
        silent(by=administrator, site=site)
    assert not Site.objects.filter(code="x").exists()


def test_an_action_must_be_keyword_only():
    with pytest.raises(TypeError, match="keyword-only"):
        action(Permission.TREAT)(lambda by: None)


def test_the_same_key_twice_makes_one_row(administrator, site):
    key = str(uuid.uuid4())
    first, second = _add(administrator, site, key=key), _add(administrator, site, key=key)
    assert first == second
    assert Submission.objects.count() == 1
    assert (
        AuditEvent.objects.filter(action="governance.member.added", actor=administrator.identity).count() == 1
    )


def test_the_same_key_with_other_answers_is_refused_and_changes_nothing(administrator, site):
    key = str(uuid.uuid4())
    _add(administrator, site, key=key)
    with pytest.raises(AlreadySubmitted):
        _add(administrator, site, key=key, email="other@oak.example")
    assert not User.objects.filter(email="other@oak.example").exists()


def test_a_damaged_key_is_refused(administrator, site):
    with pytest.raises(Refused, match="damaged"):
        _add(administrator, site, key="not-a-uuid")


def test_nobody_removes_their_own_role(administrator, site):
    with scopes_disabled():
        own = Membership.objects.filter(user_id=administrator.user_id)
        with pytest.raises(Refused, match="your own role"):
            actions.remove_member(by=administrator, site=site, membership=own.get())
        assert own.exists()


def test_only_the_program_itself_opens_sites(administrator):
    with pytest.raises(Refused, match="on the server"):
        actions.open_site(by=administrator, code="new", name="New", country="GB")
    assert actions.open_site(by=system(), code="new", name="New", country="GB").pk
