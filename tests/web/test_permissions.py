"""Every address as each role, as another site's member and as nobody, from the table beside this file."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from exovigil.governance.models import User
from tests.small_world import SmallWorld, small_world
from tests.web.permission_table import ASKED, ROLES, ROWS, Row

# One world, built once; what a test changes is not kept.
pytestmark = pytest.mark.django_db
ONLY_WITH_A_SECOND_FACTOR = {"mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes"}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[SmallWorld]:
    with django_db_blocker.unblock(), small_world(tmp_path_factory.mktemp("sealed")) as found:
        yield found


def address(world: SmallWorld, row: Row) -> str:
    """The row's address with keys of the things it names."""
    if any("=" in a for a in row.arguments):
        return reverse(row.name, kwargs=dict(a.split("=") for a in row.arguments))
    return reverse(row.name, args=[world.things[a] for a in row.arguments]) + ASKED.get(row.name, "")


def visit(world: SmallWorld, row: Row, user: User | None, settings) -> tuple[int, str]:
    """Status and place sent to."""
    settings.MEDIA_ROOT = world.media
    client = world.client(user) if user is not None else Client()
    response = getattr(client, row.method)(address(world, row))
    return response.status_code, response.get("Location", "")


def ids(row: Row) -> str:
    return row.name


def test_every_address_has_exactly_one_row():
    def names(resolver, prefix=""):
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                yield from names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
            else:
                yield prefix + pattern.name

    assert sorted(names(get_resolver())) == sorted(row.name for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_nobody(world, row, settings):
    status, place = visit(world, row, None, settings)
    if row.public:
        assert "/account/login/" not in place or row.name.startswith(("account_", "mfa_"))
        assert status < 500
        assert status not in {401, 403}
    else:
        assert status == 302
        assert place.startswith("/account/login/")


@pytest.mark.parametrize("role", ROLES.values())
@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_each_role(world, row, role, settings):
    status, place = visit(world, row, world.here[role], settings)
    if role in row.roles:
        nothing_there = row.public or row.name in ONLY_WITH_A_SECOND_FACTOR
        assert status in {200, 302, 303, 409, 422} or (nothing_there and status == 404)
        assert not place.startswith("/account/login/") or row.name == "account_logout"
    else:
        assert status == 403


@pytest.mark.parametrize(
    ("row", "role"),
    [
        pytest.param(row, role, id=f"{row.name}-{role}")
        for row in ROWS
        if row.of_site
        for role in sorted(row.roles)
    ],
)
def test_another_sites_member_finds_nothing(world, row, role, settings):
    assert visit(world, row, world.away[role], settings)[0] == 404
