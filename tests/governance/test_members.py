"""Members: who may do what, given and taken by the site's administrator."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import reverse
from django_scopes import scopes_disabled

from exovigil.foundation.forms import ActionForm
from exovigil.governance.access import actor_of, only_site
from exovigil.governance.actors import Actor
from exovigil.governance.models import Membership, User
from exovigil.governance.roles import ADMINISTRATOR

pytestmark = pytest.mark.django_db
NEW = {
    "name": "Invented Newcomer",
    "email": "newcomer@oak.example",
    "role": "reviewer",
    "password": "twelve-letters-and-more",
}


@pytest.fixture(autouse=True)
def every_site():
    with scopes_disabled():
        yield


def test_a_member_is_added_once_and_can_be_taken_out(administrator, client_of, site):
    client = client_of(administrator)
    assert client.post(reverse("governance:add-member"), NEW).status_code == 302
    made = Membership.objects.get(user__email=NEW["email"])
    assert (made.site, made.role) == (site, "reviewer")
    again = client.post(reverse("governance:add-member"), NEW)
    assert again.status_code == 422
    assert "already has that role here" in again.content.decode()
    assert client.post(reverse("governance:remove-member", args=[made.pk])).status_code == 302
    assert not Membership.objects.filter(pk=made.pk).exists()
    assert User.objects.filter(email=NEW["email"]).exists()  # what the person did keeps its name


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, "Enter the person’s name|Enter the person&#x27;s name"),
        ({**NEW, "role": "emperor"}, "Select a valid choice|Choose one of the roles"),
        ({**NEW, "email": "nowhere"}, "Enter an e-mail address"),
        ({**NEW, "password": ""}, "password"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_added(administrator, client_of, wrong, words):
    before = (User.objects.count(), Membership.objects.count())
    response = client_of(administrator).post(reverse("governance:add-member"), wrong)
    assert response.status_code == 422
    assert any(word in response.content.decode() for word in words.split("|"))
    assert (User.objects.count(), Membership.objects.count()) == before


def test_nobody_takes_away_their_own_role(administrator, client_of):
    own = Membership.objects.get(user_id=administrator.user_id)
    response = client_of(administrator).post(reverse("governance:remove-member", args=[own.pk]), follow=True)
    assert "You cannot remove your own role" in response.content.decode()
    assert Membership.objects.filter(pk=own.pk).exists()


def test_an_account_without_a_site_is_told_so():
    request = RequestFactory().get("/")
    with pytest.raises(PermissionDenied, match="no role at any site"):
        actor_of(request)
    request.actor = Actor("user:0", "Nobody", ADMINISTRATOR, (), 0)
    with pytest.raises(PermissionDenied, match="no site"):
        only_site(request)


def test_a_form_hides_no_error_but_a_refusal():
    form = ActionForm({})
    assert form.is_valid()

    def act(**_: object) -> None:
        raise PermissionDenied("not yours")

    with pytest.raises(PermissionDenied):
        form.attempt(act)
    assert not form.errors
