"""Clinic: to whom, how, and how they fare.

Patients (a pseudonym; identifiers apart and encrypted), selection, consent, treatments,
follow-up visits and their windows, the patient's own page, and adopted protocols.
"""
