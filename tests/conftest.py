"""Fixtures that every room's tests share: sites, members in each role, and signed-in clients."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django_scopes import scopes_disabled

from exovigil.governance import actions as governance
from exovigil.governance.actors import Actor, system
from exovigil.governance.models import Site, User
from exovigil.governance.queries import actor_for

PASSWORD = "correct-horse-battery"
SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(autouse=True)
def fast_and_apart(settings, tmp_path):
    """Hash passwords quickly and keep files of one test away from another's."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "sealed"
    settings.DEMO_NOTE = tmp_path / "demo.json"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def shared() -> Path:
    """The folder of public test material beside the repository, if this machine has it."""
    if not SHARED.exists():
        pytest.skip("the shared test material is not on this machine")
    return SHARED


@pytest.fixture
def site(db) -> Site:
    return governance.open_site(
        by=system(), code="oak", name="Oakfield Skin Clinic", country="GB", telephone="0113 496 0000"
    )


@pytest.fixture
def other_site(db) -> Site:
    return governance.open_site(by=system(), code="elm", name="Elm Row Clinic", country="GB")


@pytest.fixture
def member(db) -> Callable[..., User]:
    """Makes a person with one role at one site."""

    def make(role: str, at: Site) -> User:
        with scopes_disabled():
            return governance.add_member(
                by=system(),
                site=at,
                email=f"{role}@{at.code}.example",
                name=f"{role.replace('_', ' ').title()} of {at.name}",
                role=role,
                password=PASSWORD,
            ).user

    return make


@pytest.fixture
def actor(member, site) -> Callable[..., Actor]:
    """Makes an actor in a role, by default at the first site."""

    def make(role: str, at: Site | None = None) -> Actor:
        found, _ = actor_for(member(role, at or site))
        assert found is not None
        return found

    return make


@pytest.fixture
def clinician(actor) -> Actor:
    return actor("clinician")


@pytest.fixture
def safety_officer(actor) -> Actor:
    return actor("safety_officer")


@pytest.fixture
def reviewer(actor) -> Actor:
    return actor("reviewer")


@pytest.fixture
def administrator(actor) -> Actor:
    return actor("administrator")


@pytest.fixture
def client_of() -> Callable[[Actor], Client]:
    """A browser-less client signed in as an actor made by the fixtures above."""

    def sign_in(who: Actor) -> Client:
        client = Client()
        client.force_login(
            User.objects.get(pk=who.user_id), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return sign_in
