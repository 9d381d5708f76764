"""Pages on which people decide about a lot or move its stock."""

import datetime as dt
import uuid

import pytest

from exovigil.catalogue import queries
from tests.catalogue.pages import REASON, unchanged, url

pytestmark = pytest.mark.django_db


# --- Decisions ---------------------------------------------------------------------------------------


def test_an_override_is_made_with_its_reason(client_of, safety_officer, blocked_lot, site, today):
    client, address = client_of(safety_officer), url("override-lot", blocked_lot.pk)
    page = client.get(address).content.decode()
    assert "Mycoplasma: no result" in page
    assert 'type="hidden" name="site"' in page
    unchanged(client, address, {"reason": "because"}, "at least 20 characters")
    unchanged(client, address, {}, "Give the reason")
    assert client.post(address, {"reason": REASON}).status_code == 302
    assert queries.lot_check(blocked_lot, site, today).usable
    unchanged(client, address, {"reason": REASON}, "allowed at this site already")


def test_who_acts_at_two_sites_chooses_one_of_them(
    client_of, of_two_sites, blocked_lot, site, other_site, today
):
    client, address = client_of(of_two_sites("safety_officer")), url("override-lot", blocked_lot.pk)
    chosen = client.get(address, {"site": other_site.pk}).content.decode()
    assert f'<option value="{other_site.pk}" selected>' in chosen
    unchanged(client, address, {"reason": REASON}, "Choose the site.")
    assert client.post(address, {"reason": REASON, "site": other_site.pk}).status_code == 302
    assert not queries.lot_check(blocked_lot, site, today).usable
    assert queries.lot_check(blocked_lot, other_site, today).usable


def test_nobody_reaches_another_site_through_the_form(client_of, safety_officer, blocked_lot, other_site):
    address = url("override-lot", blocked_lot.pk)
    data = {"reason": REASON, "site": other_site.pk}
    unchanged(client_of(safety_officer), address, data, "Choose one of your own sites")


def test_an_expired_lot_offers_no_override_and_takes_none(client_of, safety_officer, make_lot):
    lot = make_lot(without="mycoplasma", expires_on=dt.date(2020, 1, 31))
    client, address = client_of(safety_officer), url("override-lot", lot.pk)
    page = client.get(url("lot", lot.pk)).content.decode()
    assert address not in page
    assert "Expired: must not be used" in page
    assert "This lot cannot be overridden" in client.get(address).content.decode()
    unchanged(client, address, {"reason": REASON}, "An expired lot cannot be overridden")


def test_a_lot_is_put_in_quarantine_and_let_out(client_of, safety_officer, good_lot):
    client = client_of(safety_officer)
    hold, lift = url("quarantine-lot", good_lot.pk), url("release-quarantine", good_lot.pk)
    unchanged(client, hold, {"reason": "why not"}, "at least 20 characters")
    assert client.post(hold, {"reason": REASON}).status_code == 302
    page = client.get(url("lot", good_lot.pk)).content.decode()
    assert "In quarantine: must not be used at any site" in page
    assert lift in page
    unchanged(client, hold, {"reason": REASON}, "in quarantine already")
    assert client.post(lift, {"reason": REASON}).status_code == 302
    assert not queries.lot(good_lot.pk).is_quarantined
    unchanged(client, lift, {"reason": REASON}, "not in quarantine")


def test_a_recalled_lot_says_what_to_do_with_what_is_left(client_of, safety_officer, good_lot):
    client, recall = client_of(safety_officer), url("recall-lot", good_lot.pk)
    assert client.post(recall, {"reason": REASON}).status_code == 302
    page = client.get(url("lot", good_lot.pk)).content.decode()
    assert "Send back or discard every vial" in page
    assert recall not in page
    unchanged(client, recall, {"reason": REASON}, "recalled already")


# --- Stock -------------------------------------------------------------------------------------------


def test_stock_arrives_and_leaves(client_of, clinician, blocked_lot, site, today):
    client = client_of(clinician)
    receive, remove = url("receive-stock", blocked_lot.pk), url("remove-stock", blocked_lot.pk)
    assert "keep it apart" in client.get(receive).content.decode()
    data = {"vials": "12", "on": today.isoformat(), "reference": "Note 4"}
    assert client.post(receive, data).status_code == 302
    unchanged(client, receive, {**data, "vials": "0"}, "Enter at least one vial")
    unchanged(client, receive, {**data, "vials": "many"}, "in figures")
    unchanged(client, receive, {**data, "on": "2999-01-01"}, "in the future")
    unchanged(client, remove, {**data, "vials": "13", "reason": "discarded"}, "Only 12 vials")
    unchanged(client, remove, {**data, "vials": "1"}, "Say whether the vials")
    answer = client.post(remove, {**data, "vials": "2", "reason": "returned"}, follow=True)
    assert "now has 10 vials" in answer.content.decode()
    assert queries.stock(site.pk, blocked_lot) == 10


def test_a_delivery_sent_twice_is_entered_once(client_of, clinician, good_lot, site, today):
    client, data = client_of(clinician), {"vials": "5", "on": today.isoformat(), "key": str(uuid.uuid4())}
    for _ in range(2):
        assert client.post(url("receive-stock", good_lot.pk), data).status_code == 302
    assert queries.stock(site.pk, good_lot) == 5
    unchanged(client, url("receive-stock", good_lot.pk), {**data, "vials": "6"}, "already sent")
