"""A new registry: everything or nothing, and the administrator can sign in."""

import pytest
from django_scopes import scopes_disabled

from exovigil.cli import install
from exovigil.cli.install import Installation
from exovigil.governance.models import Membership, Site

pytestmark = pytest.mark.django_db
WANTED = Installation("Oakfield", "OAK", "gb", "admin@oak.example", "a-long-enough-password")


@pytest.fixture(autouse=True)
def tables_are_there(monkeypatch):
    monkeypatch.setattr(install, "prepare_tables", lambda: None)


def test_it_opens_the_first_site_with_its_administrator():
    assert install.install(WANTED) == ""
    with scopes_disabled():
        membership = Membership.objects.get()
    assert (membership.site.code, membership.site.country, membership.role) == ("oak", "GB", "administrator")
    assert membership.user.check_password(WANTED.password)


def test_a_second_site_is_not_made_this_way():
    install.install(WANTED)
    assert "already has a site" in install.install(WANTED)
    assert Site.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "complaint"), [({"password": "short"}, "too short"), ({"email": "nobody"}, "valid email")]
)
def test_what_is_wrong_is_said_and_nothing_is_made(change, complaint):
    wanted = Installation(**{**{f: getattr(WANTED, f) for f in WANTED.__slots__}, **change})
    assert complaint in install.install(wanted)
    assert not Site.objects.exists()
