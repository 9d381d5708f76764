"""Patients: added under a pseudonym, identity kept apart, and every look at it recorded."""

import datetime as dt

from django.utils import timezone

from exovigil.clinic.models import Patient, PatientIdentity
from exovigil.foundation.partial_date import PartialDate
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission


@action(Permission.TREAT)
def add_patient(
    *,
    by: Actor,
    site: Site,
    name: str,
    sex: str = Patient.Sex.NOT_ASKED,
    email: str = "",
    phone: str = "",
    date_of_birth: str = "",
) -> Patient:
    """Add a patient; the pseudonym is the site's code and the next number.

    ``date_of_birth`` may be partial (``1987-03-12``, ``1987-03``, ``1987``) or empty when not known; only its
    year is kept outside the encrypted identity.
    """
    if not name.strip():
        raise Refused("Enter the patient's name.", "name")
    if sex not in Patient.Sex.values:
        raise Refused("Choose one of the answers.", "sex")
    patient = Patient.objects.create(
        site=site, pseudonym=_next_pseudonym(site), sex=sex, birth_year=_birth_year(date_of_birth)
    )
    PatientIdentity.objects.create(
        site=site,
        patient=patient,
        name=name.strip(),
        email=email.strip(),
        phone=phone.strip(),
        date_of_birth=date_of_birth.strip(),
    )
    given = [field for field, value in (("email", email), ("phone", phone)) if value]
    audit.record("clinic.patient.added", by=by, target=patient, site=site, contact_given=given)
    return patient


@action(Permission.TREAT)
def read_identity(*, by: Actor, site: Site, patient: Patient) -> PatientIdentity:
    """Read who a patient is; the reading itself is what is recorded."""
    identity = PatientIdentity.objects.filter(site=site, patient=patient).first()
    if identity is None:
        raise Refused("No identity is kept for this patient.")
    audit.record("clinic.identity.read", by=by, target=patient, site=site)
    return identity


@action(Permission.VIEW_PATIENTS)
def export_patients(*, by: Actor, site: Site, patients: list[Patient]) -> list[Patient]:
    """Hand out patient rows of one site for a file; the event says how many left, and which columns."""
    if any(patient.site_id != site.pk for patient in patients):
        raise Refused("These patients belong to another site.")
    audit.record("clinic.patients.exported", by=by, site=site, rows=len(patients), identifiers=False)
    return patients


def _next_pseudonym(site: Site) -> str:
    """Count up within the site; the site's row is locked so that two clinicians never get the same number."""
    Site.objects.select_for_update().get(pk=site.pk)
    prefix = f"{site.code.upper()}-"
    last = Patient.objects.filter(site=site, pseudonym__startswith=prefix).order_by("-pk").first()
    number = int(last.pseudonym.removeprefix(prefix)) if last else 0
    return f"{prefix}{number + 1:04d}"


def _birth_year(date_of_birth: str) -> int | None:
    if not date_of_birth.strip():
        return None
    try:
        born = PartialDate.parse(date_of_birth)
    except ValueError as error:
        raise Refused(f"{str(error)[0].upper()}{str(error)[1:]}.", "date_of_birth") from error
    today: dt.date = timezone.localdate()
    if born.earliest > today or today.year - born.year > 120:
        raise Refused("This cannot be the date of birth. Check the year.", "date_of_birth")
    return born.year
