"""Pages of products and lots: what they show, whom they let in, and that bad input changes nothing."""

import datetime as dt
import hashlib
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from exovigil.catalogue import actions, queries
from exovigil.catalogue.models import CompositionStatement, LegalStatement, Lot, Product
from exovigil.governance.actors import system
from tests.catalogue.pages import REASON, unchanged, url

pytestmark = pytest.mark.django_db


# --- Looking -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["clinician", "safety_officer", "reviewer", "administrator"])
def test_every_role_sees_products_and_lots(actor, client_of, blocked_lot, role):
    client = client_of(actor(role))
    addresses = (
        url("products"),
        url("product", blocked_lot.product_id),
        url("lot", blocked_lot.pk),
    )
    for address in addresses:
        assert client.get(address).status_code == 200


def test_the_list_says_how_the_lots_stand(client_of, safety_officer, good_lot, blocked_lot):
    page = client_of(safety_officer).get(url("products")).content.decode()
    assert "1 may be used" in page
    assert "1 must not be used" in page
    assert "status-stop" in page
    assert url("add-product") in page


def test_the_list_exports_words_without_markup(client_of, clinician, good_lot, blocked_lot):
    answer = client_of(clinician).get(url("products"), {"export": "csv"})
    rows = answer.content.decode().splitlines()
    assert rows[1] == "Inventa One,Makebelieve Bio,Human,Topical only,2,1 must not be used; 1 may be used"


def test_a_search_by_lot_number_finds_the_product_once(client_of, clinician, good_lot, blocked_lot):
    page = client_of(clinician).get(url("products"), {"q": "b-2"}).content.decode()
    assert page.count("Inventa One</a>") == 1
    assert 'data-label="Lots" class="num">2<' in page
    assert "Clear the search" in client_of(clinician).get(url("products"), {"q": "nothing"}).content.decode()


def test_an_empty_catalogue_says_what_to_do(client_of, safety_officer, clinician):
    assert "Add the first one" in client_of(safety_officer).get(url("products")).content.decode()
    assert "can add one" in client_of(clinician).get(url("products")).content.decode()


def test_lists_and_pages_need_few_queries(
    client_of, of_two_sites, make_lot, product, django_assert_max_num_queries
):
    for number in range(12):
        make_lot(f"N{number}", without="mycoplasma" if number % 3 else "")
    client = client_of(of_two_sites("safety_officer"))
    client.get(url("products"))
    with django_assert_max_num_queries(12):
        client.get(url("products"))
    with django_assert_max_num_queries(16):
        client.get(url("product", product.pk))
    with django_assert_max_num_queries(18):
        client.get(url("lot", Lot.objects.first().pk))


def test_a_blocked_lot_says_so_in_words_and_shape(client_of, clinician, blocked_lot):
    page = client_of(clinician).get(url("lot", blocked_lot.pk)).content.decode()
    assert "Must not be used" in page
    assert "✕" in page
    assert "Mycoplasma: no result" in page
    assert "Only a safety officer can allow it here" in page
    assert url("override-lot", blocked_lot.pk) not in page
    assert url("receive-stock", blocked_lot.pk) in page


def test_the_lot_page_offers_the_override_to_who_may_make_it(client_of, safety_officer, blocked_lot, site):
    page = client_of(safety_officer).get(url("lot", blocked_lot.pk)).content.decode()
    assert f"{url('override-lot', blocked_lot.pk)}?site={site.pk}" in page


def test_an_override_is_shown_with_its_reason_at_its_own_site_only(
    client_of, clinician, safety_officer, actor, blocked_lot, site, other_site
):
    actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=REASON)
    here = client_of(clinician).get(url("lot", blocked_lot.pk)).content.decode()
    there = client_of(actor("clinician", other_site)).get(url("lot", blocked_lot.pk)).content.decode()
    assert REASON in here
    assert "Mycoplasma missing" in here
    assert "Blocked by its certificate, allowed here by override" in here
    assert "Must not be used" in there
    assert "Allowed by override" in here
    assert REASON not in there
    assert "Allowed by override" not in there
    listed = client_of(clinician).get(url("product", blocked_lot.product_id)).content.decode()
    assert "Allowed here by override" in listed


def test_stock_of_another_site_is_out_of_sight(
    client_of, clinician, actor, good_lot, site, other_site, today
):
    actions.receive_stock(
        by=system(), site=other_site, lot=good_lot, vials=77, on=today, reference="Elm order"
    )
    page = client_of(clinician).get(url("lot", good_lot.pk)).content.decode()
    assert "77 vials" not in page
    assert "+77" not in page
    assert "Elm order" not in page
    assert (
        "Elm order" in client_of(actor("clinician", other_site)).get(url("lot", good_lot.pk)).content.decode()
    )


