"""Lots, their certificates and release results."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from exovigil.catalogue import certificate
from exovigil.catalogue.models import Lot, Product, ReleaseTest
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission

_SHA256 = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class CertificateEntry:
    """One line of a certificate as it is handed in; ``outcome`` is passed, failed or not_done."""

    test: str
    outcome: str
    result: str = ""
    tested_on: dt.date | None = None


@action(Permission.MANAGE_CATALOGUE)
def add_lot(
    *,
    by: Actor,
    product: Product,
    number: str,
    expires_on: dt.date | None = None,
    made_on: dt.date | None = None,
    certificate_issuer: str = "",
    certificate_issued_on: dt.date | None = None,
    certificate_sha256: str = "",
    release_tests: Sequence[CertificateEntry] = (),
) -> Lot:
    """Add a lot with its certificate; a test left out is not on the certificate and counts as missing.

    A refused line names the fields ``outcome_<test>``, ``result_<test>`` or ``tested_on_<test>``.
    """
    number = " ".join(number.split())
    if not number:
        raise Refused("Enter the lot number as it stands on the vial.", "number")
    if Lot.objects.filter(product=product, number__iexact=number).exists():
        raise Refused(f"{product.name} already has a lot {number}. Open that lot instead.", "number")
    _check_dates(made_on, expires_on, certificate_issued_on)
    if certificate_sha256 and not _SHA256.match(certificate_sha256):
        raise Refused("A SHA-256 fingerprint has 64 characters, 0–9 and a–f.", "certificate_sha256")
    tests = [entry.test for entry in release_tests]
    if len(set(tests)) < len(tests):
        raise Refused("A test is on this form twice. Enter each once and add repeats on the lot's page.")
    lot = Lot.objects.create(
        product=product,
        number=number,
        made_on=made_on,
        expires_on=expires_on,
        certificate_issuer=certificate_issuer.strip(),
        certificate_issued_on=certificate_issued_on,
        certificate_sha256=certificate_sha256,
    )
    for entry in release_tests:
        _add_result(lot, entry, suffix=f"_{entry.test}")
    audit.record(
        "catalogue.lot.added",
        by=by,
        target=lot,
        product=product.pk,
        number=number,
        expires_on=expires_on,
        certificate_sha256=certificate_sha256,
        tests={entry.test: entry.outcome for entry in release_tests},
    )
    return lot


@action(Permission.MANAGE_CATALOGUE)
def record_release_test(
    *, by: Actor, lot: Lot, test: str, outcome: str, result: str = "", tested_on: dt.date | None = None
) -> ReleaseTest:
    """Add one result to a lot; earlier results stay and the worst of them counts."""
    row = _add_result(lot, CertificateEntry(test, outcome, result, tested_on))
    audit.record("catalogue.release_test.recorded", by=by, target=row, lot=lot.pk, test=test, outcome=outcome)
    return row


@action(Permission.MANAGE_CATALOGUE)
def state_expiry(*, by: Actor, lot: Lot, expires_on: dt.date) -> Lot:
    """Give a lot the expiry date that was not known; a known one is not changed."""
    locked = Lot.objects.select_for_update().get(pk=lot.pk)
    if locked.expires_on is not None:
        raise Refused("This lot has an expiry date already, and it cannot be changed.", "expires_on")
    _check_dates(locked.made_on, expires_on, locked.certificate_issued_on)
    locked.expires_on = expires_on
    locked.save(update_fields=["expires_on"])
    audit.record("catalogue.lot.expiry_stated", by=by, target=locked, expires_on=expires_on)
    return locked


def _check_dates(made_on: dt.date | None, expires_on: dt.date | None, issued_on: dt.date | None) -> None:
    today = timezone.localdate()
    if made_on and made_on > today:
        raise Refused("The day of manufacture is in the future. Check the date.", "made_on")
    if made_on and expires_on and expires_on <= made_on:
        raise Refused("The lot expires on or before the day it was made. Check both dates.", "expires_on")
    if issued_on and issued_on > today:
        raise Refused("The certificate's date is in the future. Check it.", "certificate_issued_on")
    if issued_on and made_on and issued_on < made_on:
        raise Refused(
            "The certificate is older than the lot. Check that it belongs to this lot.",
            "certificate_issued_on",
        )


def _add_result(lot: Lot, entry: CertificateEntry, suffix: str = "") -> ReleaseTest:
    try:
        test = certificate.test_of(entry.test)
    except KeyError as error:
        raise Refused("Choose one of the release tests offered.", "test") from error
    if entry.outcome not in ReleaseTest.Outcome.values:
        raise Refused(f"{test.label}: choose passed, failed or not done.", f"outcome{suffix}")
    result = entry.result.strip()
    if entry.outcome == ReleaseTest.Outcome.NOT_DONE and result:
        raise Refused(
            f"{test.label}: a test that was not done has no result. Correct one of the two.",
            f"result{suffix}",
        )
    try:
        certificate.read_value(test, result)
    except ValueError as error:
        raise Refused(f"{test.label}: {error}.", f"result{suffix}") from error
    if entry.tested_on and entry.tested_on > timezone.localdate():
        raise Refused(f"{test.label}: the test date is in the future.", f"tested_on{suffix}")
    line = {"test": test.code, "outcome": entry.outcome, "result": result, "tested_on": entry.tested_on}
    if lot.release_tests.filter(**line).exists():
        raise Refused(f"{test.label}: this very result is recorded already.", f"outcome{suffix}")
    return ReleaseTest.objects.create(lot=lot, **line)
