"""Patients: pseudonym, encrypted identity, the list, one page, and every look at a name recorded."""

import datetime as dt
import json
import uuid

import pytest
from django.db import connection
from django.urls import reverse

from exovigil.clinic import actions, queries
from exovigil.clinic.models import FollowUp, FollowUpAnswer, Patient, PatientIdentity
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unscoped")]

FORM = {"name": "Ida Invented", "date_of_birth": "1985-06-07", "sex": "female", "email": "ida@mail.example"}


def test_pseudonyms_count_up_within_each_site(clinician, actor, site, other_site):
    elsewhere = actor("clinician", other_site)
    names = [
        actions.add_patient(by=by, site=at, name="Ned Nobody").pseudonym
        for by, at in ((clinician, site), (clinician, site), (elsewhere, other_site))
    ]
    assert names == ["OAK-0001", "OAK-0002", "ELM-0001"]


def test_the_identity_is_kept_apart_and_encrypted(patient):
    assert (patient.birth_year, patient.sex) == (1985, "female")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, email, date_of_birth FROM clinic_patientidentity")
        stored = cursor.fetchone()
    assert not any("Invented" in cell or "mail.example" in cell or "1985" in cell for cell in stored)
    assert PatientIdentity.objects.get(patient=patient).name == "Ida Invented"


def test_the_audit_trail_holds_no_identifier(patient, clinician, site):
    actions.read_identity(by=clinician, site=site, patient=patient)
    told = json.dumps(list(AuditEvent.objects.filter(action__startswith="clinic.").values()), default=str)
    assert "clinic.identity.read" in told
    assert "Invented" not in told
    assert "mail.example" not in told
    assert "1985" not in told


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"sex": "robot"}, "sex"),
        ({"date_of_birth": "1985-13-40"}, "date_of_birth"),
        ({"date_of_birth": "2999"}, "date_of_birth"),
        ({"date_of_birth": "1850"}, "date_of_birth"),
    ],
)
def test_a_broken_rule_is_refused_at_its_field_and_nothing_is_kept(clinician, site, changes, field):
    with pytest.raises(Refused) as refusal:
        actions.add_patient(by=clinician, site=site, **{"name": "Ida Invented", **changes})
    assert refusal.value.field == field
    assert not Patient.objects.exists()


def test_what_was_not_asked_stays_apart_from_what_is_not_known(clinician, site):
    made = actions.add_patient(by=clinician, site=site, name="Ned Nobody", sex="refused")
    assert (made.get_sex_display(), made.birth_year) == ("Did not want to say", None)


@pytest.mark.parametrize("role", ["safety_officer", "reviewer", "administrator"])
def test_other_roles_neither_add_patients_nor_read_identities(actor, role, site, patient):
    with pytest.raises(NotAllowed):
        actions.add_patient(by=actor(role), site=site, name="Ned Nobody")
    assert Patient.objects.count() == 1


def test_a_safety_officer_reads_no_identity(safety_officer, site, patient, client_of):
    with pytest.raises(NotAllowed):
        actions.read_identity(by=safety_officer, site=site, patient=patient)
    page = client_of(safety_officer).get(reverse("clinic:patient", args=[patient.pk]))
    assert page.status_code == 200
    assert b"Show identity" not in page.content


def test_another_sites_clinician_reads_no_identity(actor, other_site, site, patient):
    with pytest.raises(NotAllowed):
        actions.read_identity(by=actor("clinician", other_site), site=site, patient=patient)
    assert not AuditEvent.objects.filter(action="clinic.identity.read").exists()


def test_the_same_form_twice_adds_one_patient(clinician, client_of, site):
    client, key = client_of(clinician), str(uuid.uuid4())
    first = client.post(reverse("clinic:add-patient"), {**FORM, "key": key})
    second = client.post(reverse("clinic:add-patient"), {**FORM, "key": key})
    assert first.status_code == 302
    assert second.url == first.url
    assert Patient.objects.count() == 1


