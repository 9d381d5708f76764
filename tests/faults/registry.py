"""The small world with something for each form of ``forms`` to be about, and a digest of all it holds."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone
from django_scopes import scope

from exovigil.catalogue import actions as catalogue
from exovigil.catalogue.models import Lot, Product
from exovigil.clinic import actions as clinic
from exovigil.clinic import links
from exovigil.clinic.models import Consent, FollowUp, FollowUpLink, Patient, Screening
from exovigil.clinic.queries import CONFIRMATIONS
from exovigil.signals import actions as watch
from exovigil.signals.models import Alarm
from tests.faults.forms import ALL_NO, MANDATORY, REASON, C, S
from tests.small_world import SmallWorld, small_world

NOT_RECORDS = {"django_session", "sqlite_sequence"}


@contextmanager
def registry(media: Path) -> Iterator[SmallWorld]:
    """The small world with something for each form to be about."""
    with small_world(media) as world:
        with scope(site=[world.site.pk]):
            _lots(world)
            _patients(world)
            _follow_ups(world)
        world.sign_in_everybody()
        yield world


def _lots(world: SmallWorld) -> None:
    officer, clinician = world.actor(S), world.actor(C)
    product = Product.objects.get(pk=world.things["product"])
    passed = [catalogue.CertificateEntry(code, "passed") for code in MANDATORY]

    def add(name: str, **more: Any) -> Lot:
        tomorrow = timezone.localdate() + dt.timedelta(days=300)
        lot = catalogue.add_lot(
            by=officer,
            product=product,
            number=name.upper(),
            **{"release_tests": passed, "expires_on": tomorrow, **more},
        )
        world.things[name] = lot.pk
        return lot

    add("bare", release_tests=[])
    add("undated", expires_on=None)
    catalogue.quarantine_lot(by=officer, lot=add("held"), reason=REASON)
    blocked, scarce = add("blocked", release_tests=[]), add("scarce")
    for lot, name in ((blocked, "decided_alarm"), (scarce, "closed_alarm")):
        alarm = Alarm.objects.create(
            event_class="delayed-nodule",
            product=product,
            lot=lot,
            alarmed_on=timezone.localdate(),
            events=3,
            expected=0.01,
        )
        watch.decide_alarm(by=officer, alarm=alarm, decision="no_action", note=REASON)
        world.things[name] = alarm.pk
    watch.close_alarm(by=officer, alarm=alarm, note=REASON)
    for lot, vials in ((blocked, 5), (scarce, 1)):
        catalogue.receive_stock(by=clinician, site=world.site, lot=lot, vials=vials, on=timezone.localdate())


def _patients(world: SmallWorld) -> None:
    by, site = world.actor(C), world.site
    product = Product.objects.get(pk=world.things["product"])

    def add(name: str) -> Patient:
        row = clinic.add_patient(by=by, site=site, name=f"{name.title()} Fabricated", date_of_birth="1980")
        world.things[name] = row.pk
        return row

    def screen(row: Patient, **answers: str) -> Screening:
        return clinic.screen_patient(by=by, site=site, patient=row, answers=ALL_NO | answers)

    def sign(row: Patient) -> Consent:
        return clinic.take_consent(
            by=by,
            site=site,
            patient=row,
            product=product,
            signed_name="Invented Person",
            confirmed=list(CONFIRMATIONS),
            agrees_to_registry=True,
            agrees_to_reporting=True,
        )

    add("newcomer")
    screen(add("selected"))
    screen(add("excluded"), pregnancy="yes")
    world.things["caution"] = screen(add("careful"), allergy="yes").pk
    ready = add("ready")
    screen(ready)
    world.things["agreed"] = sign(ready).pk
    sign(ready)  # two, so that one may be withdrawn


def _follow_ups(world: SmallWorld) -> None:
    by, site = world.actor(C), world.site
    visits = FollowUp.objects.filter(site=site, links__isnull=True, answers__isnull=True).order_by("pk")
    for name, visit in zip(("open", "linked", "expired", "revoked", "to_link"), visits, strict=False):
        world.things[name] = visit.pk
        if name in {"linked", "expired", "revoked"}:
            link = clinic.make_link(by=by, site=site, follow_up=visit)
            if name == "expired":
                FollowUpLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())
            if name == "revoked":
                clinic.revoke_link(by=by, site=site, link=link)
            world.things[f"{name}_token"] = links.token_of(link)


def everything(media: Path) -> dict[str, str]:
    """Digest of each table, row by row, and of the folder of photographs: equal means that nothing changed."""
    found = {"photographs": str(sorted(path.name for path in media.glob("*")))}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in NOT_RECORDS:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                rows = sorted(map(repr, cursor.fetchall()))
                found[table] = f"{len(rows)} rows, {hashlib.sha256(str(rows).encode()).hexdigest()}"
    return found
