"""The same form sent twice makes one thing; its key with other answers is refused; another key is another thing."""

import uuid
from typing import Any

import pytest
from django.apps import apps
from django.contrib.messages import ERROR, get_messages
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django_scopes import scope

from exovigil.clinic.models import FollowUpLink
from exovigil.governance.models import Membership, Submission
from exovigil.signals.models import WatchRun
from tests.faults.forms import FORM, FORMS, GoodForm
from tests.faults.registry import everything
from tests.small_world import SmallWorld

pytestmark = pytest.mark.django_db
ids = "{0.name}".format


def send(world: SmallWorld, form: GoodForm, key: str, **other: Any) -> HttpResponse:
    answers = form.answers(world) | other | {"key": key}
    return world.signed_in[form.role].post(form.address(world), answers)


def errors(response: HttpResponse) -> list[str]:
    """What went wrong, said on the page that follows."""
    return [str(message) for message in get_messages(response.wsgi_request) if message.level == ERROR]


def rows(form: GoodForm) -> int:
    return apps.get_model(form.makes)._base_manager.count() if form.makes else 0


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


@pytest.mark.parametrize("form", FORMS, ids=ids)
def test_sent_twice_it_counts_once(world, form, key):
    before = everything(world.media), rows(form)
    first = send(world, form, key)
    assert first.status_code == 302, first.content.decode()
    assert not errors(first)
    assert rows(form) == before[1] + bool(form.makes)
    held = everything(world.media)
    assert held != before[0]
    second = send(world, form, key)
    assert (second.status_code, second.get("Location")) == (302, first["Location"])
    assert not errors(second)
    assert everything(world.media) == held


@pytest.mark.parametrize("form", [form for form in FORMS if form.other], ids=ids)
def test_the_same_key_with_other_answers_is_refused_and_changes_nothing(world, form, key):
    assert send(world, form, key).status_code == 302
    held = everything(world.media)
    second = send(world, form, key, **form.other)
    assert second.status_code == 422
    assert "already sent, with other answers. Nothing was changed" in second.content.decode()
    assert everything(world.media) == held


@pytest.mark.parametrize("form", [f for f in FORMS if f.makes and not f.no_second], ids=ids)
def test_two_forms_make_two_rows(world, form, key):
    before = rows(form)
    for one in (key, str(uuid.uuid4())):
        assert send(world, form, one).status_code == 302
    assert rows(form) == before + 2


@pytest.mark.parametrize("form", [form for form in FORMS if form.no_second], ids=ids)
def test_a_second_form_where_one_is_the_end_is_refused_and_changes_nothing(world, form, key):
    assert send(world, form, key).status_code == 302
    held = everything(world.media)
    second = send(world, form, str(uuid.uuid4()))
    assert second.status_code == 422
    assert form.no_second in second.content.decode()
    assert everything(world.media) == held


@pytest.mark.parametrize("form", [*FORMS[::4], FORM["signals:run-watch"]], ids=ids)
def test_a_damaged_key_is_said_and_changes_nothing(world, form):
    held = everything(world.media)
    response = send(world, form, "no-key-at-all")
    said = response.content.decode() + " ".join(errors(response))
    assert "This form is damaged. Open the page again" in said
    assert response.status_code == (302 if form.name == "signals:run-watch" else 422)
    assert everything(world.media) == held


def test_the_watch_pressed_twice_runs_once_even_when_the_first_run_opened_a_stream(world, key):
    treated = send(world, FORM["clinic:treat"], str(uuid.uuid4()))
    assert treated.status_code == 302
    before = WatchRun.objects.count()
    for _ in range(2):
        assert not errors(send(world, FORM["signals:run-watch"], key))
    assert WatchRun.objects.count() == before + 1


def test_a_link_is_made_once_and_ends_once(world, key):
    client, visit = world.signed_in["clinician"], world.things["to_link"]
    with scope(site=[world.site.pk]):
        for _ in range(2):
            made = client.post(reverse("clinic:make-link", args=[visit]), {"key": key})
            assert (made.status_code, errors(made)) == (302, [])
        assert FollowUpLink.objects.filter(follow_up=visit).count() == 1
    for said in ([], ["There is no link to withdraw."]):
        ended = client.post(reverse("clinic:revoke-link", args=[visit]))
        assert (ended.status_code, errors(ended)) == (302, said)
    held = everything(world.media)
    client.post(reverse("clinic:revoke-link", args=[visit]))
    assert everything(world.media) == held


def test_a_role_is_taken_away_once(world):
    address = reverse("governance:remove-member", args=[world.things["membership"]])
    client = world.signed_in["administrator"]
    assert client.post(address).status_code == 302
    held = everything(world.media)
    assert client.post(address).status_code == 404
    assert everything(world.media) == held
    with scope(site=[world.site.pk]):
        assert not Membership.objects.filter(pk=world.things["membership"]).exists()


@pytest.mark.parametrize("name", ["governance:add-member", "clinic:add-patient"])
def test_what_was_sent_cannot_be_guessed_from_its_memory(world, name, settings):
    """A plain digest of a short form could be tried against a list of names or passwords."""
    key, digests = str(uuid.uuid4()), []
    for secret in ("one" * 20, "two" * 20):
        settings.SECRET_KEY = secret
        client = world.client(world.here[FORM[name].role])
        with transaction.atomic():
            client.post(FORM[name].address(world), FORM[name].answers(world) | {"key": key})
            digests.append(Submission.objects.get(pk=key).digest)
            transaction.set_rollback(True)
    assert digests[0] != digests[1]
