"""Addresses of patients, selection, consent and treatment."""

from django.urls import path

from exovigil.clinic.views import consent, patients, selection, treatments

urlpatterns = [
    path("patients/", patients.patients, name="patients"),
    path("patients/add/", patients.add_patient, name="add-patient"),
    path("patients/<int:patient_id>/", patients.patient, name="patient"),
    path("patients/<int:patient_id>/identity/", patients.show_identity, name="show-identity"),
    path("patients/<int:patient_id>/screening/", selection.screen, name="screen"),
    path("screenings/<int:screening_id>/note/", selection.note_screening, name="note-screening"),
    path("patients/<int:patient_id>/consent/", consent.consent, name="consent"),
    path("consents/<int:consent_id>/pdf/", consent.consent_pdf, name="consent-pdf"),
    path("consents/<int:consent_id>/withdraw/", consent.withdraw_consent, name="withdraw-consent"),
    path("patients/<int:patient_id>/treat/", treatments.treat, name="treat"),
    path("treatments/<int:treatment_id>/", treatments.treatment, name="treatment"),
]
