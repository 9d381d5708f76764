"""The narrative drafted from the record, in order of time; a person may edit it before it is kept."""

from collections.abc import Iterator

from exovigil.vigilance import seriousness
from exovigil.vigilance.facts import is_serious, latest_assessment
from exovigil.vigilance.labels import region_labels
from exovigil.vigilance.models import Assessment, Case, Investigation
from exovigil.vigilance.origin import has_patient, origin_of, product_name
from exovigil.vigilance.seriousness import Answer
from exovigil.vigilance.timeline import as_sentence, timeline


def draft_narrative(case: Case) -> str:
    """Tell the case from its record: the person, the course, the examination, what was not done, the judgement.

    The patient is described, never named. Only what the record holds is said.
    """
    parts = [
        _person(case),
        "\n".join(moment.sentence for moment in timeline(case)),
        _examination(case),
        _not_done(case),
        _seriousness(case),
        f"Outcome at last observation: {case.get_outcome_display().lower()}.",
        " ".join(_causality(case)),
    ]
    return "\n\n".join(part for part in parts if part)


def _person(case: Case) -> str:
    patient = case.patient
    if patient is None:
        return _told_of(case)
    sex = {"female": "A woman", "male": "A man"}.get(patient.sex, "A patient")
    born = f"born in {patient.birth_year}" if patient.birth_year else "year of birth not known"
    return f"{sex}, {born}. Case {case.number}."


def _told_of(case: Case) -> str:
    """Describe a patient whom only a report from outside tells of."""
    origin = origin_of(case)
    if origin is None or not has_patient(case):
        return "The patient is not known."
    sex = {"female": "A woman", "male": "A man"}.get(origin.sex, "A patient")
    aged = f", aged {origin.age}" if origin.age is not None else ""
    product = (
        f" Product as reported: {product_name(case)}." if product_name(case) and not case.product else ""
    )
    return f"{sex}{aged}, told of from outside. Case {case.number}.{product}"


def _examination(case: Case) -> str:
    places = ", ".join(region_labels(case.regions)).lower()
    seen = as_sentence(f"On examination: {case.lesion.strip()}") if case.lesion.strip() else ""
    return "\n".join(part for part in (f"Affected: {places}." if places else "", seen) if part)


def _not_done(case: Case) -> str:
    rows = [
        row.get_kind_display()
        for row in case.investigations.all()
        if row.result == Investigation.Result.NOT_DONE
    ]
    return f"Recorded as not done: {', '.join(rows).lower()}." if rows else ""


def _seriousness(case: Case) -> str:
    met = [c.label for c in seriousness.criteria() if case.seriousness.get(c.code) == "yes"]
    if met:
        return f"Serious in the ICH sense: {'; '.join(met).lower()}."
    if is_serious(case) is Answer.NO:
        return "Not serious in the ICH sense: all six criteria were answered no."
    return "Seriousness in the ICH sense is not yet clear: not every criterion has been answered."


def _causality(case: Case) -> Iterator[str]:
    umc = latest_assessment(case, Assessment.Method.WHO_UMC)
    naranjo = latest_assessment(case, Assessment.Method.NARANJO)
    if umc:
        yield f"Causality by WHO-UMC: {umc.result}."
    if naranjo:
        yield f"Naranjo: {naranjo.result}, score {naranjo.score}."
    cause = latest_assessment(case, Assessment.Method.SPLIT)
    if cause:
        yield f"Cause, by this registry's own split: {cause.result}."
