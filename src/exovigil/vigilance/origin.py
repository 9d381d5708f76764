"""The report from outside that a case was opened from: what it says of a person and product no clinic recorded."""

from exovigil.vigilance.models import Case, IncomingReport


def origin_of(case: Case) -> IncomingReport | None:
    """The incoming report that became this case, if it came from outside; the case needs ``incoming`` at hand."""
    if case.source in {Case.Source.PATIENT, Case.Source.CLINIC}:
        return None
    return next((row for row in case.incoming.all() if row.state == IncomingReport.State.OPENED), None)


def product_name(case: Case) -> str:
    """Name of the product: the catalogue's, else as the report named it; empty when nobody named one."""
    if case.product:
        return case.product.name
    origin = origin_of(case)
    return origin.product_words if origin else ""


def lot_number(case: Case) -> str:
    """Number of the lot: the catalogue's, else as the report gave it; empty when nobody knows it."""
    if case.lot:
        return case.lot.number
    origin = origin_of(case)
    return origin.lot_words if origin else ""


def has_patient(case: Case) -> bool:
    """Whether somebody can say who the patient is: this clinic, or whoever reported."""
    origin = origin_of(case)
    return case.patient_id is not None or (origin is not None and "patient" in origin.met)


def sex_of(case: Case) -> str:
    """The patient's sex as recorded or as reported, or why there is none; empty without a patient."""
    origin = origin_of(case)
    if case.patient:
        return case.patient.sex
    return origin.sex if origin else ""


def age_of(case: Case) -> int | None:
    """The patient's age at the reaction as somebody reported it; the clinic's own patients have a year of birth."""
    origin = origin_of(case)
    return origin.age if origin and case.patient is None else None
