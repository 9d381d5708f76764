"""Reads of the clinic room, one file per noun."""

from exovigil.clinic.queries.consents import CONFIRMATIONS, consents, consents_of, current_text
from exovigil.clinic.queries.patients import Step, latest_screening, next_step, patients, timeline
from exovigil.clinic.queries.treatments import (
    ExposureRow,
    current_protocol,
    exposures,
    practitioners,
    route_standing,
    treatments,
    treatments_of,
    valid_consent,
)

__all__ = [
    "CONFIRMATIONS",
    "ExposureRow",
    "Step",
    "consents",
    "consents_of",
    "current_protocol",
    "current_text",
    "exposures",
    "latest_screening",
    "next_step",
    "patients",
    "practitioners",
    "route_standing",
    "timeline",
    "treatments",
    "treatments_of",
    "valid_consent",
]

from exovigil.clinic.queries.follow_up import answer as answer
from exovigil.clinic.queries.follow_up import answers as answers
from exovigil.clinic.queries.follow_up import answers_to as answers_to
from exovigil.clinic.queries.follow_up import counts as counts
from exovigil.clinic.queries.follow_up import due_list as due_list
from exovigil.clinic.queries.follow_up import flag_words as flag_words
from exovigil.clinic.queries.follow_up import flags_of as flags_of
from exovigil.clinic.queries.follow_up import follow_up as follow_up
from exovigil.clinic.queries.follow_up import follow_ups as follow_ups
from exovigil.clinic.queries.follow_up import links_of as links_of
from exovigil.clinic.queries.follow_up import photos as photos
from exovigil.clinic.queries.follow_up import photos_of as photos_of
from exovigil.clinic.queries.follow_up import red_flags as red_flags
from exovigil.clinic.queries.follow_up import said as said
from exovigil.clinic.queries.follow_up import state_condition as state_condition
from exovigil.clinic.queries.follow_up import state_of as state_of
