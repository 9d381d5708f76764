"""Roles are classes of what a person may do; a membership gives one person one role at one site."""

import enum
from dataclasses import dataclass


class Permission(enum.StrEnum):
    """One thing a role may do. Views and actions name the same permission."""

    VIEW_CATALOGUE = "see products and lots"
    MANAGE_CATALOGUE = "add products, lots and release results"
    OVERRIDE_LOT = "allow a blocked lot, with a reason"
    VIEW_PATIENTS = "see patients of the site"
    TREAT = "screen, take consent and record treatments"
    FOLLOW_UP = "record follow-ups and send patient links"
    ANSWER_FOLLOW_UP = "answer one's own follow-up by link"
    TELL_FROM_OUTSIDE = "tell of a reaction from outside"
    VIEW_CASES = "see cases of the site"
    OPEN_CASE = "turn a reaction into a case"
    ASSESS_CASE = "assess, code and report cases"
    VIEW_WATCH = "see the watch over lots and products"
    RUN_WATCH = "run the watch and decide on alarms and duplicates"
    VIEW_EVIDENCE = "see the evidence and dossiers"
    BUILD_DOSSIER = "build and publish dossiers"
    MANAGE_MEMBERS = "manage members of the site"
    VIEW_AUDIT = "read the audit trail of the site"


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of permissions."""

    key: str
    display_name: str
    description: str
    permissions: frozenset[Permission]


P = Permission
_EVERYONE = {P.VIEW_CATALOGUE, P.VIEW_EVIDENCE}

CLINICIAN = Role(
    "clinician",
    "Clinician",
    "Checks lots, screens, takes consent, treats, follows up and records reactions.",
    frozenset(_EVERYONE | {P.VIEW_PATIENTS, P.TREAT, P.FOLLOW_UP, P.VIEW_CASES, P.OPEN_CASE, P.VIEW_WATCH}),
)
SAFETY_OFFICER = Role(
    "safety_officer",
    "Safety officer",
    "Triages reactions into cases, assesses causality, writes reports, watches lots and products.",
    frozenset(
        _EVERYONE
        | {P.MANAGE_CATALOGUE, P.OVERRIDE_LOT, P.VIEW_PATIENTS, P.VIEW_CASES, P.OPEN_CASE}
        | {P.ASSESS_CASE, P.VIEW_WATCH, P.RUN_WATCH}
    ),
)
REVIEWER = Role(
    "reviewer",
    "Reviewer",
    "Keeps the evidence alive and publishes dossiers. Sees no patients.",
    frozenset(_EVERYONE | {P.BUILD_DOSSIER, P.VIEW_WATCH}),
)
ADMINISTRATOR = Role(
    "administrator",
    "Administrator",
    "Manages members, products and lots, and reads the audit trail. Sees no patients.",
    frozenset(_EVERYONE | {P.MANAGE_CATALOGUE, P.MANAGE_MEMBERS, P.VIEW_AUDIT}),
)
PATIENT = Role(
    "patient", "Patient", "Answers a follow-up from a signed link.", frozenset({P.ANSWER_FOLLOW_UP})
)
OUTSIDE = Role(
    "outside",
    "Outside reporter",
    "Tells of a reaction on the public form. Has no account and sees nothing.",
    frozenset({P.TELL_FROM_OUTSIDE}),
)
SYSTEM = Role(
    "system",
    "Exovigil itself",
    "Scheduled work and installation.",
    frozenset(Permission) - {P.ANSWER_FOLLOW_UP},
)

MEMBER_ROLES = {role.key: role for role in (CLINICIAN, SAFETY_OFFICER, REVIEWER, ADMINISTRATOR)}
