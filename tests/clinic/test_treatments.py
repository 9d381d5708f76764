"""Treatments: only what selection, consent, lot and stock allow, with their follow-ups; counts cross sites."""

import dataclasses
import datetime as dt
import re
import uuid
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from exovigil.catalogue import actions as catalogue
from exovigil.catalogue.queries import stock
from exovigil.clinic import actions, places, queries, schedule
from exovigil.clinic.body_map import body_map, labels
from exovigil.clinic.models import FollowUp, Protocol, Treatment
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unscoped")]


@pytest.fixture
def treat(clinician, site, consented, given):
    """Records a treatment of the consented patient with some facts changed."""

    def run(patient=None, **changes):
        return actions.record_treatment(
            by=clinician, site=site, patient=patient or consented, **{**given, **changes}
        )

    return run


def _nothing_happened(site, lot, vials=10):
    return not Treatment.objects.exists() and not FollowUp.objects.exists() and stock(site.pk, lot) == vials


def test_a_treatment_takes_its_vials_and_plans_every_visit(treat, site, lot, clinician, today):
    made = treat(vials=3)
    assert stock(site.pk, lot) == 7
    planned = [(f.visit.code, f.opens_on, f.due_on, f.closes_on) for f in made.follow_ups.all()]
    assert planned == [(p.visit.code, p.opens, p.due, p.closes) for p in schedule.plan(today)]
    assert made.practitioner_id == clinician.user_id
    assert made.regions == ["forehead", "cheek_left"]
    assert made.screening.outcome == "eligible"


def test_a_vial_opened_before_in_the_sitting_is_not_counted_twice(treat, site, lot):
    treat(vials=0)
    assert stock(site.pk, lot) == 10


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"treated_on": timezone.localdate() + dt.timedelta(days=1)}, "treated_on"),
        ({"dose": Decimal(0)}, "dose"),
        ({"dose_unit": "pint"}, "dose_unit"),
        ({"vials": -1}, "vials"),
        ({"vials": 11}, "vials"),
        ({"route": "by mouth"}, "route"),
        ({"indication": "wishful"}, "indication"),
        ({"indication": "other"}, "note"),
        ({"regions": []}, "regions"),
        ({"regions": ["third_arm"]}, "regions"),
    ],
)
def test_a_broken_rule_is_refused_at_its_field_and_nothing_changes(treat, site, lot, changes, field):
    with pytest.raises(Refused) as refusal:
        treat(**changes)
    assert refusal.value.field == field
    assert _nothing_happened(site, lot)


def test_an_unscreened_patient_is_not_treated(patient, treat, site, lot, clinician, world, today):
    stranger = actions.add_patient(by=clinician, site=site, name="Ned Nobody")
    with pytest.raises(Refused, match="Screen the patient first"):
        treat(patient=stranger)
    assert _nothing_happened(site, lot)


def test_an_excluded_patient_is_not_treated_even_with_consent(
    treat, consented, site, lot, clinician, no_to_all
):
    actions.screen_patient(
        by=clinician, site=site, patient=consented, answers={**no_to_all, "malignancy": "yes"}
    )
    with pytest.raises(Refused, match="excludes"):
        treat()
    assert _nothing_happened(site, lot)


def test_a_caution_needs_its_note_first(treat, consented, site, lot, clinician, no_to_all):
    caution = actions.screen_patient(
        by=clinician, site=site, patient=consented, answers={**no_to_all, "atopy": "yes"}
    )
    with pytest.raises(Refused, match="says caution"):
        treat()
    assert _nothing_happened(site, lot)
    actions.note_screening(by=clinician, site=site, screening=caution, note="Mild eczema, discussed.")
    assert treat().screening == caution


def test_a_screening_of_long_ago_is_not_enough(patient, sign, treat, site, lot, clinician, no_to_all, today):
    old = today - dt.timedelta(days=184)
    actions.screen_patient(by=clinician, site=site, patient=patient, answers=no_to_all, on=old)
    sign(patient, on=old)
    other = actions.add_patient(by=clinician, site=site, name="Ned Nobody")
    actions.screen_patient(by=clinician, site=site, patient=other, answers=no_to_all, on=old)
    sign(other, on=old)
    with pytest.raises(Refused, match="six months"):
        treat(patient=other)
    assert treat(patient=other, treated_on=today - dt.timedelta(days=1)).treated_on < today


def test_a_consent_to_another_product_is_none(treat, site, make_product, make_lot):
    other = make_product("Inventa Other")
    lot = make_lot("S-1", of=other)
    with pytest.raises(Refused, match="no consent to Inventa Other"):
        treat(product=other, lot=lot)
    assert _nothing_happened(site, lot)


def test_a_treatment_before_the_consent_is_refused(
    patient, treat, consented, site, lot, clinician, no_to_all, today
):
    earlier = today - dt.timedelta(days=5)
    actions.screen_patient(by=clinician, site=site, patient=consented, answers=no_to_all, on=earlier)
    with pytest.raises(Refused, match="signed on or before this day"):
        treat(treated_on=earlier)
    assert _nothing_happened(site, lot)


