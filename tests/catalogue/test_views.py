"""Pages of the catalogue: what they show, whom they let in, and that bad input changes nothing."""

import datetime as dt
import hashlib
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from exovigil.catalogue import actions, queries
from exovigil.catalogue.models import (
    CompositionStatement,
    LegalStatement,
    Lot,
    LotOverride,
    Product,
    Quarantine,
    ReleaseTest,
    StockMovement,
)
from exovigil.governance.actors import system

pytestmark = pytest.mark.django_db
REASON = "Sponsor agreed in writing; the result is expected on Friday."
TABLES = (
    CompositionStatement,
    LegalStatement,
    Lot,
    LotOverride,
    Product,
    Quarantine,
    ReleaseTest,
    StockMovement,
)


def _url(name, *args):
    return reverse(f"catalogue:{name}", args=args)


def _counts():
    return {table.__name__: table.objects.count() for table in TABLES}


def _unchanged(client, url, data, message):
    before = _counts()
    answer = client.post(url, data)
    assert answer.status_code == 422, answer.content.decode()
    page = answer.content.decode()
    assert message in page
    assert "There is a problem" in page
    assert _counts() == before
    return page


# --- Looking -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["clinician", "safety_officer", "reviewer", "administrator"])
def test_every_role_sees_products_and_lots(actor, client_of, blocked_lot, role):
    client = client_of(actor(role))
    addresses = (
        _url("products"),
        _url("product", blocked_lot.product_id),
        _url("lot", blocked_lot.pk),
    )
    for address in addresses:
        assert client.get(address).status_code == 200


def test_the_list_says_how_the_lots_stand(client_of, safety_officer, good_lot, blocked_lot):
    page = client_of(safety_officer).get(_url("products")).content.decode()
    assert "1 may be used" in page
    assert "1 must not be used" in page
    assert "status-stop" in page
    assert _url("add-product") in page


def test_the_list_exports_words_without_markup(client_of, clinician, good_lot, blocked_lot):
    answer = client_of(clinician).get(_url("products"), {"export": "csv"})
    rows = answer.content.decode().splitlines()
    assert rows[1] == "Inventa One,Makebelieve Bio,Human,Topical only,2,1 must not be used; 1 may be used"


def test_a_search_by_lot_number_finds_the_product_once(client_of, clinician, good_lot, blocked_lot):
    page = client_of(clinician).get(_url("products"), {"q": "b-2"}).content.decode()
    assert page.count("Inventa One</a>") == 1
    assert 'data-label="Lots" class="num">2<' in page
    assert "Clear the search" in client_of(clinician).get(_url("products"), {"q": "nothing"}).content.decode()


def test_an_empty_catalogue_says_what_to_do(client_of, safety_officer, clinician):
    assert "Add the first one" in client_of(safety_officer).get(_url("products")).content.decode()
    assert "can add one" in client_of(clinician).get(_url("products")).content.decode()


def test_lists_and_pages_need_few_queries(
    client_of, of_two_sites, make_lot, product, django_assert_max_num_queries
):
    for number in range(12):
        make_lot(f"N{number}", without="mycoplasma" if number % 3 else "")
    client = client_of(of_two_sites("safety_officer"))
    client.get(_url("products"))
    with django_assert_max_num_queries(12):
        client.get(_url("products"))
    with django_assert_max_num_queries(16):
        client.get(_url("product", product.pk))
    with django_assert_max_num_queries(18):
        client.get(_url("lot", Lot.objects.first().pk))


def test_a_blocked_lot_says_so_in_words_and_shape(client_of, clinician, blocked_lot):
    page = client_of(clinician).get(_url("lot", blocked_lot.pk)).content.decode()
    assert "Must not be used" in page
    assert "✕" in page
    assert "Mycoplasma: no result" in page
    assert "Only a safety officer can allow it here" in page
    assert _url("override-lot", blocked_lot.pk) not in page
    assert _url("receive-stock", blocked_lot.pk) in page