def test_bad_input_is_shown_beside_the_field_and_adds_nobody(clinician, client_of, site):
    answer = client_of(clinician).post(
        reverse("clinic:add-patient"), {**FORM, "name": "", "date_of_birth": "12/03/1985", "sex": ""}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Enter the patient&#x27;s name." in page
    assert "Write a date as 2026-03-12" in page
    assert not Patient.objects.exists()


def test_the_page_hides_the_identity_until_it_is_asked_for(clinician, client_of, patient):
    client = client_of(clinician)
    assert b"Ida Invented" not in client.get(reverse("clinic:patient", args=[patient.pk])).content
    assert not AuditEvent.objects.filter(action="clinic.identity.read").exists()
    shown = client.post(reverse("clinic:show-identity", args=[patient.pk]))
    assert "Ida Invented" in shown.content.decode()
    assert "7 Jun 1985" in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    event = AuditEvent.objects.get(action="clinic.identity.read")
    assert (event.actor, event.target_id) == (clinician.identity, str(patient.pk))


def test_the_identity_cannot_be_had_by_following_a_link(clinician, client_of, patient):
    assert client_of(clinician).get(reverse("clinic:show-identity", args=[patient.pk])).status_code == 405


def test_another_sites_patient_is_not_there(actor, other_site, client_of, patient):
    client = client_of(actor("clinician", other_site))
    assert client.get(reverse("clinic:patient", args=[patient.pk])).status_code == 404
    assert client.post(reverse("clinic:show-identity", args=[patient.pk])).status_code == 404
    assert patient.pseudonym not in client.get(reverse("clinic:patients")).content.decode()


def test_the_list_filters_and_shows_what_is_due(clinician, client_of, consented, site, given, today):
    actions.record_treatment(by=clinician, site=site, patient=consented, **{**given, "treated_on": today})
    other = actions.add_patient(by=clinician, site=site, name="Ned Nobody")
    client = client_of(clinician)
    due = (today + dt.timedelta(days=2)).strftime("%-d %b %Y")
    assert due in client.get(reverse("clinic:patients")).content.decode()
    untreated = client.get(reverse("clinic:patients") + "?show=untreated").content.decode()
    assert other.pseudonym in untreated
    assert consented.pseudonym not in untreated
    found = client.get(reverse("clinic:patients") + f"?q={consented.pseudonym}").content.decode()
    assert other.pseudonym not in found


def test_the_next_due_follow_up_leaves_out_what_is_answered_or_closed(
    clinician, consented, site, given, today
):
    made = actions.record_treatment(by=clinician, site=site, patient=consented, **given)
    first, second, *_ = made.follow_ups.order_by("due_on")
    FollowUp.objects.filter(pk=first.pk).update(answered_on=today)
    assert queries.patients(clinician, today).get().next_due == second.due_on
    after = second.closes_on + dt.timedelta(days=1)
    assert queries.patients(clinician, after).get().next_due > second.due_on


def test_the_export_is_recorded_and_holds_no_identifier(clinician, client_of, patient):
    answer = client_of(clinician).get(reverse("clinic:patients") + "?export=csv")
    assert answer["Content-Type"].startswith("text/csv")
    assert patient.pseudonym in answer.content.decode()
    assert "Invented" not in answer.content.decode()
    event = AuditEvent.objects.get(action="clinic.patients.exported")
    assert json.loads(event.data)["rows"] == 1


def test_an_export_of_another_sites_patients_is_refused(actor, other_site, patient):
    with pytest.raises(Refused, match="another site"):
        actions.export_patients(by=actor("clinician", other_site), site=other_site, patients=[patient])


def test_the_list_needs_few_queries_however_many_patients(
    clinician, client_of, site, django_assert_max_num_queries
):
    for number in range(12):
        actions.add_patient(by=clinician, site=site, name=f"Person {number}")
    client = client_of(clinician)
    with django_assert_max_num_queries(12):
        client.get(reverse("clinic:patients"))


def test_the_page_needs_few_queries_however_many_follow_ups(
    clinician, client_of, consented, site, given, django_assert_max_num_queries
):
    for _ in range(3):
        actions.record_treatment(by=clinician, site=site, patient=consented, **given)
    client = client_of(clinician)
    with django_assert_max_num_queries(13):
        client.get(reverse("clinic:patient", args=[consented.pk]))


def test_the_page_offers_one_next_step_at_a_time(clinician, client_of, patient, site, no_to_all, sign):
    client, address = client_of(clinician), reverse("clinic:patient", args=[patient.pk])

    def offered() -> str:
        page = client.get(address).content.decode()
        head = page[page.index('<div class="page-head">') : page.index('<ol class="steps"')]
        return head[head.rindex('">') + 2 : head.rindex("</a>")]

    assert offered() == "Screen the patient"
    actions.screen_patient(by=clinician, site=site, patient=patient, answers={**no_to_all, "atopy": "yes"})
    assert offered() == "Write the note on the caution"
    screening = queries.latest_screening(patient, dt.date.max)
    actions.note_screening(by=clinician, site=site, screening=screening, note="Mild eczema, discussed.")
    assert offered() == "Take consent"
    sign(patient)
    assert offered() == "Record a treatment"


def test_a_red_flag_that_nobody_reviewed_stands_at_the_top_of_the_page(
    clinician, client_of, consented, site, given, today
):
    made = actions.record_treatment(by=clinician, site=site, patient=consented, **given)
    follow_up = made.follow_ups.first()
    answer = FollowUpAnswer.objects.create(
        site=site,
        follow_up=follow_up,
        channel="patient",
        answered_on=today,
        all_well=False,
        red_flags=["nodule"],
    )
    address = reverse("clinic:patient", args=[consented.pk])
    assert b"Red flag at" in client_of(clinician).get(address).content
    FollowUpAnswer.objects.filter(pk=answer.pk).update(reviewed_at=dt.datetime.now(dt.UTC))
    assert b"Red flag at" not in client_of(clinician).get(address).content