def test_a_withdrawn_consent_allows_nothing_from_that_day_on(
    patient, sign, treat, site, lot, clinician, no_to_all, today
):
    other = actions.add_patient(by=clinician, site=site, name="Ned Nobody")
    earlier = today - dt.timedelta(days=5)
    actions.screen_patient(by=clinician, site=site, patient=other, answers=no_to_all, on=earlier)
    actions.withdraw_consent(by=clinician, site=site, consent=sign(other, on=earlier), to="Nurse Fictive")
    with pytest.raises(Refused, match="not withdrawn"):
        treat(patient=other)
    assert _nothing_happened(site, lot)
    assert treat(patient=other, treated_on=earlier).treated_on == earlier


def test_a_lot_of_another_product_is_refused(treat, site, make_product, make_lot):
    stranger = make_lot("S-1", of=make_product("Inventa Other"))
    with pytest.raises(Refused, match="another product") as refusal:
        treat(lot=stranger)
    assert refusal.value.field == "lot"
    assert _nothing_happened(site, stranger)


def test_a_blocked_lot_names_what_is_missing_and_the_way_out(treat, site, make_lot, safety_officer):
    blocked = make_lot("B-2", without="mycoplasma")
    with pytest.raises(Refused, match=r"(?i)mycoplasma.*safety officer for a documented override") as refusal:
        treat(lot=blocked)
    assert refusal.value.field == "lot"
    assert _nothing_happened(site, blocked)
    catalogue.override_lot(
        by=safety_officer, site=site, lot=blocked, reason="Result telephoned in, paper follows on Friday."
    )
    assert treat(lot=blocked).lot == blocked


def test_more_vials_than_there_are_undo_the_whole_record(treat, site, lot):
    with pytest.raises(Refused, match="Only 10 vials"):
        treat(vials=11)
    assert _nothing_happened(site, lot)
    assert not AuditEvent.objects.filter(action="clinic.treatment.recorded").exists()


@pytest.mark.parametrize(
    ("declared", "route", "standing"),
    [
        ("topical", "topical", "as_declared"),
        ("topical", "intradermal", "off_label"),
        ("topical", "microneedling", "off_label"),
        ("injection", "intradermal", "as_declared"),
        ("injection", "topical", "off_label"),
        ("unknown", "intradermal", "not_known"),
        ("topical", "unknown", "not_known"),
    ],
)
def test_how_a_route_stands_to_the_declared_one(make_product, declared, route, standing):
    assert queries.route_standing(make_product("Inventa X", declared), route) == standing


def test_an_off_label_route_is_allowed_and_recorded_as_such(treat):
    assert treat(route="intradermal").route_standing == "off_label"
    assert "off_label" in AuditEvent.objects.get(action="clinic.treatment.recorded").data


def test_the_practitioner_treats_at_this_site(treat, member, site, other_site, lot):
    with pytest.raises(Refused) as refusal:
        treat(practitioner=member("clinician", other_site))
    assert refusal.value.field == "practitioner"
    with pytest.raises(Refused):
        treat(practitioner=member("administrator", site))
    assert _nothing_happened(site, lot)


def test_without_a_protocol_nothing_is_recorded(treat, site, lot):
    Protocol.objects.all().delete()
    with pytest.raises(Refused, match="No follow-up schedule"):
        treat()
    assert _nothing_happened(site, lot)


def test_another_role_or_site_records_nothing(safety_officer, actor, other_site, site, consented, given, lot):
    with pytest.raises(NotAllowed):
        actions.record_treatment(by=safety_officer, site=site, patient=consented, **given)
    with pytest.raises(Refused, match="another site"):
        actions.record_treatment(
            by=actor("clinician", other_site), site=other_site, patient=consented, **given
        )
    assert _nothing_happened(site, lot)


def test_exposures_cross_sites_and_hold_no_patient(treat, site, lot, product, today):
    treat(vials=1)
    treat(treated_on=today, route="intradermal")
    rows = queries.exposures(today)
    assert [(r.treated_on, r.product_id, r.lot_id, r.site_code, r.route) for r in rows] == [
        (today, product.pk, lot.pk, "oak", "topical"),
        (today, product.pk, lot.pk, "oak", "intradermal"),
    ]
    assert {f.name for f in dataclasses.fields(rows[0])} == {
        "treated_on",
        "product_id",
        "lot_id",
        "site_code",
        "route",
    }
    assert queries.exposures(today - dt.timedelta(days=1)) == []


def test_exposures_do_not_depend_on_who_asks(treat, other_site, today, django_assert_num_queries):
    from django_scopes import scope

    treat()
    with scope(site=[other_site.pk]), django_assert_num_queries(1):
        assert len(queries.exposures(today)) == 1


def test_every_region_has_a_shape_and_sides_mirror():
    shapes = {shape.code: shape for view in body_map(["cheek_left"]) for shape in view.shapes}
    assert set(shapes) == {region.code for region in places.regions()}
    assert [code for code, shape in shapes.items() if shape.chosen] == ["cheek_left"]

    def middle(code: str) -> float:
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", shapes[code].path)]
        return sum(numbers[::2]) / len(numbers[::2])

    assert middle("cheek_left") > 120 > middle("cheek_right")
    assert middle("arm_left_front") > 120 > middle("arm_right_front")
    assert middle("hand_left") < 120 < middle("hand_right")
    assert middle("cheek_left") + middle("cheek_right") == pytest.approx(240)
    assert labels(["nose", "forehead", "gone"]) == ["Forehead", "Nose", "gone"]


