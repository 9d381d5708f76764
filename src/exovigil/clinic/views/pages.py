"""What the room's pages share: the way back."""

from django.urls import reverse

from exovigil.clinic.models import FollowUp, Patient
from exovigil.foundation.pages import Crumbs


def patient_crumbs(patient: Patient) -> Crumbs:
    """Return the way back from a page below a patient."""
    return [
        ("Patients", reverse("clinic:patients")),
        (patient.pseudonym, reverse("clinic:patient", args=[patient.pk])),
    ]


def follow_up_crumbs(row: FollowUp) -> Crumbs:
    """Return the way back from a page below a follow-up."""
    return [
        ("Follow-up", reverse("clinic:follow-ups")),
        (f"{row.treatment.patient}, {row.visit}", reverse("clinic:follow-up", args=[row.pk])),
    ]
