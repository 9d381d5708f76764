"""Override and quarantine: documented, bounded, and never past what they are about."""

import uuid

import pytest
from django_scopes import scope

from exovigil.catalogue import actions, queries
from exovigil.catalogue.models import LotOverride, Quarantine
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed, system
from exovigil.governance.models import AuditEvent

pytestmark = pytest.mark.django_db
REASON = "Sponsor agreed in writing; the result is expected on Friday."


def test_an_override_allows_the_lot_at_its_site_only(safety_officer, blocked_lot, site, other_site, today):
    actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=REASON)
    here, there = (queries.lot_check(blocked_lot, place, today) for place in (site, other_site))
    assert here.usable
    assert REASON in (here.overridden_by or "")
    assert here.reasons == there.reasons != ()
    assert (here.word, here.tone) == ("Allowed by override", "warn")
    assert (there.usable, there.overridden_by) == (False, None)
    assert not queries.lot_check(blocked_lot, None, today).usable


def test_the_trail_names_what_was_covered_and_holds_no_words(safety_officer, blocked_lot, site):
    actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=REASON)
    event = AuditEvent.objects.get(action="catalogue.lot.overridden")
    assert event.site == site.code
    assert "mycoplasma:missing" in event.data
    assert "Sponsor" not in event.data


def test_a_fault_found_later_blocks_the_lot_again(safety_officer, blocked_lot, site, today, fresh):
    actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=REASON)
    actions.record_release_test(by=system(), lot=blocked_lot, test="sterility", outcome="failed")
    check = queries.lot_check(fresh(blocked_lot), site, today)
    assert (check.usable, check.overridden_by, check.can_be_overridden) == (False, None, True)
    actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=REASON)
    assert queries.lot_check(fresh(blocked_lot), site, today).usable
    assert LotOverride.objects.count() == 2


def test_missing_that_becomes_failed_is_not_covered(safety_officer, blocked_lot, site, today, fresh):
    actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=REASON)
    actions.record_release_test(by=system(), lot=blocked_lot, test="mycoplasma", outcome="failed")
    assert not queries.lot_check(fresh(blocked_lot), site, today).usable


@pytest.mark.parametrize("reason", ["", "too short", "x" * 19, "   " + "x" * 19 + "   "])
def test_a_reason_has_twenty_characters(safety_officer, blocked_lot, site, reason):
    with pytest.raises(Refused) as refused:
        actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=reason)
    assert refused.value.field == "reason"
    assert not LotOverride.objects.exists()


def test_twenty_characters_are_enough(safety_officer, blocked_lot, site):
    assert actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason="x" * 20).pk


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("good", "Nothing blocks"),
        ("expired", "expired lot"),
        ("no expiry", "expiry date is not known"),
        ("quarantined", "quarantine"),
        ("allowed", "already"),
    ],
)
def test_what_cannot_be_overridden(make_lot, safety_officer, site, today, state, message):
    lot = {
        "good": lambda: make_lot(),
        "expired": lambda: make_lot(without="mycoplasma", expires_on=today.replace(year=today.year - 1)),
        "no expiry": lambda: make_lot(without="mycoplasma", expires_on=None),
        "quarantined": lambda: make_lot(without="mycoplasma"),
        "allowed": lambda: make_lot(without="mycoplasma"),
    }[state]()
    if state == "quarantined":
        actions.quarantine_lot(by=safety_officer, lot=lot, reason=REASON)
    if state == "allowed":
        actions.override_lot(by=safety_officer, site=site, lot=lot, reason=REASON)
    before = LotOverride.objects.count()
    with pytest.raises(Refused, match=message):
        actions.override_lot(by=safety_officer, site=site, lot=lot, reason=REASON)
    assert LotOverride.objects.count() == before


def test_quarantine_reaches_past_an_override(safety_officer, blocked_lot, site, today, fresh):
    actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=REASON)
    actions.quarantine_lot(by=safety_officer, lot=blocked_lot, reason=REASON)
    check = queries.lot_check(fresh(blocked_lot), site, today)
    assert (check.usable, check.word) == (False, "In quarantine")
    actions.release_quarantine(by=safety_officer, lot=blocked_lot, reason=REASON)
    assert queries.lot_check(fresh(blocked_lot), site, today).usable


