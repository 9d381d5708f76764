"""Fill a registry that ``exovigil init`` prepared with one treated patient: ``python -m tests.faults.populate DATA``.

Prints, as JSON, the address of the patient's page, the clinic's form and the cookies of a clinician who is signed in.
"""

import datetime as dt
import json
import os
import sys
from decimal import Decimal
from pathlib import Path

from exovigil.cli.setup import open_registry


def main(data: Path) -> None:
    """Everything through the rooms' own actions."""
    os.environ["EXOVIGIL_EMAIL_BACKEND"] = "django.core.mail.backends.dummy.EmailBackend"
    open_registry(data)
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone
    from django_scopes import scope

    from exovigil.catalogue import actions as catalogue
    from exovigil.catalogue.release import release_tests
    from exovigil.clinic import actions as clinic
    from exovigil.clinic import links, selection
    from exovigil.clinic.queries import CONFIRMATIONS
    from exovigil.governance import actions as governance
    from exovigil.governance.actors import system
    from exovigil.governance.models import Site
    from exovigil.governance.queries import actor_for

    site, today = Site.objects.get(), timezone.localdate()
    password = "correct-horse-battery"
    member = governance.add_member(
        by=system(), site=site, email="c@oak.example", name="Invented", role="clinician", password=password
    )
    by, _ = actor_for(member.user)
    assert by is not None
    product = catalogue.add_product(by=system(), name="Invented", source_class="plant")
    lot = catalogue.add_lot(
        by=system(),
        product=product,
        number="I-1",
        expires_on=today + dt.timedelta(days=300),
        release_tests=[catalogue.CertificateEntry(test.code, "passed") for test in release_tests()[:4]],
    )
    with scope(site=[site.pk]):
        catalogue.receive_stock(by=by, site=site, lot=lot, vials=9, on=today)
        patient = clinic.add_patient(by=by, site=site, name="Nobody Real")
        answers = {question.code: "no" for question in selection.questions()}
        clinic.screen_patient(by=by, site=site, patient=patient, answers=answers)
        clinic.take_consent(
            by=by,
            site=site,
            patient=patient,
            product=product,
            signed_name="Nobody Real",
            confirmed=list(CONFIRMATIONS),
            agrees_to_registry=True,
            agrees_to_reporting=True,
        )
        treatment = clinic.record_treatment(
            by=by,
            site=site,
            patient=patient,
            product=product,
            lot=lot,
            treated_on=today,
            dose=Decimal(1),
            dose_unit="mL",
            vials=1,
            route="topical",
            indication="skin_ageing",
            regions=["forehead"],
        )
        first = treatment.follow_ups.order_by("due_on")[0]
        link = clinic.make_link(by=by, site=site, follow_up=first)
    client = Client()
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    form = reverse("clinic:record-follow-up", args=[first.pk])
    client.get(form)
    print(
        json.dumps(
            {
                "page": links.address_of(link),
                "form": form,
                "cookies": {name: morsel.value for name, morsel in client.cookies.items()},
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
