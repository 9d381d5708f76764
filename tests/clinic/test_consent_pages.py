"""Consent: signed under frozen words, separate from the registry, readable as a paper, withdrawn at any time."""

import datetime as dt
import io
import re
import uuid

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from exovigil.clinic import actions, consent, queries
from exovigil.clinic.models import Consent, ConsentText
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unscoped")]

LATE = "developed firm red lumps between two weeks and three months"


def _words(pdf: bytes) -> str:
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return re.sub(r"\s+", " ", text)


def test_what_was_read_is_kept_word_by_word(screened, sign, clinician, site, product):
    made = sign(screened)
    filled = queries.fill(made.text, made.filled)
    assert filled.sha256 == made.filled_sha256
    values = queries.blanks(
        site=site, product=product, practitioner=clinician.name, route="topical", lot=None
    )
    rendered = consent.render(values)
    assert rendered.sha256 == made.filled_sha256
    assert [p["text"] for p in filled.paragraphs] == [p.text for p in rendered.paragraphs]
    assert "0113 496 0000" in rendered.plain
    assert "{" not in rendered.plain


def test_a_signature_outlives_a_change_of_the_clinics_name(screened, sign, site):
    made = sign(screened)
    site.name = "Renamed Clinic"
    site.save()
    assert "Oakfield Skin Clinic" in str(queries.fill(made.text, made.filled).paragraphs)


def test_registry_and_reporting_are_answered_apart_from_consent(screened, sign):
    made = sign(screened, agrees_to_registry=False, agrees_to_reporting=True)
    assert (made.agrees_to_registry, made.agrees_to_reporting) == (False, True)


def test_the_signature_is_encrypted_and_not_in_the_trail(screened, sign):
    sign(screened, signed_name="Ida Maria Invented")
    with connection.cursor() as cursor:
        cursor.execute("SELECT signed_name FROM clinic_consent")
        assert "Invented" not in cursor.fetchone()[0]
    assert "Invented" not in AuditEvent.objects.get(action="clinic.consent.taken").data


def test_no_consent_without_a_screening_or_after_an_exclusion(
    patient, sign, clinician, site, no_to_all, today
):
    with pytest.raises(Refused, match="Screen the patient first"):
        sign(patient)
    actions.screen_patient(
        by=clinician, site=site, patient=patient, answers=no_to_all, on=today - dt.timedelta(days=184)
    )
    with pytest.raises(Refused, match="Screen the patient first"):
        sign(patient)
    actions.screen_patient(
        by=clinician, site=site, patient=patient, answers={**no_to_all, "malignancy": "yes"}
    )
    with pytest.raises(Refused, match="excludes"):
        sign(patient)
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"confirmed": ["read", "time"]}, "confirmed"),
        ({"signed_name": " x "}, "signed_name"),
        ({"route": "by mouth"}, "route"),
        ({"on": dt.date(2999, 1, 1)}, None),
        ({"seen_sha256": "0" * 64}, None),
    ],
)
def test_a_broken_rule_is_refused_and_nothing_is_signed(screened, sign, changes, field):
    with pytest.raises(Refused) as refusal:
        sign(screened, **changes)
    assert refusal.value.field == field
    assert not Consent.objects.exists()


def test_a_lot_of_another_product_is_refused(screened, sign, make_product, make_lot):
    stranger = make_lot("S-1", of=make_product("Inventa Other"))
    with pytest.raises(Refused, match="another product") as refusal:
        sign(screened, lot=stranger)
    assert refusal.value.field == "lot"


def test_without_a_frozen_text_nobody_signs(screened, sign):
    ConsentText.objects.all().delete()
    with pytest.raises(Refused, match="No consent text"):
        sign(screened)


def test_withdrawal_keeps_time_and_recipient_and_happens_once(screened, sign, clinician, site):
    made = actions.withdraw_consent(by=clinician, site=site, consent=sign(screened), to="Nurse Fictive")
    assert made.withdrawn_to == "Nurse Fictive"
    assert timezone.now() - made.withdrawn_at < dt.timedelta(minutes=1)
    with pytest.raises(Refused, match="already"):
        actions.withdraw_consent(by=clinician, site=site, consent=made, to="Somebody")


