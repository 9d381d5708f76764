"""Selection: what the answers lead to, kept with reasons and sources, and the note under a caution."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from exovigil.clinic import actions, queries, selection
from exovigil.clinic.models import Screening
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unscoped")]


@pytest.fixture
def screen(clinician, site, patient, no_to_all):
    """Screens the patient with some answers changed."""

    def run(on=None, note="", **changes):
        return actions.screen_patient(
            by=clinician, site=site, patient=patient, answers={**no_to_all, **changes}, note=note, on=on
        )

    return run


def test_no_to_everything_is_eligible_and_says_which_criteria_decided(screen, clinician):
    made = screen()
    assert (made.outcome, made.reasons) == ("eligible", [])
    assert len(made.criteria_sha256) == 64
    assert made.screened_by_id == clinician.user_id


def test_reasons_are_kept_with_their_sources(screen):
    made = screen(malignancy="yes", atopy="refused")
    assert made.outcome == "excluded"
    assert [(r["code"], r["outcome"]) for r in made.reasons] == [
        ("malignancy", "excluded"),
        ("atopy", "caution"),
    ]
    assert made.reasons[0]["sources"][0]["citation"].startswith("IRCT trial")
    assert made.answers["atopy"] == "refused"


def test_a_question_left_out_counts_as_not_asked_and_never_as_no(clinician, site, patient, no_to_all):
    del no_to_all["pregnancy"]
    made = actions.screen_patient(by=clinician, site=site, patient=patient, answers=no_to_all)
    assert made.outcome == "caution"
    assert made.answers["pregnancy"] == "not asked"


def test_the_audit_trail_names_no_answer(screen):
    screen(blood_borne_virus="yes")
    event = AuditEvent.objects.get(action="clinic.patient.screened")
    assert "virus" not in event.data
    assert "excluded" in event.data


@pytest.mark.parametrize(
    ("answers", "field"), [({"atopy": "perhaps"}, "atopy"), ({"no_such_question": "no"}, None)]
)
def test_an_answer_that_is_none_is_refused(screen, answers, field):
    with pytest.raises(Refused) as refusal:
        screen(**answers)
    assert refusal.value.field == field
    assert not Screening.objects.exists()


def test_a_screening_in_the_future_is_refused(screen, today):
    with pytest.raises(Refused, match="future"):
        screen(on=today + dt.timedelta(days=1))
    assert not Screening.objects.exists()


def test_the_year_of_birth_and_the_answer_about_age_must_agree(clinician, site, no_to_all, today):
    child = actions.add_patient(by=clinician, site=site, name="Kit Kidd", date_of_birth=str(today.year - 12))
    with pytest.raises(Refused, match="under 18"):
        actions.screen_patient(by=clinician, site=site, patient=child, answers=no_to_all)
    made = actions.screen_patient(
        by=clinician, site=site, patient=child, answers={**no_to_all, "under_18": "yes"}
    )
    assert made.outcome == "excluded"


def test_the_newest_screening_counts(screen, patient, today):
    screen(on=today - dt.timedelta(days=9), malignancy="yes")
    newest = screen()
    assert queries.latest_screening(patient, today) == newest
    assert queries.latest_screening(patient, today - dt.timedelta(days=1)).outcome == "excluded"


def test_a_screening_stands_for_half_a_year(screen, today):
    made = screen(on=today)
    assert queries.screening_stands(made, today + dt.timedelta(days=183))
    assert not queries.screening_stands(made, today + dt.timedelta(days=184))
    assert not queries.screening_stands(made, today - dt.timedelta(days=1))


def test_the_note_is_written_once_and_only_under_a_caution(screen, clinician, site):
    caution, excluded = screen(atopy="yes"), screen(malignancy="yes")
    noted = actions.note_screening(by=clinician, site=site, screening=caution, note="Mild eczema, discussed.")
    assert noted.note == "Mild eczema, discussed."
    with pytest.raises(Refused, match="already"):
        actions.note_screening(by=clinician, site=site, screening=caution, note="Something else now.")
    with pytest.raises(Refused, match="Only a screening that says caution"):
        actions.note_screening(by=clinician, site=site, screening=excluded, note="Let us go ahead.")
    assert "eczema" not in AuditEvent.objects.get(action="clinic.screening.noted").data


def test_an_empty_note_is_refused(screen, clinician, site):
    with pytest.raises(Refused, match="in a sentence") as refusal:
        actions.note_screening(by=clinician, site=site, screening=screen(atopy="yes"), note="ok")
    assert refusal.value.field == "note"


def test_another_role_or_site_screens_nobody(safety_officer, actor, other_site, site, patient, no_to_all):
    with pytest.raises(NotAllowed):
        actions.screen_patient(by=safety_officer, site=site, patient=patient, answers=no_to_all)
    with pytest.raises(Refused, match="another site"):
        actions.screen_patient(
            by=actor("clinician", other_site), site=other_site, patient=patient, answers=no_to_all
        )
    assert not Screening.objects.exists()


def _post(client, patient, today, answers, **extra):
    return client.post(
        reverse("clinic:screen", args=[patient.pk]),
        {**answers, "screened_on": today.isoformat(), "note": "", "key": str(uuid.uuid4()), **extra},
    )


def test_the_form_asks_every_question_in_a_fieldset_with_five_answers(clinician, client_of, patient):
    page = client_of(clinician).get(reverse("clinic:screen", args=[patient.pk])).content.decode()
    assert page.count("<fieldset") == len(selection.questions())
    assert page.count('type="radio"') == 5 * len(selection.questions())
    assert "checked" not in page


def test_an_exclusion_is_shown_with_each_reason_and_its_source(
    clinician, client_of, patient, today, no_to_all
):
    client = client_of(clinician)
    answer = _post(client, patient, today, {**no_to_all, "malignancy": "yes", "atopy": "not known"})
    assert answer.status_code == 302
    page = client.get(reverse("clinic:patient", args=[patient.pk])).content.decode()
    assert "Excluded" in page
    assert "https://irct.behdasht.gov.ir/trial/76964" in page
    assert "Answer: not known. Advised for fillers" in page
    assert "Record a treatment" not in page


def test_a_missing_answer_is_named_and_nothing_is_kept(clinician, client_of, patient, today, no_to_all):
    del no_to_all["pregnancy"]
    answer = _post(client_of(clinician), patient, today, no_to_all)
    assert answer.status_code == 422
    assert "Choose an answer to: Are you pregnant" in answer.content.decode()
    assert not Screening.objects.exists()


def test_the_same_form_twice_makes_one_screening(clinician, client_of, patient, today, no_to_all):
    client, key = client_of(clinician), str(uuid.uuid4())
    for _ in range(2):
        assert _post(client, patient, today, no_to_all, key=key).status_code == 302
    assert Screening.objects.count() == 1


def test_the_note_page_keeps_the_note_or_says_what_is_missing(screen, clinician, client_of, patient):
    made, client = screen(atopy="yes"), client_of(clinician)
    address = reverse("clinic:note-screening", args=[made.pk])
    assert "Caution" in client.get(address).content.decode()
    assert client.post(address, {"note": ""}).status_code == 422
    assert client.post(address, {"note": "Mild eczema, discussed."}).status_code == 302
    made.refresh_from_db()
    assert made.note == "Mild eczema, discussed."
    assert client.post(address, {"note": "A second thought on it."}).status_code == 422


def test_another_sites_pages_are_not_there(screen, actor, other_site, client_of, patient):
    made, client = screen(atopy="yes"), client_of(actor("clinician", other_site))
    assert client.get(reverse("clinic:screen", args=[patient.pk])).status_code == 404
    assert client.get(reverse("clinic:note-screening", args=[made.pk])).status_code == 404
