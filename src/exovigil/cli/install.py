"""Preparing a new registry: tables, reference content, the first site and its administrator."""

from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.validators import validate_email
from django.db import transaction

from exovigil.clinic.actions import protocols as clinic
from exovigil.governance import actions as governance
from exovigil.governance.action import Refused
from exovigil.governance.actors import system
from exovigil.governance.models import Site


@dataclass(frozen=True, slots=True)
class Installation:
    """What whoever installs Exovigil must say."""

    site: str
    code: str
    country: str
    email: str
    password: str


def prepare_tables() -> None:
    """Create or upgrade the tables."""
    call_command("migrate", verbosity=0, interactive=False)


def adopt_reference_content() -> None:
    """Adopt the follow-up protocol and freeze the consent text that the content files hold."""
    clinic.adopt_protocol(by=system())
    clinic.freeze_consent_text(by=system())


def install(wanted: Installation) -> str:
    """Prepare everything; returns what is wrong in words, or empty when done. Nothing is half-done."""
    try:
        validate_email(wanted.email)
        validate_password(wanted.password)
    except ValidationError as error:
        return " ".join(error.messages)
    prepare_tables()
    if Site.objects.exists():
        return "This registry already has a site. Add members and sites from within it."
    try:
        _fill(wanted)
    except Refused as refusal:
        return refusal.message
    return ""


@transaction.atomic
def _fill(wanted: Installation) -> None:
    """Reference content, the site and its administrator, or nothing of it."""
    adopt_reference_content()
    site = governance.open_site(
        by=system(), code=wanted.code.lower(), name=wanted.site, country=wanted.country.upper()
    )
    governance.add_member(
        by=system(),
        site=site,
        email=wanted.email,
        name="Administrator",
        role="administrator",
        password=wanted.password,
    )
