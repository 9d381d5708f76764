"""Lots, certificates and what follows from them: may this lot be used?"""

import datetime as dt

import pytest

from exovigil.catalogue import actions, queries
from exovigil.catalogue.actions import CertificateEntry
from exovigil.catalogue.models import Lot, ReleaseTest
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed, system
from exovigil.governance.models import AuditEvent

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_a_whole_certificate_may_be_used(good_lot, site, today):
    check = queries.lot_check(good_lot, site, today)
    assert (check.usable, check.reasons, check.overridden_by, check.word) == (True, (), None, "May be used")
    assert good_lot.release_tests.count() == 4
    assert AuditEvent.objects.filter(action="catalogue.lot.added").count() == 1


@pytest.mark.parametrize("code", ["sterility", "endotoxin", "mycoplasma", "identity"])
@pytest.mark.parametrize("outcome", ["", "failed", "not_done"])
def test_each_mandatory_test_blocks_when_failed_or_missing(make_lot, site, today, code, outcome):
    lot = make_lot(without=code)
    if outcome:
        actions.record_release_test(by=system(), lot=lot, test=code, outcome=outcome)
    check = queries.lot_check(queries.lot(lot.pk), site, today)
    assert not check.usable
    assert len(check.reasons) == 1
    assert check.can_be_overridden
    assert (check.word, check.tone) == ("Must not be used", "stop")


def test_a_figure_outside_the_limit_blocks_though_the_paper_says_passed(make_lot, site, today):
    lot = make_lot(without="endotoxin")
    actions.record_release_test(by=system(), lot=lot, test="endotoxin", outcome="passed", result="2")
    lot = queries.lot(lot.pk)
    check = queries.lot_check(lot, site, today)
    assert "2 EU/mL" in check.reasons[0]
    line = next(x for x in queries.certificate_lines(lot, check.decision) if x.test.code == "endotoxin")
    assert (line.word, line.tone) == ("Outside the limit", "stop")


def test_a_repeat_that_passes_does_not_hide_a_failure(good_lot, site, today, fresh):
    actions.record_release_test(by=system(), lot=good_lot, test="sterility", outcome="failed")
    actions.record_release_test(
        by=system(), lot=good_lot, test="sterility", outcome="passed", result="repeat"
    )
    lot = fresh(good_lot)
    assert not queries.lot_check(lot, site, today).usable
    assert lot.release_tests.filter(test="sterility").count() == 3


def test_expiry_counts_from_the_day_after(good_lot, site):
    assert queries.lot_check(good_lot, site, good_lot.expires_on).usable
    check = queries.lot_check(good_lot, site, good_lot.expires_on + DAY)
    assert (check.usable, check.word, check.can_be_overridden) == (False, "Expired", False)
    assert check.reasons[0].startswith("Expired on ")


def test_an_unknown_expiry_blocks_until_it_is_stated_once(make_lot, safety_officer, site, today, fresh):
    lot = make_lot(expires_on=None)
    check = queries.lot_check(lot, site, today)
    assert (check.usable, check.can_be_overridden) == (False, False)
    actions.state_expiry(by=safety_officer, lot=lot, expires_on=today + DAY)
    assert queries.lot_check(fresh(lot), site, today).usable
    with pytest.raises(Refused, match="cannot be changed"):
        actions.state_expiry(by=safety_officer, lot=lot, expires_on=today + 9 * DAY)
    assert fresh(lot).expires_on == today + DAY


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": " "}, "number"),
        ({"number": "a-1"}, "number"),
        ({"made_on": dt.date(2026, 1, 2), "expires_on": dt.date(2026, 1, 2)}, "expires_on"),
        ({"made_on": dt.date(2999, 1, 1), "expires_on": None}, "made_on"),
        ({"certificate_issued_on": dt.date(2999, 1, 1)}, "certificate_issued_on"),
        (
            {"made_on": dt.date(2026, 1, 2), "certificate_issued_on": dt.date(2026, 1, 1)},
            "certificate_issued_on",
        ),
        ({"certificate_sha256": "abc"}, "certificate_sha256"),
        ({"release_tests": [CertificateEntry("endotoxin", "passed", "low")]}, "result_endotoxin"),
        ({"release_tests": [CertificateEntry("sterility", "not_done", "fine")]}, "result_sterility"),
        ({"release_tests": [CertificateEntry("sterility", "perhaps")]}, "outcome_sterility"),
        ({"release_tests": [CertificateEntry("sterilty", "passed")]}, "test"),
        (
            {"release_tests": [CertificateEntry("sterility", "passed", "", dt.date(2999, 1, 1))]},
            "tested_on_sterility",
        ),
        ({"release_tests": [CertificateEntry("sterility", o) for o in ("passed", "failed")]}, None),
    ],
)
def test_a_lot_that_breaks_a_rule_is_not_added(good_lot, make_lot, changes, field):
    with pytest.raises(Refused) as refused:
        make_lot(**{"number": "C-3", **changes})
    assert refused.value.field == field
    assert list(Lot.objects.all()) == [good_lot]
    assert ReleaseTest.objects.count() == 4


def test_the_very_same_result_is_recorded_once(good_lot, safety_officer):
    with pytest.raises(Refused, match="already"):
        actions.record_release_test(
            by=safety_officer, lot=good_lot, test="sterility", outcome="passed", result="no growth"
        )
    assert good_lot.release_tests.count() == 4


def test_who_may_not_manage_the_catalogue_adds_no_lot_and_no_result(clinician, good_lot, product):
    with pytest.raises(NotAllowed):
        actions.add_lot(by=clinician, product=product, number="X")
    with pytest.raises(NotAllowed):
        actions.record_release_test(by=clinician, lot=good_lot, test="potency", outcome="failed")
    with pytest.raises(NotAllowed):
        actions.state_expiry(by=clinician, lot=good_lot, expires_on=dt.date(2030, 1, 1))
    assert Lot.objects.count() == 1
    assert good_lot.release_tests.count() == 4


def test_many_lots_are_checked_in_few_queries(make_lot, product, site, today, django_assert_max_num_queries):
    made = [make_lot(f"L{n}", without="mycoplasma" if n % 2 else "") for n in range(6)]
    with django_assert_max_num_queries(3):
        checks = queries.lot_checks(list(queries.lots().filter(product=product)), [site.pk], today)
    assert [lot.number for lot in made if checks[lot.pk][site.pk].usable] == ["L0", "L2", "L4"]
    assert len(made) == 6


def test_figures_to_report_show_only_when_given(good_lot, fresh, site, today):
    check = queries.lot_check(good_lot, site, today)
    assert "residual_dna" not in {x.test.code for x in queries.certificate_lines(good_lot, check.decision)}
    actions.record_release_test(by=system(), lot=good_lot, test="residual_dna", outcome="passed", result="3")
    lines = {x.test.code: x for x in queries.certificate_lines(fresh(good_lot), check.decision)}
    assert (lines["residual_dna"].word, lines["potency"].word) == ("Reported", "Missing")
    assert (lines["potency"].tone, lines["sterility"].tone) == ("warn", "good")
