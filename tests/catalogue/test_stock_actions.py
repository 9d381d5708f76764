"""The stock ledger: entries are added, the balance never goes below nothing."""

import datetime as dt
import uuid

import pytest

from exovigil.catalogue import actions, queries
from exovigil.catalogue.models import StockMovement
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def receive(clinician, site, today):
    def enter(lot, vials=10, **changes):
        fields = {"by": clinician, "site": site, "on": today}
        return actions.receive_stock(lot=lot, vials=vials, **{**fields, **changes})

    return enter


@pytest.fixture
def use(clinician, site, today):
    def take(lot, vials=1, **changes):
        fields = {"by": clinician, "site": site, "on": today, "reference": "treatment:1"}
        return actions.use_stock(lot=lot, vials=vials, **{**fields, **changes})

    return take


def test_what_comes_in_and_goes_out_adds_up(
    receive, use, clinician, good_lot, make_lot, site, other_site, today
):
    second = make_lot("Z-9")
    receive(good_lot)
    receive(second, 3)
    use(good_lot, 4)
    actions.remove_stock(by=clinician, site=site, lot=good_lot, vials=1, reason="discarded", on=today)
    assert queries.stock(site.pk, good_lot) == 5
    assert queries.stock_by_lot(site.pk) == {good_lot.pk: 5, second.pk: 3}
    assert queries.stock(other_site.pk, good_lot) == 0
    assert queries.stock_by_lot(other_site.pk) == {}
    assert [m.vials for m in queries.movements(good_lot, [site.pk])] == [-1, -4, 10]
    kinds = AuditEvent.objects.filter(action__startswith="catalogue.stock").values_list("action", flat=True)
    assert set(kinds) == {f"catalogue.stock.{kind}" for kind in ("received", "used", "discarded")}


def test_the_last_vial_can_be_used_and_no_more(receive, use, good_lot, site):
    receive(good_lot, 2)
    use(good_lot, 2)
    with pytest.raises(Refused, match="Only 0 vials") as refused:
        use(good_lot)
    assert refused.value.field == "vials"
    assert queries.stock(site.pk, good_lot) == 0
    assert StockMovement.objects.count() == 2


def test_more_than_there_is_cannot_be_taken_out(receive, clinician, good_lot, site, today):
    receive(good_lot, 1)
    with pytest.raises(Refused, match="Only 1 vial of"):
        actions.remove_stock(by=clinician, site=site, lot=good_lot, vials=2, reason="returned", on=today)
    with pytest.raises(Refused, match="discarded or returned"):
        actions.remove_stock(by=clinician, site=site, lot=good_lot, vials=1, reason="used", on=today)
    assert queries.stock(site.pk, good_lot) == 1


def test_a_blocked_lot_arrives_but_is_not_used(receive, use, blocked_lot, safety_officer, site):
    receive(blocked_lot)
    with pytest.raises(Refused, match="Mycoplasma"):
        use(blocked_lot)
    assert queries.stock(site.pk, blocked_lot) == 10
    actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason="x" * 20)
    use(blocked_lot)
    assert queries.stock(site.pk, blocked_lot) == 9


def test_a_stale_row_does_not_reach_past_a_quarantine(receive, use, good_lot, safety_officer):
    receive(good_lot)
    actions.quarantine_lot(by=safety_officer, lot=good_lot, reason="x" * 20)
    assert not good_lot.is_quarantined  # the caller's copy was read before
    with pytest.raises(Refused, match="quarantine"):
        use(good_lot)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"vials": 0}, "vials"), ({"vials": -3}, "vials"), ({"vials": 100_001}, "vials"), ({"on": None}, "on")],
)
def test_nonsense_is_not_entered(receive, good_lot, changes, field):
    if "on" in changes:
        changes = {"on": dt.date(2999, 1, 1)}
    with pytest.raises(Refused) as refused:
        receive(good_lot, **changes)
    assert refused.value.field == field
    assert not StockMovement.objects.exists()


def test_a_lot_does_not_arrive_before_it_was_made(receive, make_lot, today):
    lot = make_lot(made_on=today)
    with pytest.raises(Refused, match="not made yet"):
        receive(lot, on=today - dt.timedelta(days=1))
    assert not StockMovement.objects.exists()


def test_who_may_move_stock_and_where(safety_officer, administrator, receive, use, good_lot, other_site):
    for changes in ({"by": safety_officer}, {"by": administrator}, {"site": other_site}):
        with pytest.raises(NotAllowed):
            receive(good_lot, **changes)
        with pytest.raises(NotAllowed):
            use(good_lot, **changes)
    assert not StockMovement.objects.exists()


def test_the_same_delivery_sent_twice_is_one(receive, good_lot, site):
    key = str(uuid.uuid4())
    assert receive(good_lot, key=key) == receive(good_lot, key=key)
    assert queries.stock(site.pk, good_lot) == 10