def test_an_override_does_not_outlive_expiry(safety_officer, blocked_lot, site, fresh):
    actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=REASON)
    after = blocked_lot.expires_on.replace(year=blocked_lot.expires_on.year + 1)
    assert not queries.lot_check(fresh(blocked_lot), site, after).usable


def test_who_may_override_and_where(clinician, administrator, safety_officer, blocked_lot, site, other_site):
    for actor, place in ((clinician, site), (administrator, site), (safety_officer, other_site)):
        with pytest.raises(NotAllowed):
            actions.override_lot(by=actor, site=place, lot=blocked_lot, reason=REASON)
    assert not LotOverride.objects.exists()


def test_another_sites_overrides_are_out_of_sight(safety_officer, blocked_lot, site, other_site):
    actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=REASON)
    with scope(site=[other_site.pk]):
        assert not queries.overrides(blocked_lot, [site.pk, other_site.pk]).exists()


def test_a_quarantine_is_placed_once_and_lifted_once(safety_officer, good_lot, fresh):
    hold = actions.quarantine_lot(by=safety_officer, lot=good_lot, reason=REASON)
    assert fresh(good_lot).is_quarantined
    with pytest.raises(Refused, match="already"):
        actions.quarantine_lot(by=safety_officer, lot=good_lot, reason=REASON)
    actions.release_quarantine(by=safety_officer, lot=good_lot, reason=REASON)
    with pytest.raises(Refused, match="not in quarantine"):
        actions.release_quarantine(by=safety_officer, lot=good_lot, reason=REASON)
    assert not fresh(good_lot).is_quarantined
    assert Quarantine.objects.get() == hold
    assert not queries.quarantines(good_lot).filter(lifted_at=None).exists()
    kinds = AuditEvent.objects.filter(target_type="catalogue.lot").values_list("action", flat=True)
    assert {"catalogue.lot.quarantined", "catalogue.lot.quarantine_lifted"} <= set(kinds)


def test_a_recall_ends_an_open_quarantine_and_is_called_once(safety_officer, clinician, good_lot, fresh):
    hold = actions.quarantine_lot(by=safety_officer, lot=good_lot, reason=REASON)
    recall = actions.recall_lot(by=safety_officer, lot=good_lot, reason=REASON)
    hold.refresh_from_db()
    assert hold.lifted_because == "The lot was recalled."
    assert (recall.kind, fresh(good_lot).is_quarantined) == ("recall", True)
    with pytest.raises(Refused, match="recalled already"):
        actions.recall_lot(by=safety_officer, lot=good_lot, reason=REASON)
    with pytest.raises(Refused, match="in quarantine already"):
        actions.quarantine_lot(by=safety_officer, lot=good_lot, reason=REASON)
    with pytest.raises(NotAllowed):
        actions.recall_lot(by=clinician, lot=good_lot, reason=REASON)
    assert Quarantine.objects.filter(lifted_at=None).get() == recall


def test_a_quarantine_needs_its_reason_and_its_role(
    safety_officer, clinician, administrator, good_lot, fresh
):
    with pytest.raises(Refused, match="20 characters"):
        actions.quarantine_lot(by=safety_officer, lot=good_lot, reason="why not")
    for actor in (clinician, administrator):
        with pytest.raises(NotAllowed):
            actions.quarantine_lot(by=actor, lot=good_lot, reason=REASON)
        with pytest.raises(NotAllowed):
            actions.release_quarantine(by=actor, lot=good_lot, reason=REASON)
    assert not fresh(good_lot).is_quarantined
    assert not Quarantine.objects.exists()


def test_the_same_override_sent_twice_is_one(safety_officer, blocked_lot, site):
    key = str(uuid.uuid4())
    made = [
        actions.override_lot(by=safety_officer, site=site, lot=blocked_lot, reason=REASON, key=key)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert LotOverride.objects.count() == 1
