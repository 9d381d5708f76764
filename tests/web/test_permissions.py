"""Every address as each role, as another site's member and as nobody, from the table beside this file."""

import datetime as dt
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Count
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from django_scopes import scope, scopes_disabled
from PIL import Image

from exovigil.cli.demo import build
from exovigil.cli.demo.plan import make_plan
from exovigil.cli.demo.workup import work_up_reactions
from exovigil.cli.install import adopt_reference_content
from exovigil.clinic import links
from exovigil.clinic.actions.follow_up import record_follow_up
from exovigil.dossier import actions as dossier
from exovigil.governance import actions as governance
from exovigil.governance.actors import system
from exovigil.governance.models import User
from exovigil.signals import actions as signals
from tests.web.permission_table import ROLES, ROWS, Row

pytestmark = pytest.mark.xdist_group("permissions")  # one world, built once
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ONLY_WITH_A_SECOND_FACTOR = {"mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes"}


@dataclass
class Here:
    """The world of this module: one thing of each kind at the first site, and a member in each role here and away."""

    things: dict[str, Any] = field(default_factory=dict)
    here: dict[str, User] = field(default_factory=dict)
    away: dict[str, User] = field(default_factory=dict)
    media: Any = None

    def address(self, row: Row) -> str:
        """The row's address with keys of the things it names."""
        values = [a.split("=")[1] if "=" in a else self.things[a] for a in row.arguments]
        if any("=" in a for a in row.arguments):
            return reverse(row.name, kwargs=dict(a.split("=") for a in row.arguments))
        return reverse(row.name, args=values)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Here]:
    with django_db_blocker.unblock(), transaction.atomic():
        with pytest.MonkeyPatch.context() as patch:
            from django.conf import settings

            media = tmp_path_factory.mktemp("sealed")
            patch.setattr(settings, "MEDIA_ROOT", media)
            patch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
            yield _build(Here(media=media))
        transaction.set_rollback(True)


def _build(found: Here) -> Here:
    plan = make_plan(1, timezone.localdate(), treatments=24)
    made = build.World(plan, random.Random(1))
    adopt_reference_content()
    build.open_clinics(made)
    build.stock_the_catalogue(made)
    build.treat_everyone(made, lambda _: None)
    work_up_reactions(made)
    run = signals.run_watch(by=system(), as_of=plan.today)
    edition = dossier.build_edition(by=made.reviewer, condition="skin_ageing", product_class="human")
    site = made.sites["alder"]
    for role in ROLES.values():
        for users, at in ((found.here, site), (found.away, _away())):
            users[role] = governance.add_member(
                by=system(),
                site=at,
                email=f"{role}@{at.code}.example",
                name=role,
                role=role,
                password="x" * 12,
            ).user
    with scope(site=[site.pk]):
        found.things = _things(made, site, run, edition)
    return found


def _away():
    from exovigil.governance.models import Site

    return Site.objects.filter(code="away").first() or governance.open_site(
        by=system(), code="away", name="Away", country="GB"
    )


def _things(made: build.World, site, run, edition) -> dict[str, Any]:
    get = apps.get_model
    case = get("vigilance.Case").objects.filter(reports__isnull=False, management__isnull=False).first()
    treatment = case.treatment
    visit = treatment.follow_ups.filter(answers__isnull=True).first()
    answer = record_follow_up(
        by=made.clinicians["alder"],
        site=site,
        follow_up=visit,
        all_well=False,
        answered_on=treatment.treated_on + dt.timedelta(days=1),
        words="invented",
        photo=SimpleUploadedFile("p.png", _png()),
    )
    doubled = get("vigilance.Case").objects.values("patient").annotate(n=Count("pk")).get(n=2)["patient"]
    two = sorted(get("vigilance.Case").objects.filter(patient=doubled).values_list("pk", flat=True))
    with scopes_disabled():
        link = get("clinic.FollowUpLink").objects.filter(site=site).first()
        alarm = get("signals.Alarm").objects.first()
        membership = get("governance.Membership").objects.filter(site=site, role="reviewer").first()
    return {
        "membership": membership.pk,
        "product": treatment.product_id,
        "lot": treatment.lot_id,
        "patient": treatment.patient_id,
        "screening": treatment.screening_id,
        "consent": treatment.consent_id,
        "treatment": treatment.pk,
        "follow_up": visit.pk,
        "answer": answer.pk,
        "photo": answer.photos.get().pk,
        "token": links.token_of(link),
        "case": case.pk,
        "management": case.management.first().pk,
        "report": case.reports.first().pk,
        "stream": run.streams.first().pk,
        "alarm": alarm.pk,
        "first": two[0],
        "second": two[1],
        "study": "kwon2020",
        "condition": "skin_ageing",
        "product_class": "human",
        "edition": edition.pk,
    }


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def visit(world: Here, row: Row, user: User | None, settings) -> tuple[int, str]:
    """Status and place sent to; nothing it changes is kept."""
    settings.MEDIA_ROOT = world.media
    client = Client()
    with transaction.atomic():
        if user is not None:
            client.force_login(user, backend=BACKEND)
        response = getattr(client, row.method)(world.address(row))
        transaction.set_rollback(True)
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