def test_the_product_page_shows_both_sides_and_contradictions(client_of, safety_officer, product):
    actions.state_composition(
        by=system(),
        product=product,
        attribute="source_species",
        value="plant",
        basis="verified",
        stated_by="Invented Laboratory",
        source="Report 7",
    )
    page = client_of(safety_officer).get(url("product", product.pk)).content.decode()
    assert "Differs" in page
    assert "What was verified differs from what is declared" in page
    assert "These sources contradict each other" in page
    assert "confidence: low" in page


@pytest.mark.parametrize(("name", "pk"), [("product", 999), ("lot", 999), ("add-lot", 999)])
def test_what_does_not_exist_is_404(client_of, safety_officer, name, pk):
    assert client_of(safety_officer).get(url(name, pk)).status_code == 404


# --- Who may -----------------------------------------------------------------------------------------

WRITES = {
    "add-product": {"safety_officer", "administrator"},
    "add-composition": {"safety_officer", "administrator"},
    "add-legal-statement": {"safety_officer", "administrator"},
    "add-lot": {"safety_officer", "administrator"},
    "record-release-test": {"safety_officer", "administrator"},
    "state-expiry": {"safety_officer", "administrator"},
    "override-lot": {"safety_officer"},
    "quarantine-lot": {"safety_officer"},
    "release-quarantine": {"safety_officer"},
    "receive-stock": {"clinician"},
    "remove-stock": {"clinician"},
}


@pytest.mark.parametrize("role", ["clinician", "safety_officer", "reviewer", "administrator"])
def test_each_form_opens_to_its_roles_only(actor, client_of, blocked_lot, role):
    client = client_of(actor(role))
    for name, allowed in WRITES.items():
        of_product = name in {"add-composition", "add-legal-statement", "add-lot"}
        args = [] if name == "add-product" else [blocked_lot.product_id if of_product else blocked_lot.pk]
        expected = 200 if role in allowed else 403
        assert client.get(url(name, *args)).status_code == expected, name
        if expected == 403:
            assert client.post(url(name, *args), {}).status_code == 403, name


# --- Products ----------------------------------------------------------------------------------------

PRODUCT = {"name": "Fictiva", "kind": "exosome", "source_class": "plant", "declared_route": "unknown"}


def test_a_product_is_added_with_its_declared_composition(client_of, administrator):
    data = {**PRODUCT, "isolation": "other", "isolation_words": "magnetic beads", "maker": "Pretend Labs"}
    answer = client_of(administrator).post(url("add-product"), data)
    made = Product.objects.get()
    assert answer.headers["Location"] == url("product", made.pk)
    stated = dict(made.composition.values_list("attribute", "value"))
    assert stated == {"source_species": "plant", "isolation": "other: magnetic beads"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "Enter the product&#x27;s name"),
        ({"source_class": ""}, "Choose the declared source"),
        ({"isolation": "other"}, "Say what the isolation method is"),
        ({"isolation": "magic"}, "Choose one of the answers offered"),
        ({"name": "inventa one"}, "in the catalogue already"),
    ],
)
def test_a_product_with_something_wrong_is_not_added(client_of, administrator, product, changes, message):
    unchanged(client_of(administrator), url("add-product"), {**PRODUCT, **changes}, message)


def test_the_same_product_form_twice_makes_one(client_of, administrator):
    client, data = client_of(administrator), {**PRODUCT, "key": str(uuid.uuid4())}
    first, second = client.post(url("add-product"), data), client.post(url("add-product"), data)
    assert first.headers["Location"] == second.headers["Location"]
    assert Product.objects.count() == 1


def test_a_statement_is_added_after_choosing_what_it_is_about(client_of, safety_officer, product):
    client, address = client_of(safety_officer), url("add-composition", product.pk)
    assert "?attribute=isolation" in client.get(address).content.decode()
    data = {
        "value": "affinity",
        "basis": "verified",
        "stated_by": "Invented Laboratory",
        "source": "Report 7",
    }
    assert client.post(f"{address}?attribute=isolation", data).status_code == 302
    row = CompositionStatement.objects.get(attribute="isolation")
    assert (row.value, row.basis, row.source) == ("affinity", "verified", "Report 7")
    unchanged(client, f"{address}?attribute=isolation", {**data, "source": ""}, "Name the report or paper")
    unchanged(
        client,
        f"{address}?attribute=isolation",
        {**data, "value": "other"},
        "Say what the isolation method is",
    )
    unchanged(client, f"{address}?attribute=particle_claim", {**data, "value": "lots"}, "in figures")