def _form(lot, clinician, today, /, **changes):
    return {
        "treated_on": today.isoformat(),
        "lot": lot.pk,
        "dose": "2.5",
        "dose_unit": "mL",
        "vials": "1",
        "route": "topical",
        "indication": "skin_ageing",
        "regions": ["cheek_left", "cheek_right"],
        "practitioner": clinician.user_id,
        "key": str(uuid.uuid4()),
        **changes,
    }


def test_the_form_offers_only_lots_of_what_was_consented_to(
    consented, clinician, client_of, lot, make_lot, make_product
):
    make_lot("B-2", without="mycoplasma")
    make_lot("S-1", of=make_product("Inventa Other"))
    make_lot("E-1", vials=0)
    page = client_of(clinician).get(reverse("clinic:treat", args=[consented.pk])).content.decode()
    assert "G-1: may be used, 10 vials in stock" in page
    assert "B-2: must not be used" in page
    assert "S-1" not in page
    assert "E-1" not in page
    for region in places.regions():
        assert f'value="{region.code}"' in page
        assert f'data-region="{region.code}"' in page


def test_the_same_form_twice_records_one_treatment(consented, clinician, client_of, lot, today, site):
    client, address = client_of(clinician), reverse("clinic:treat", args=[consented.pk])
    answers = _form(lot, clinician, today)
    first, second = client.post(address, answers), client.post(address, answers)
    assert first.status_code == 302
    assert first.url == second.url
    assert Treatment.objects.count() == 1
    assert stock(site.pk, lot) == 9
    page = client.get(first.url).content.decode()
    assert "Left cheek" in page
    assert "2.50 mL" in page
    assert "12 months" in page


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lot": "99999"}, "Choose one of the lots listed."),
        ({"lot": ""}, "Choose the lot on the vial."),
        ({"dose": "a lot"}, "Enter the dose in figures, such as 2.5."),
        ({"dose": "0"}, "Enter a dose above zero."),
        ({"treated_on": "31.02.2026"}, "Enter a date of the calendar"),
        ({"regions": []}, "Choose at least one area of the map."),
        ({"practitioner": "99999"}, "Choose somebody who treats here."),
        ({"vials": "11"}, "Only 10 vials"),
    ],
)
def test_bad_input_is_shown_beside_the_field_and_records_nothing(
    consented, clinician, client_of, lot, today, site, changes, message
):
    answer = client_of(clinician).post(
        reverse("clinic:treat", args=[consented.pk]), _form(lot, clinician, today, **changes)
    )
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert _nothing_happened(site, lot)


def test_what_was_ticked_stays_ticked_after_an_error(consented, clinician, client_of, lot, today):
    answer = client_of(clinician).post(
        reverse("clinic:treat", args=[consented.pk]), _form(lot, clinician, today, dose="")
    )
    page = answer.content.decode()
    assert re.search(r'value="cheek_left" checked', page)
    assert 'class="region on" data-region="cheek_left"' in page


def test_an_off_label_route_warns_before_and_after(consented, clinician, client_of, lot, today):
    client, address = client_of(clinician), reverse("clinic:treat", args=[consented.pk])
    assert "off-label and recorded as such" in client.get(address).content.decode()
    answer = client.post(address, _form(lot, clinician, today, route="intradermal"), follow=True)
    page = answer.content.decode()
    assert "Recorded as off-label" in page
    assert "Off-label route" in page


def test_the_page_says_what_comes_first(patient, world, clinician, client_of):
    page = client_of(clinician).get(reverse("clinic:treat", args=[patient.pk])).content.decode()
    assert "There is no screening of the last six months." in page
    assert "No product can be chosen" in page


def test_another_sites_treatment_is_not_there_and_a_safety_officer_may_look(
    treat, consented, actor, other_site, safety_officer, client_of
):
    made = treat()
    elsewhere = client_of(actor("clinician", other_site))
    assert elsewhere.get(reverse("clinic:treatment", args=[made.pk])).status_code == 404
    assert elsewhere.get(reverse("clinic:treat", args=[consented.pk])).status_code == 404
    officer = client_of(safety_officer)
    assert officer.get(reverse("clinic:treatment", args=[made.pk])).status_code == 200
    assert officer.get(reverse("clinic:treat", args=[consented.pk])).status_code == 403


def test_the_pages_need_few_queries(
    treat, consented, clinician, client_of, make_lot, django_assert_max_num_queries
):
    made = treat()
    for number in range(5):
        make_lot(f"M-{number}")
    client = client_of(clinician)
    with django_assert_max_num_queries(10):
        client.get(reverse("clinic:treatment", args=[made.pk]))
    with django_assert_max_num_queries(16):
        client.get(reverse("clinic:treat", args=[consented.pk]))