def test_a_withdrawal_needs_a_recipient_and_a_time_that_can_be(screened, sign, clinician, site):
    made = sign(screened)
    with pytest.raises(Refused) as refusal:
        actions.withdraw_consent(by=clinician, site=site, consent=made, to=" ")
    assert refusal.value.field == "to"
    for days in (-1, 1):
        at = timezone.now() + dt.timedelta(days=days)
        with pytest.raises(Refused, match="not in the future"):
            actions.withdraw_consent(by=clinician, site=site, consent=made, to="Nurse Fictive", at=at)
    made.refresh_from_db()
    assert made.withdrawn_at is None


def test_another_role_or_site_neither_takes_reads_nor_withdraws(
    screened, sign, safety_officer, actor, other_site, site, product
):
    made = sign(screened)
    for by in (safety_officer, actor("clinician", other_site)):
        with pytest.raises(NotAllowed):
            sign(screened, by=by)
        with pytest.raises(NotAllowed):
            actions.read_consent(by=by, site=site, consent=made)
        with pytest.raises(NotAllowed):
            actions.withdraw_consent(by=by, site=site, consent=made, to="Nurse Fictive")
        assert not AuditEvent.objects.filter(actor=by.identity).exists()
    assert Consent.objects.get().withdrawn_at is None


def _address(patient, product, **more):
    query = "&".join(f"{k}={v}" for k, v in {"product": product.pk, "route": "topical", **more}.items())
    return f"{reverse('clinic:consent', args=[patient.pk])}?{query}"


def _answers(page: str, **changes):
    seen = re.search(r'name="seen_sha256" value="(\w+)"', page)
    assert seen is not None
    return {
        "seen_sha256": seen[1],
        "confirmed": ["read", "time", "withdraw"],
        "agrees_to_registry": "no",
        "agrees_to_reporting": "yes",
        "signed_name": "Ida Invented",
        "key": str(uuid.uuid4()),
        **changes,
    }


def test_the_page_shows_the_whole_text_and_then_keeps_the_signature(
    screened, world, product, lot, clinician, client_of
):
    client, address = client_of(clinician), _address(screened, product, lot=lot.pk)
    page = client.get(address).content.decode()
    for paragraph in world[0].paragraphs:
        assert paragraph["heading"] in page
    assert LATE in page
    assert "Inventa Glow (Makebelieve Bio)" in page
    assert "The batch is G-1" in page
    assert "Sign and keep" in page
    assert not re.search(r"<input[^>]*\schecked", page)
    answers = _answers(page)
    for _ in range(2):
        assert client.post(address, answers).status_code == 302
    made = Consent.objects.get()
    assert (made.agrees_to_registry, made.agrees_to_reporting, made.signed_name) == (
        False,
        True,
        "Ida Invented",
    )
    assert len(made.confirmed) == 3


def test_first_the_page_asks_what_the_consent_is_for(screened, world, product, lot, clinician, client_of):
    page = client_of(clinician).get(reverse("clinic:consent", args=[screened.pk])).content.decode()
    assert "Inventa Glow" in page
    assert "G-1: may be used, 10 vials in stock" in page
    assert LATE not in page


@pytest.mark.parametrize(
    "query", ["product=99999", "product=x", "product=", "route=topical&product=1&lot=zzz"]
)
def test_an_unknown_product_or_lot_in_the_address_is_an_error_of_the_form(
    screened, world, product, clinician, client_of, query
):
    answer = client_of(clinician).get(f"{reverse('clinic:consent', args=[screened.pk])}?{query}")
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()


def test_a_lot_of_another_product_in_the_address_is_an_error_of_the_form(
    screened, world, product, make_product, make_lot, clinician, client_of
):
    stranger = make_lot("S-1", of=make_product("Inventa Other"))
    answer = client_of(clinician).get(_address(screened, product, lot=stranger.pk))
    assert answer.status_code == 422
    assert "This lot is of Inventa Other" in answer.content.decode()


