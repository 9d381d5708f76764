"""Privacy classes: every field has one, identifiers are encrypted, and they never reach a log."""

import logging

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import connection

from exovigil.clinic.models import Patient, PatientIdentity
from exovigil.governance.privacy import Privacy, classify
from exovigil.governance.vault import EncryptedTextField, SealBroken, seal, unseal

ROOMS = ("governance", "catalogue", "clinic", "vigilance", "signals", "dossier")
MODELS = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
CANARY = "Canary Unmistakable"


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_field_has_a_privacy_class_and_no_class_is_left_over(model):
    fields = {field.name for field in model._meta.local_fields + model._meta.local_many_to_many}
    assert set(model.privacy) == fields


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_identifiers_and_only_they_are_encrypted(model):
    for name, privacy in model.privacy.items():
        encrypted = isinstance(model._meta.get_field(name), EncryptedTextField)
        assert encrypted == (privacy is Privacy.IDENTIFIER), name


def test_an_unknown_class_is_refused():
    with pytest.raises(KeyError):
        classify(secret="name")


@pytest.fixture
def identity(site, db):
    from django_scopes import scope

    with scope(site=[site.pk]):
        patient = Patient.objects.create(site=site, pseudonym="OAK-0001")
        yield PatientIdentity.objects.create(site=site, patient=patient, name=CANARY, phone="07700 900123")


def test_the_database_never_sees_a_name(identity):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone, email FROM clinic_patientidentity")
        name, phone, email = cursor.fetchone()
    assert CANARY not in name
    assert "900123" not in phone
    assert email == ""
    identity.refresh_from_db()
    assert (identity.name, identity.phone, identity.email) == (CANARY, "07700 900123", "")


def test_keys_can_be_rotated_and_a_wrong_key_says_what_to_check(settings):
    old = list(settings.FIELD_KEYS)
    token = seal(b"kept")
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *old]
    assert unseal(token) == b"kept"
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(SealBroken, match="EXOVIGIL_FIELD_KEYS"):
        unseal(token)


def test_a_patients_name_does_not_reach_the_log(identity, clinician, client_of, caplog):
    caplog.set_level(logging.DEBUG)
    client = client_of(clinician)
    client.raise_request_exception = False
    client.post("/patients/add/", {"name": CANARY, "date_of_birth": "nonsense"})
    client.get(f"/patients/{identity.patient_id}/")
    client.get(f"/patients/999999/?note={CANARY.replace(' ', '+')}")
    logged = " ".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert logged
    assert CANARY not in logged
