"""The demonstration world in small, built once a module inside a transaction that is rolled back.

Mark a module that uses it ``django_db``: each test then runs in a savepoint of its own.
"""

import dataclasses
import datetime as dt
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
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
from exovigil.governance.actors import Actor, outside, system
from exovigil.governance.models import Membership, Site, User
from exovigil.governance.queries import actor_for
from exovigil.governance.roles import MEMBER_ROLES
from exovigil.signals import actions as signals
from exovigil.signals import queries as watch
from exovigil.vigilance import actions as vigilance
from tests import tiny_meddra
from tests.small_reports import scanned_store

TOLD = {
    "words": "A hard lump under the eye. Invented.",
    "product_words": "Inventa",
    "age": 44,
    "sex": "female",
    "reporter": "5",
    "reporter_name": "Nobody Real",
}
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class SmallWorld:
    """One thing of each kind at the first site, and a member in each role here and at a site of their own."""

    media: Path
    site: Site = field(init=False)
    things: dict[str, Any] = field(default_factory=dict)
    here: dict[str, User] = field(default_factory=dict)
    away: dict[str, User] = field(default_factory=dict)
    signed_in: dict[str, Client] = field(default_factory=dict)

    def actor(self, role: str) -> Actor:
        """The first site's member in this role."""
        found, _ = actor_for(self.here[role])
        assert found is not None
        return found

    def client(self, user: User) -> Client:
        """A browser-less client, signed in."""
        client = Client()
        client.force_login(user, backend=BACKEND)
        return client

    def sign_in_everybody(self) -> None:
        """Sign each of the first site's members in, once for the module."""
        self.signed_in = {role: self.client(user) for role, user in self.here.items()}


@contextmanager
def small_world(media: Path, treatments: int = 24) -> Iterator[SmallWorld]:
    """Build it, and take everything back at the end; files go to ``media``."""
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MEDIA_ROOT", media)
        patch.setattr(settings, "REPORT_STORE", scanned_store(media / "store"))
        patch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
        yield _build(SmallWorld(media), treatments)
        transaction.set_rollback(True)


def png() -> bytes:
    """A picture of eight by eight pixels."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def _build(found: SmallWorld, treatments: int) -> SmallWorld:
    plan = make_plan(1, timezone.localdate(), treatments=treatments)
    made = build.World(plan, random.Random(1))
    adopt_reference_content()
    build.open_clinics(made)
    build.stock_the_catalogue(made)
    build.treat_everyone(made, lambda _: None)
    work_up_reactions(made)
    run = signals.run_watch(by=system(), as_of=plan.today)
    edition = dossier.build_edition(by=made.reviewer, condition="skin_ageing", product_class="human")
    found.site = made.sites["alder"]
    other = governance.open_site(by=system(), code="away", name="Away", country="GB")
    for role in MEMBER_ROLES:
        for users, at in ((found.here, found.site), (found.away, other)):
            users[role] = governance.add_member(
                by=system(),
                site=at,
                email=f"{role}@{at.code}.example",
                name=role,
                role=role,
                password="x" * 12,
            ).user
    vigilance.import_meddra(
        by=system(), site=found.site, source=SimpleUploadedFile("m.zip", tiny_meddra.packed())
    )
    with scope(site=[found.site.pk]):
        found.things = _things(made, found.site, run, edition)
    return found


def other_case(case: Any) -> Any:
    """Another case of the same site."""
    return type(case).objects.filter(site=case.site_id).exclude(pk=case.pk).order_by("pk").first()


def _things(made: build.World, site: Site, run: Any, edition: Any) -> dict[str, Any]:
    get = apps.get_model
    case = get("vigilance.Case").objects.filter(reports__isnull=False, management__isnull=False).first()
    vigilance.write_narrative(by=system(), site=site, case=case, narrative="Told anew, since its report.")
    treatment = case.treatment
    visit = treatment.follow_ups.filter(answers__isnull=True).first()
    answer = record_follow_up(
        by=made.clinicians["alder"],
        site=site,
        follow_up=visit,
        all_well=False,
        answered_on=treatment.treated_on + dt.timedelta(days=1),
        words="invented",
        photo=SimpleUploadedFile("p.png", png()),
    )
    pair = watch.pairs(dataclasses.replace(system(), site_ids=(site.pk,)))[0]
    two = sorted((pair.first.case_id, pair.second.case_id))
    with scopes_disabled():
        link = get("clinic.FollowUpLink").objects.filter(site=site).first()
        alarm = get("signals.Alarm").objects.first()
        membership = Membership.objects.filter(site=site, role="reviewer").first()
    submission = vigilance.record_submission(
        by=system(),
        site=site,
        case=case,
        rule="uk_clinician_medicine",
        sent_on=timezone.localdate(),
        sent_to="MHRA",
        proof=SimpleUploadedFile("receipt.txt", b"received"),
    )
    incoming = vigilance.tell_from_outside(by=outside(site.pk), site=site, told=TOLD)
    sister = vigilance.link_cases(
        by=system(), site=site, case=case, other=other_case(case), kind="lot", reason="One lot. Invented."
    )
    return {
        "submission": submission.pk,
        "incoming": incoming.pk,
        "link": sister.pk,
        "place": site.code,
        "membership": membership.pk,
        "site_code": site.code,
        "step": "photograph",
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
        "release": get("vigilance.MeddraRelease").objects.get().pk,
        "form": "cioms",
        "version": case.versions.first().number,
        "stream": run.streams.first().pk,
        "alarm": alarm.pk,
        "first": two[0],
        "second": two[1],
        "study": "kwon2020",
        "attribute": "source_species",
        "condition": "skin_ageing",
        "product_class": "human",
        "edition": edition.pk,
    }