def test_bad_input_is_shown_beside_the_field_and_nothing_is_signed(
    screened, world, product, clinician, client_of
):
    client, address = client_of(clinician), _address(screened, product)
    page = client.get(address).content.decode()
    answer = client.post(address, _answers(page, confirmed=["read"], signed_name="", agrees_to_registry=""))
    assert answer.status_code == 422
    assert "The patient types their full name to sign." in answer.content.decode()
    assert "Choose yes or no. Either is fine." in answer.content.decode()
    answer = client.post(address, _answers(page, confirmed=["read"]))
    assert "ticks every sentence" in answer.content.decode()
    assert not Consent.objects.exists()


def test_words_that_changed_meanwhile_are_read_again_before_signing(
    screened, world, product, site, clinician, client_of
):
    client, address = client_of(clinician), _address(screened, product)
    answers = _answers(client.get(address).content.decode())
    site.telephone = "0113 496 0999"
    site.save()
    again = client.post(address, answers)
    assert again.status_code == 422
    assert "Read it again before signing" in again.content.decode()
    assert not Consent.objects.exists()
    assert client.post(address, _answers(again.content.decode())).status_code == 302


def test_an_off_label_route_is_said_on_the_page(screened, world, product, clinician, client_of):
    client = client_of(clinician)
    assert "off-label" not in client.get(_address(screened, product)).content.decode()
    page = client.get(_address(screened, product, route="intradermal")).content.decode()
    assert "Another route is off-label" in page


def test_the_paper_holds_signature_version_and_the_late_reactions(screened, sign, clinician, client_of):
    made = sign(screened)
    answer = client_of(clinician).get(reverse("clinic:consent-pdf", args=[made.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    words = _words(answer.content)
    for expected in (
        "Ida Invented",
        "OAK-0001",
        f"version {made.text.version}",
        "Inventa Glow",
        LATE,
        clinician.name,
        "10.1002/der2.242",
        "agree with what was kept at signing",
    ):
        assert expected in words
    assert made.text.sha256 in words.replace(" ", "")
    assert made.filled_sha256 in words.replace(" ", "")
    event = AuditEvent.objects.get(action="clinic.consent.read")
    assert (event.actor, event.target_id) == (clinician.identity, str(made.pk))


def test_a_paper_whose_words_were_tampered_with_says_so(screened, sign):
    made = sign(screened)
    text = made.text
    text.paragraphs[5]["text"] = "Nothing ever happens."
    text.save()
    made = queries.consents_of(screened).select_related("site", "patient").get()
    assert "Do not rely on it" in _words(queries.consent_paper(made))


def test_a_withdrawn_paper_says_so_and_a_patients_words_are_never_markup(screened, sign, clinician, site):
    made = sign(screened, signed_name='#panic("x") *Ida* $x$')
    actions.withdraw_consent(by=clinician, site=site, consent=made, to="Nurse Fictive")
    made = queries.consents(clinician).get()
    words = _words(queries.consent_paper(made))
    assert '#panic("x") *Ida* $x$' in words
    assert "told to Nurse Fictive" in words


def test_the_withdrawal_page(screened, sign, clinician, client_of):
    made, client = sign(screened), client_of(clinician)
    address = reverse("clinic:withdraw-consent", args=[made.pk])
    assert clinician.name in client.get(address).content.decode()
    assert client.post(address, {"to": ""}).status_code == 422
    key = str(uuid.uuid4())
    for _ in range(2):
        assert client.post(address, {"to": "Nurse Fictive", "key": key}).status_code == 302
    page = client.get(reverse("clinic:patient", args=[screened.pk])).content.decode()
    assert "Withdrawn" in page
    assert "Nurse Fictive" in page
    assert client.post(address, {"to": "Nurse Fictive"}).status_code == 422


def test_another_sites_consent_is_not_there(screened, sign, actor, other_site, client_of):
    made, client = sign(screened), client_of(actor("clinician", other_site))
    for name, key in (("consent", screened.pk), ("consent-pdf", made.pk), ("withdraw-consent", made.pk)):
        assert client.get(reverse(f"clinic:{name}", args=[key])).status_code == 404
    assert not AuditEvent.objects.filter(action="clinic.consent.read").exists()
