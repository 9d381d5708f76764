"""A product and lots in every state that matters."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from django_scopes import scopes_disabled

from exovigil.catalogue import actions, queries
from exovigil.catalogue.actions import CertificateEntry
from exovigil.catalogue.models import Lot, Product
from exovigil.governance.actors import Actor, system
from exovigil.governance.models import Membership, Site
from exovigil.governance.queries import actor_for

GOOD = (
    CertificateEntry("sterility", "passed", "no growth"),
    CertificateEntry("endotoxin", "passed", "0.05"),
    CertificateEntry("mycoplasma", "passed", "negative"),
    CertificateEntry("identity", "passed"),
)
REASON = "Trial arm agreed with the sponsor; result expected on Friday."


@pytest.fixture(autouse=True)
def all_sites():
    """Tests read what they like; actions and requests narrow the scope themselves."""
    with scopes_disabled():
        yield


@pytest.fixture
def product(db) -> Product:
    return actions.add_product(
        by=system(),
        name="Inventa One",
        maker="Makebelieve Bio",
        source_class="human",
        declared_route="topical",
    )


@pytest.fixture
def make_lot(product) -> Callable[..., Lot]:
    """Makes a lot, by default one whose certificate is whole."""

    def make(number: str = "A-1", without: str = "", **changes) -> Lot:
        fields = {
            "expires_on": timezone.localdate() + dt.timedelta(days=300),
            "release_tests": [entry for entry in GOOD if entry.test != without],
        }
        made = actions.add_lot(by=system(), product=product, number=number, **{**fields, **changes})
        return queries.lot(made.pk)

    return make


@pytest.fixture
def good_lot(make_lot) -> Lot:
    return make_lot()


@pytest.fixture
def blocked_lot(make_lot) -> Lot:
    """A lot without a mycoplasma result."""
    return make_lot("B-2", without="mycoplasma")


@pytest.fixture
def of_two_sites(member, site, other_site) -> Callable[[str], Actor]:
    """Makes an actor who holds one role at both sites."""

    def make(role: str) -> Actor:
        user = member(role, site)
        with scopes_disabled():
            Membership.objects.create(user=user, site=other_site, role=role)
        found, _ = actor_for(user)
        assert found is not None
        return found

    return make


@pytest.fixture
def fresh() -> Callable[[Lot], Lot]:
    """Reads a lot again, as a page would."""
    return lambda lot: queries.lot(lot.pk)


@pytest.fixture
def today() -> dt.date:
    return timezone.localdate()


@pytest.fixture
def sites(site, other_site) -> list[Site]:
    return [site, other_site]
