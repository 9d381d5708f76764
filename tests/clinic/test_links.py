"""The patient's link: it cannot be guessed or altered, it ends, and it can be withdrawn."""

import datetime as dt
import uuid

import pytest
from django.core.signing import Signer
from django.utils import timezone
from django_scopes import scope

from exovigil.clinic import actions, links
from exovigil.clinic.models import FollowUpLink
from exovigil.governance import audit
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent
from exovigil.governance.roles import Permission
from tests.clinic.follow_up_world import day, make_follow_up, make_link


@pytest.fixture
def link(clinician, site) -> FollowUpLink:
    return make_link(clinician, make_follow_up(site))


def test_an_address_leads_back_to_its_link_outside_any_scope(link):
    address = links.address_of(link)
    assert address == f"/f/{links.token_of(link)}/"
    assert links.resolve(links.token_of(link)) == link


def test_the_address_says_nothing_about_the_patient(link):
    address = links.address_of(link)
    assert "OAK" not in address
    assert str(link.follow_up_id) not in address.split("/")


@pytest.mark.parametrize(
    "damage",
    [
        lambda t: t[:-1],
        lambda t: t[: len(t) // 2],
        lambda t: "",
        lambda t: ("0" if t[0] != "0" else "1") + t[1:],
        lambda t: t.split(":")[0],
        lambda t: Signer(salt="another purpose").sign(t.split(":")[0]),
        lambda t: Signer(salt=links._SALT).sign("not-an-identifier"),
        lambda t: Signer(salt=links._SALT).sign(uuid.uuid4().hex),
        lambda t: t + "\x00",
    ],
)
def test_a_forged_or_damaged_token_is_unknown(link, damage):
    with pytest.raises(links.LinkUnknown) as problem:
        links.resolve(damage(links.token_of(link)))
    assert problem.value.site is None
    assert problem.value.status == 404


def test_it_ends_at_its_time(link, site):
    token = links.token_of(link)
    assert links.resolve(token, link.expires_at - dt.timedelta(seconds=1)) == link
    with pytest.raises(links.LinkExpired) as problem:
        links.resolve(token, link.expires_at)
    assert problem.value.site == site
    assert problem.value.status == 410


def test_a_withdrawn_link_says_so_even_when_it_would_have_ended(link, clinician, site):
    actions.revoke_link(by=clinician, site=site, link=link)
    with pytest.raises(links.LinkRevoked) as problem:
        links.resolve(links.token_of(link), link.expires_at + dt.timedelta(days=1))
    assert problem.value.site == site


def test_an_erased_link_is_unknown(link, site):
    token = links.token_of(link)
    with scope(site=[site.pk]):
        link.delete()
    with pytest.raises(links.LinkUnknown):
        links.resolve(token)


def test_it_stays_open_two_weeks_after_the_window_and_a_week_at_least(site):
    now = timezone.now()
    waiting, closed = make_follow_up(site), make_follow_up(site, opens=-60, due=-50, closes=-40)
    assert timezone.localtime(links.default_expiry(waiting, now)).date() == day(7 + 14)
    assert links.default_expiry(closed, now) == now + dt.timedelta(days=7)


def test_the_actor_behind_a_link_may_only_answer_at_its_site(link, site, other_site):
    by = links.actor_of(link)
    assert by.role.permissions == {Permission.ANSWER_FOLLOW_UP}
    assert by.can(Permission.ANSWER_FOLLOW_UP, site.pk)
    assert not by.can(Permission.ANSWER_FOLLOW_UP, other_site.pk)
    assert len(by.identity) <= 40
    with scope(site=[site.pk]):
        assert links.of_actor(by) == link


@pytest.mark.parametrize("identity", ["user:1", "link:nonsense", f"link:{uuid.UUID(int=1).hex}"])
def test_an_actor_without_a_link_is_unknown(link, site, identity):
    from dataclasses import replace

    with scope(site=[site.pk]), pytest.raises(links.LinkUnknown):
        links.of_actor(replace(links.actor_of(link), identity=identity))


# --- Making and withdrawing -------------------------------------------------------------------------


def test_making_one_is_audited_without_its_address(link):
    event = AuditEvent.objects.get(action="clinic.link.made")
    assert event.target_id == str(link.pk)
    assert links.token_of(link).split(":")[1] not in event.data


def test_one_link_at_a_time_and_a_new_one_after_withdrawing(link, clinician, site):
    with pytest.raises(Refused, match="already a link"):
        make_link(clinician, link.follow_up)
    actions.revoke_link(by=clinician, site=site, link=link)
    assert make_link(clinician, link.follow_up) != link


def test_an_ended_link_makes_way_for_a_new_one(link, clinician, site):
    with scope(site=[site.pk]):
        FollowUpLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())
    assert make_link(clinician, link.follow_up).pk != link.pk


def test_the_same_press_twice_makes_one_link(clinician, site):
    follow_up, key = make_follow_up(site), str(uuid.uuid4())
    one, two = (actions.make_link(by=clinician, site=site, follow_up=follow_up, key=key) for _ in range(2))
    assert one == two


def test_a_link_that_has_ended_before_it_began_is_refused(clinician, site):
    with pytest.raises(Refused, match="later day"):
        actions.make_link(by=clinician, site=site, follow_up=make_follow_up(site), expires_at=timezone.now())


def test_withdrawing_twice_is_refused(link, clinician, site):
    actions.revoke_link(by=clinician, site=site, link=link)
    with pytest.raises(Refused, match="already ended"):
        actions.revoke_link(by=clinician, site=site, link=link)
    assert AuditEvent.objects.filter(action="clinic.link.revoked").count() == 1


def test_who_may_not(link, safety_officer, reviewer, actor, other_site, site):
    stranger = actor("clinician", other_site)
    for by in (safety_officer, reviewer, stranger, links.actor_of(link)):
        with pytest.raises(NotAllowed):
            actions.make_link(by=by, site=site, follow_up=link.follow_up)
        with pytest.raises(NotAllowed):
            actions.revoke_link(by=by, site=site, link=link)
    with pytest.raises(Refused, match="another site"):
        actions.revoke_link(by=stranger, site=other_site, link=link)
    with pytest.raises(Refused, match="another site"):
        actions.make_link(by=stranger, site=other_site, follow_up=link.follow_up)


def test_when_the_audit_event_fails_there_is_no_link(clinician, site, monkeypatch):
    follow_up = make_follow_up(site)

    def fail(*_, **__):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError, match="no audit"):
        make_link(clinician, follow_up)
    assert FollowUpLink._base_manager.count() == 0
