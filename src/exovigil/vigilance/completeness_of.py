"""Where a stored case meets the completeness score: at what level each dimension stands, as its report would say it."""

from exovigil.foundation.unknown import Missing
from exovigil.vigilance.completeness import GIVEN, MISSING, Completeness, completeness
from exovigil.vigilance.facts import onset_latency
from exovigil.vigilance.models import Case
from exovigil.vigilance.origin import age_of, sex_of

_A_MONTH = 31  # days; an onset known to the month is uncertain by 27 to 30


def completeness_of(case: Case) -> Completeness:
    """Score a case as its report would stand today.

    A case of this registry is a spontaneous report with its year of birth or none, so the type of report is always
    given and an age group alone never is. An answer that was refused or not asked counts as missing: the score is about
    what a reader of the report can use.
    """
    patient, treatment = case.patient, case.treatment
    stands = {
        "indication": bool(treatment and treatment.indication),
        "outcome": case.outcome != Case.Outcome.UNKNOWN,
        "sex": sex_of(case) not in {"", *Missing},
        "age": (patient is not None and patient.birth_year is not None) or age_of(case) is not None,
        "dose": treatment is not None,
        "country": bool(case.site.country),
        "reporter": case.reporter != Case.Reporter.UNKNOWN,
        "report_type": True,
        "comments": bool(case.narrative.strip() or case.lesion.strip()),
    }
    levels = {dimension: GIVEN if given else MISSING for dimension, given in stands.items()}
    return completeness({"onset": _onset_level(case), **levels})


def _onset_level(case: Case) -> str:
    found = onset_latency(case)
    if found is None:
        return MISSING
    spread = found.most - found.fewest
    if spread == 0:
        return GIVEN
    return "uncertain" if spread > _A_MONTH else "imprecise"
