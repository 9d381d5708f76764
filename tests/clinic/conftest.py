"""A product, its lots, and a patient on the way to treatment, made through the actions themselves."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from django_scopes import scopes_disabled

from exovigil.catalogue import actions as catalogue
from exovigil.catalogue import queries as catalogue_queries
from exovigil.catalogue.actions import CertificateEntry
from exovigil.clinic import actions, selection
from exovigil.clinic.queries import CONFIRMATIONS
from exovigil.governance.actors import system

MANDATORY = ("sterility", "endotoxin", "mycoplasma", "identity")


@pytest.fixture
def unscoped():
    """Lets a test read the rows of every site; actions and requests narrow the scope themselves."""
    with scopes_disabled():
        yield


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()


@pytest.fixture
def no_to_all() -> dict[str, str]:
    """Answers that make a patient eligible."""
    return {question.code: "no" for question in selection.questions()}


@pytest.fixture
def world(db, site):
    """The frozen text and the adopted protocol, as the installation leaves them."""
    return actions.freeze_consent_text(by=system()), actions.adopt_protocol(by=system())


@pytest.fixture
def make_product(db) -> Callable[..., Any]:
    """Makes a product, by default one declared for topical use."""

    def make(name: str = "Inventa Glow", declared_route: str = "topical") -> Any:
        return catalogue.add_product(
            by=system(),
            name=name,
            maker="Makebelieve Bio",
            source_class="human",
            declared_route=declared_route,
        )

    return make


@pytest.fixture
def product(make_product):
    return make_product()


@pytest.fixture
def make_lot(product, site, today) -> Callable[..., Any]:
    """Makes a lot with its stock at the first site, by default one with a whole certificate and ten vials."""

    def make(number: str = "G-1", without: str = "", vials: int = 10, of: Any = None) -> Any:
        made = catalogue.add_lot(
            by=system(),
            product=of or product,
            number=number,
            expires_on=today + dt.timedelta(days=300),
            release_tests=[CertificateEntry(test, "passed") for test in MANDATORY if test != without],
        )
        if vials:
            catalogue.receive_stock(
                by=system(), site=site, lot=made, vials=vials, on=today - dt.timedelta(days=400)
            )
        return catalogue_queries.lot(made.pk)

    return make


@pytest.fixture
def lot(make_lot):
    return make_lot()


@pytest.fixture
def patient(site, clinician):
    return actions.add_patient(
        by=clinician,
        site=site,
        name="Ida Invented",
        sex="female",
        email="ida@mail.example",
        date_of_birth="1985-06-07",
    )


@pytest.fixture
def screened(patient, site, clinician, no_to_all):
    """The patient after a screening with no to everything."""
    actions.screen_patient(by=clinician, site=site, patient=patient, answers=no_to_all)
    return patient


@pytest.fixture
def sign(site, clinician, product, world) -> Callable[..., Any]:
    """Takes consent of a patient, by default to the product on this day."""

    def take(patient: Any, **changes: Any) -> Any:
        answers = {
            "by": clinician,
            "product": product,
            "signed_name": "Ida Invented",
            "confirmed": list(CONFIRMATIONS),
            "agrees_to_registry": True,
            "agrees_to_reporting": False,
            "route": "topical",
        }
        return actions.take_consent(site=site, patient=patient, **{**answers, **changes})

    return take


@pytest.fixture
def consented(screened, sign):
    """The patient after screening and consent."""
    sign(screened)
    return screened


@pytest.fixture
def given(product, lot, today) -> dict[str, Any]:
    """What a treatment record says."""
    return {
        "product": product,
        "lot": lot,
        "treated_on": today,
        "dose": Decimal("2.50"),
        "dose_unit": "mL",
        "vials": 1,
        "route": "topical",
        "indication": "skin_ageing",
        "regions": ["cheek_left", "forehead"],
        "device": "none",
    }
