"""Lists: filter, sort, page, export."""

import pytest
from django.db.models import Q
from django.test import RequestFactory

from exovigil.foundation.listing import Choice, Column, Listing, defuse
from exovigil.governance.models import Site

pytestmark = pytest.mark.django_db

COLUMNS = (
    Column("Name", lambda s: s.name, sort="name"),
    Column("Code", lambda s: s.code),
)


@pytest.fixture
def sites():
    for number in range(60):
        country = "GB" if number % 2 else "IE"
        Site.objects.create(code=f"s{number:02}", name=f"Site {number:02}", country=country)


def listing(address: str) -> Listing[Site]:
    countries = tuple((c, c, Q(country=c)) for c in ("GB", "IE"))
    return Listing(
        RequestFactory().get(address),
        Site.objects.all(),
        COLUMNS,
        name="sites",
        search=("name",),
        choices=(Choice("country", "Country", countries),),
    )


def names(found: Listing[Site]) -> list[str]:
    return [site.name for site in found.page()]


def test_it_pages_by_twenty_five_and_forgives_a_page_that_is_not_there(sites):
    assert len(names(listing("/"))) == 25
    assert names(listing("/?page=99")) == [f"Site {n}" for n in range(50, 60)]
    assert names(listing("/?page=x"))[0] == "Site 00"


def test_it_searches_filters_and_sorts(sites):
    assert names(listing("/?q=site+07")) == ["Site 07"]
    assert names(listing("/?country=GB"))[:2] == ["Site 01", "Site 03"]
    assert names(listing("/?sort=-name"))[0] == "Site 59"


def test_it_sorts_only_by_what_it_offers(sites):
    assert names(listing("/?sort=telephone"))[0] == "Site 00"


def test_headings_offer_the_other_direction_and_keep_the_filter(sites):
    name, code = listing("/?country=GB&sort=name&page=2").headings()
    assert name["direction"] == "ascending"
    assert name["url"] == "?country=GB&sort=-name"
    assert code["url"] == ""


def test_the_export_holds_every_filtered_row(sites):
    found = listing("/?country=GB&export=csv")
    assert found.wants_export
    lines = found.export().content.decode().splitlines()
    assert lines[0] == "Name,Code"
    assert len(lines) == 31


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1+1", "'=1+1"), ("@cmd", "'@cmd"), ("-4.5", "-4.5"), ("-x", "'-x"), (None, ""), ("plain", "plain")],
)
def test_a_formula_reaches_a_spreadsheet_as_text(value, cell):
    assert defuse(value) == cell
