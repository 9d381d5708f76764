"""Writes of the clinic room, one file per noun."""

from exovigil.clinic.actions.consent import read_consent, take_consent, withdraw_consent
from exovigil.clinic.actions.patients import add_patient, export_patients, read_identity
from exovigil.clinic.actions.protocols import adopt_protocol, freeze_consent_text
from exovigil.clinic.actions.selection import note_screening, screen_patient
from exovigil.clinic.actions.treatments import record_treatment

__all__ = [
    "add_patient",
    "adopt_protocol",
    "export_patients",
    "freeze_consent_text",
    "note_screening",
    "read_consent",
    "read_identity",
    "record_treatment",
    "screen_patient",
    "take_consent",
    "withdraw_consent",
]

from exovigil.clinic.actions.follow_up import answer_follow_up as answer_follow_up
from exovigil.clinic.actions.follow_up import export_follow_ups as export_follow_ups
from exovigil.clinic.actions.follow_up import make_link as make_link
from exovigil.clinic.actions.follow_up import record_follow_up as record_follow_up
from exovigil.clinic.actions.follow_up import review_answer as review_answer
from exovigil.clinic.actions.follow_up import revoke_link as revoke_link
from exovigil.clinic.actions.photos import MOST_PHOTOS as MOST_PHOTOS
from exovigil.clinic.actions.photos import add_photo as add_photo
from exovigil.clinic.actions.photos import read_photo as read_photo