def test_the_lot_page_offers_the_override_to_who_may_make_it(client_of, safety_officer, blocked_lot, site):
    page = client_of(safety_officer).get(_url("lot", blocked_lot.pk)).content.decode()
    assert f"{_url('override-lot', blocked_lot.pk)}?site={site.pk}" in page


def test_an_override_is_shown_with_its_reason_at_its_own_site_only(
    client_of, clinician, safety_officer, actor, blocked_lot, site, other_site
):
    actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=REASON)
    here = client_of(clinician).get(_url("lot", blocked_lot.pk)).content.decode()
    there = client_of(actor("clinician", other_site)).get(_url("lot", blocked_lot.pk)).content.decode()
    assert REASON in here
    assert "Mycoplasma missing" in here
    assert "Blocked by its certificate, allowed here by override" in here
    assert "Must not be used" in there
    assert "Allowed by override" in here
    assert REASON not in there
    assert "Allowed by override" not in there
    listed = client_of(clinician).get(_url("product", blocked_lot.product_id)).content.decode()
    assert "Allowed here by override" in listed


def test_stock_of_another_site_is_out_of_sight(
    client_of, clinician, actor, good_lot, site, other_site, today
):
    actions.receive_stock(
        by=system(), site=other_site, lot=good_lot, vials=77, on=today, reference="Elm order"
    )
    page = client_of(clinician).get(_url("lot", good_lot.pk)).content.decode()
    assert "77" not in page
    assert "Elm order" not in page
    assert (
        "Elm order"
        in client_of(actor("clinician", other_site)).get(_url("lot", good_lot.pk)).content.decode()
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
    page = client_of(safety_officer).get(_url("product", product.pk)).content.decode()
    assert "Differs" in page
    assert "What was verified differs from what is declared" in page
    assert "These sources contradict each other" in page
    assert "confidence: low" in page


@pytest.mark.parametrize(("name", "pk"), [("product", 999), ("lot", 999), ("add-lot", 999)])
def test_what_does_not_exist_is_404(client_of, safety_officer, name, pk):
    assert client_of(safety_officer).get(_url(name, pk)).status_code == 404


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
        assert client.get(_url(name, *args)).status_code == expected, name
        if expected == 403:
            assert client.post(_url(name, *args), {}).status_code == 403, name


# --- Products ----------------------------------------------------------------------------------------

PRODUCT = {"name": "Fictiva", "kind": "exosome", "source_class": "plant", "declared_route": "unknown"}


def test_a_product_is_added_with_its_declared_composition(client_of, administrator):
    data = {**PRODUCT, "isolation": "other", "isolation_words": "magnetic beads", "maker": "Pretend Labs"}
    answer = client_of(administrator).post(_url("add-product"), data)
    made = Product.objects.get()
    assert answer.headers["Location"] == _url("product", made.pk)
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
    _unchanged(client_of(administrator), _url("add-product"), {**PRODUCT, **changes}, message)


def test_the_same_product_form_twice_makes_one(client_of, administrator):
    client, data = client_of(administrator), {**PRODUCT, "key": str(uuid.uuid4())}
    first, second = client.post(_url("add-product"), data), client.post(_url("add-product"), data)
    assert first.headers["Location"] == second.headers["Location"]
    assert Product.objects.count() == 1


def test_a_statement_is_added_after_choosing_what_it_is_about(client_of, safety_officer, product):
    client, url = client_of(safety_officer), _url("add-composition", product.pk)
    assert "?attribute=isolation" in client.get(url).content.decode()
    data = {
        "value": "affinity",
        "basis": "verified",
        "stated_by": "Invented Laboratory",
        "source": "Report 7",
    }
    assert client.post(f"{url}?attribute=isolation", data).status_code == 302
    row = CompositionStatement.objects.get(attribute="isolation")
    assert (row.value, row.basis, row.source) == ("affinity", "verified", "Report 7")
    _unchanged(client, f"{url}?attribute=isolation", {**data, "source": ""}, "Name the report or paper")
    _unchanged(
        client, f"{url}?attribute=isolation", {**data, "value": "other"}, "Say what the isolation method is"
    )
    _unchanged(client, f"{url}?attribute=particle_claim", {**data, "value": "lots"}, "in figures")


def test_a_legal_statement_is_added(client_of, safety_officer, product):
    client, url = client_of(safety_officer), _url("add-legal-statement", product.pk)
    data = {
        "jurisdiction": "UK",
        "statement": "Notified as a cosmetic.",
        "source": "Letter",
        "confidence": "low",
    }
    assert client.post(url, data).status_code == 302
    assert LegalStatement.objects.get().confidence == "low"
    assert "Notified as a cosmetic." in client.get(_url("product", product.pk)).content.decode()
    _unchanged(client, url, {**data, "source": ""}, "Name the source")
    _unchanged(client, url, {**data, "stated_on": "2999-01-01"}, "in the future")


# --- Lots --------------------------------------------------------------------------------------------


def _lot_form(**changes):
    data = {"number": "K-7", "expires_on": "2999-12-31", "certificate_issuer": "Makebelieve Bio"}
    for code, result in (("sterility", ""), ("endotoxin", "<0.1"), ("mycoplasma", ""), ("identity", "")):
        data |= {f"outcome_{code}": "passed", f"result_{code}": result}
    return {**data, **changes}


def test_a_lot_is_added_with_its_whole_certificate(client_of, administrator, product, today):
    paper = SimpleUploadedFile("certificate.pdf", b"%PDF- invented", "application/pdf")
    answer = client_of(administrator).post(
        _url("add-lot", product.pk), _lot_form(certificate_file=paper), follow=True
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
    page = client_of(administrator).post(_url("add-lot", product.pk), data, follow=True).content.decode()
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
    page = _unchanged(
        client_of(administrator), _url("add-lot", good_lot.product_id), _lot_form(**changes), message
    )
    assert 'value="Makebelieve Bio"' in page  # what was right is still there


def test_a_certificate_that_is_too_large_is_not_taken(client_of, administrator, product, settings):
    settings.UPLOAD_FILE_LIMIT = 1000
    paper = SimpleUploadedFile("huge.pdf", b"x" * 200_000, "application/pdf")
    _unchanged(
        client_of(administrator),
        _url("add-lot", product.pk),
        _lot_form(certificate_file=paper),
        "Choose a smaller one",
    )


def test_a_result_is_added_and_a_wrong_one_is_not(client_of, administrator, blocked_lot, today):
    client, url = client_of(administrator), _url("record-release-test", blocked_lot.pk)
    _unchanged(client, url, {"test": "mycoplasma"}, "Choose passed, failed or not done")
    _unchanged(client, url, {"test": "endotoxin", "outcome": "passed", "result": "?"}, "in figures")
    assert client.post(url, {"test": "mycoplasma", "outcome": "passed"}).status_code == 302
    assert queries.lot_check(queries.lot(blocked_lot.pk), None, today).usable


def test_an_expiry_date_is_entered_once(client_of, administrator, make_lot):
    lot = make_lot(expires_on=None)
    client, url = client_of(administrator), _url("state-expiry", lot.pk)
    assert url in client.get(_url("lot", lot.pk)).content.decode()
    assert client.post(url, {"expires_on": "2999-01-31"}).status_code == 302
    assert queries.lot(lot.pk).expires_on == dt.date(2999, 1, 31)
    _unchanged(client, url, {"expires_on": "2999-02-28"}, "cannot be changed")


# --- Decisions ---------------------------------------------------------------------------------------


def test_an_override_is_made_with_its_reason(client_of, safety_officer, blocked_lot, site, today):
    client, url = client_of(safety_officer), _url("override-lot", blocked_lot.pk)
    page = client.get(url).content.decode()
    assert "Mycoplasma: no result" in page
    assert 'type="hidden" name="site"' in page
    _unchanged(client, url, {"reason": "because"}, "at least 20 characters")
    _unchanged(client, url, {}, "Give the reason")
    assert client.post(url, {"reason": REASON}).status_code == 302
    assert queries.lot_check(blocked_lot, site, today).usable
    _unchanged(client, url, {"reason": REASON}, "allowed at this site already")


def test_who_acts_at_two_sites_chooses_one_of_them(
    client_of, of_two_sites, blocked_lot, site, other_site, today
):
    client, url = client_of(of_two_sites("safety_officer")), _url("override-lot", blocked_lot.pk)
    chosen = client.get(url, {"site": other_site.pk}).content.decode()
    assert f'<option value="{other_site.pk}" selected>' in chosen
    _unchanged(client, url, {"reason": REASON}, "Choose the site.")
    assert client.post(url, {"reason": REASON, "site": other_site.pk}).status_code == 302
    assert not queries.lot_check(blocked_lot, site, today).usable
    assert queries.lot_check(blocked_lot, other_site, today).usable


def test_nobody_reaches_another_site_through_the_form(client_of, safety_officer, blocked_lot, other_site):
    url = _url("override-lot", blocked_lot.pk)
    data = {"reason": REASON, "site": other_site.pk}
    _unchanged(client_of(safety_officer), url, data, "Choose one of your own sites")


def test_an_expired_lot_offers_no_override_and_takes_none(client_of, safety_officer, make_lot):
    lot = make_lot(without="mycoplasma", expires_on=dt.date(2020, 1, 31))
    client, url = client_of(safety_officer), _url("override-lot", lot.pk)
    page = client.get(_url("lot", lot.pk)).content.decode()
    assert url not in page
    assert "Expired: must not be used" in page
    assert "This lot cannot be overridden" in client.get(url).content.decode()
    _unchanged(client, url, {"reason": REASON}, "An expired lot cannot be overridden")


def test_a_lot_is_put_in_quarantine_and_let_out(client_of, safety_officer, good_lot):
    client = client_of(safety_officer)
    hold, lift = _url("quarantine-lot", good_lot.pk), _url("release-quarantine", good_lot.pk)
    _unchanged(client, hold, {"reason": "why not"}, "at least 20 characters")
    assert client.post(hold, {"reason": REASON}).status_code == 302
    page = client.get(_url("lot", good_lot.pk)).content.decode()
    assert "In quarantine: must not be used at any site" in page
    assert lift in page
    _unchanged(client, hold, {"reason": REASON}, "in quarantine already")
    assert client.post(lift, {"reason": REASON}).status_code == 302
    assert not queries.lot(good_lot.pk).is_quarantined
    _unchanged(client, lift, {"reason": REASON}, "not in quarantine")


# --- Stock -------------------------------------------------------------------------------------------


def test_stock_arrives_and_leaves(client_of, clinician, blocked_lot, site, today):
    client = client_of(clinician)
    receive, remove = _url("receive-stock", blocked_lot.pk), _url("remove-stock", blocked_lot.pk)
    assert "keep it apart" in client.get(receive).content.decode()
    data = {"vials": "12", "on": today.isoformat(), "reference": "Note 4"}
    assert client.post(receive, data).status_code == 302
    _unchanged(client, receive, {**data, "vials": "0"}, "Enter at least one vial")
    _unchanged(client, receive, {**data, "vials": "many"}, "in figures")
    _unchanged(client, receive, {**data, "on": "2999-01-01"}, "in the future")
    _unchanged(client, remove, {**data, "vials": "13", "reason": "discarded"}, "Only 12 vials")
    _unchanged(client, remove, {**data, "vials": "1"}, "Say whether the vials")
    answer = client.post(remove, {**data, "vials": "2", "reason": "returned"}, follow=True)
    assert "now has 10 vials" in answer.content.decode()
    assert queries.stock(site.pk, blocked_lot) == 10


def test_a_delivery_sent_twice_is_entered_once(client_of, clinician, good_lot, site, today):
    client, data = client_of(clinician), {"vials": "5", "on": today.isoformat(), "key": str(uuid.uuid4())}
    for _ in range(2):
        assert client.post(_url("receive-stock", good_lot.pk), data).status_code == 302
    assert queries.stock(site.pk, good_lot) == 5
    _unchanged(client, _url("receive-stock", good_lot.pk), {**data, "vials": "6"}, "already sent")
