"""What the record of a case says that a judge of its cause must weigh."""

from exovigil.catalogue import queries as catalogue
from exovigil.clinic import queries as clinic
from exovigil.foundation.marks import day_words
from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance.models import Case, Investigation
from exovigil.vigilance.split import SplitFacts
from exovigil.vigilance.steps import scope

_TESTS = (Investigation.Kind.MYCOBACTERIAL, Investigation.Kind.MYCOBACTERIAL_PCR)


def split_facts(case: Case) -> SplitFacts:
    """Read the record: the sitting, the lot on the day it was given, the other products, the mycobacterial tests."""
    nodule = case.term in scope().terms
    treatment = case.treatment
    if treatment is None:
        return SplitFacts(nodule=nodule, mycobacteria=_mycobacteria(case))
    lot = catalogue.lots().get(pk=treatment.lot_id)
    check = catalogue.lot_check(lot, case.site, treatment.treated_on)
    return SplitFacts(
        nodule=nodule,
        microneedling=treatment.route == "microneedling",
        topical_agents=treatment.topical_agents.strip(),
        mycobacteria=_mycobacteria(case),
        other_products=_other_products(case),
        lot_faults=check.reasons,
        lot_override=check.overridden_by or "",
        off_label=treatment.route_standing == "off_label",
        route=treatment.get_route_display().lower(),
    )


def _mycobacteria(case: Case) -> str:
    """The gravest result of culture and PCR, in words; "negative" only when one with dates is."""
    found = {row.kind: row for row in case.investigations.all() if row.kind in _TESTS}
    rows = [row for row in found.values() if row.result != Investigation.Result.NOT_DONE]
    if not rows:
        return "not done" if found else "not recorded"
    results = {row.result for row in rows}
    if Investigation.Result.POSITIVE in results:
        return "positive"
    if any(row.result == Investigation.Result.NEGATIVE and row.taken_on and row.resulted_on for row in rows):
        return "negative"
    if Investigation.Result.NEGATIVE in results:
        return "negative, without dates"
    return "awaited" if Investigation.Result.PENDING in results else "result not known"


def _other_products(case: Case) -> tuple[str, ...]:
    """Other products this patient was given, up to the latest day on which the reaction can have begun."""
    if case.patient is None:
        return ()
    until = PartialDate.parse(case.onset).latest if case.onset else case.received_on
    rows = clinic.treatments_of(case.patient).exclude(product=case.product_id).filter(treated_on__lte=until)
    return tuple(f"{row.product.name} on {day_words(row.treated_on)}" for row in rows)
