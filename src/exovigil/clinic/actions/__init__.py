"""Writes of the clinic room, one file per noun."""

from exovigil.clinic.actions.consent import read_consent, take_consent, withdraw_consent
from exovigil.clinic.actions.follow_up import (
    answer_follow_up,
    export_follow_ups,
    make_link,
    record_follow_up,
    review_answer,
    revoke_link,
)
from exovigil.clinic.actions.patients import add_patient, export_patients, read_identity
from exovigil.clinic.actions.photos import (
    MOST_PHOTOS,
    add_photo,
    read_photo,
)
from exovigil.clinic.actions.protocols import adopt_protocol, freeze_consent_text
from exovigil.clinic.actions.selection import note_screening, screen_patient
from exovigil.clinic.actions.treatments import record_treatment

__all__ = [
    "MOST_PHOTOS",
    "add_patient",
    "add_photo",
    "adopt_protocol",
    "answer_follow_up",
    "export_follow_ups",
    "export_patients",
    "freeze_consent_text",
    "make_link",
    "note_screening",
    "read_consent",
    "read_identity",
    "read_photo",
    "record_follow_up",
    "record_treatment",
    "review_answer",
    "revoke_link",
    "screen_patient",
    "take_consent",
    "withdraw_consent",
]