def test_a_legal_statement_is_added(client_of, safety_officer, product):
    client, address = client_of(safety_officer), url("add-legal-statement", product.pk)
    data = {
        "jurisdiction": "UK",
        "statement": "Notified as a cosmetic.",
        "source": "Letter",
        "confidence": "low",
    }
    assert client.post(address, data).status_code == 302
    assert LegalStatement.objects.get().confidence == "low"
    assert "Notified as a cosmetic." in client.get(url("product", product.pk)).content.decode()
    unchanged(client, address, {**data, "source": ""}, "Name the source")
    unchanged(client, address, {**data, "stated_on": "2999-01-01"}, "in the future")


# --- Lots --------------------------------------------------------------------------------------------


def _lot_form(**changes):
    data = {"number": "K-7", "expires_on": "2999-12-31", "certificate_issuer": "Makebelieve Bio"}
    for code, result in (("sterility", ""), ("endotoxin", "<0.1"), ("mycoplasma", ""), ("identity", "")):
        data |= {f"outcome_{code}": "passed", f"result_{code}": result}
    return {**data, **changes}


def test_a_lot_is_added_with_its_whole_certificate(client_of, administrator, product, today):
    paper = SimpleUploadedFile("certificate.pdf", b"%PDF- invented", "application/pdf")
    answer = client_of(administrator).post(
        url("add-lot", product.pk), _lot_form(certificate_file=paper), follow=True
    )
    made = queries.lot(Lot.objects.get().pk)
    assert "By its certificate it may be used" in answer.content.decode()
    assert made.certificate_sha256 == hashlib.sha256(b"%PDF- invented").hexdigest()
    assert queries.lot_check(made, None, today).usable
    assert set(made.release_tests.values_list("test", flat=True)) == {
        "sterility",
        "endotoxin",
        "mycoplasma",
        "identity",
    }


def test_a_lot_without_a_mandatory_test_is_added_and_blocked(client_of, administrator, product):
    data = _lot_form(outcome_mycoplasma="")
    page = client_of(administrator).post(url("add-lot", product.pk), data, follow=True).content.decode()
    assert "It must not be used; the reasons are below" in page
    assert "Mycoplasma: no result" in page


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"number": ""}, "Enter the lot number"),
        ({"number": "a-1"}, "already has a lot"),
        ({"result_endotoxin": "low"}, "Bacterial endotoxin: write the result in figures"),
        ({"outcome_sterility": "", "result_sterility": "fine"}, "Sterility: choose the outcome"),
        ({"outcome_sterility": "brilliant"}, "Select a valid choice"),
        ({"made_on": "2998-01-01"}, "in the future"),
        ({"made_on": "2020-01-02", "expires_on": "2020-01-01"}, "Check both dates"),
        ({"expires_on": "31/31/2026"}, "Enter a date of the calendar"),
        ({"certificate_file": SimpleUploadedFile("empty.pdf", b"")}, "This file is empty"),
    ],
)
def test_a_lot_with_something_wrong_is_not_added(client_of, administrator, good_lot, changes, message):
    page = unchanged(
        client_of(administrator), url("add-lot", good_lot.product_id), _lot_form(**changes), message
    )
    assert 'value="Makebelieve Bio"' in page  # what was right is still there


def test_a_certificate_that_is_too_large_is_not_taken(client_of, administrator, product, settings):
    settings.UPLOAD_FILE_LIMIT = 1000
    paper = SimpleUploadedFile("huge.pdf", b"x" * 200_000, "application/pdf")
    unchanged(
        client_of(administrator),
        url("add-lot", product.pk),
        _lot_form(certificate_file=paper),
        "Choose a smaller one",
    )


def test_a_result_is_added_and_a_wrong_one_is_not(client_of, administrator, blocked_lot, today):
    client, address = client_of(administrator), url("record-release-test", blocked_lot.pk)
    unchanged(client, address, {"test": "mycoplasma"}, "Choose passed, failed or not done")
    unchanged(client, address, {"test": "endotoxin", "outcome": "passed", "result": "?"}, "in figures")
    assert client.post(address, {"test": "mycoplasma", "outcome": "passed"}).status_code == 302
    assert queries.lot_check(queries.lot(blocked_lot.pk), None, today).usable


def test_an_expiry_date_is_entered_once(client_of, administrator, make_lot):
    lot = make_lot(expires_on=None)
    client, address = client_of(administrator), url("state-expiry", lot.pk)
    assert address in client.get(url("lot", lot.pk)).content.decode()
    assert client.post(address, {"expires_on": "2999-01-31"}).status_code == 302
    assert queries.lot(lot.pk).expires_on == dt.date(2999, 1, 31)
    unchanged(client, address, {"expires_on": "2999-02-28"}, "cannot be changed")
