"""The facts of a case in the words of a form. What is not known is blank, so that nobody copies a guess."""

import datetime as dt

from django.utils import timezone

from exovigil.clinic import queries as clinic
from exovigil.foundation.marks import day_words
from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance import seriousness
from exovigil.vigilance.facts import is_serious, latest_assessment, onset_latency
from exovigil.vigilance.labels import indication_label, region_labels, term_label
from exovigil.vigilance.models import Assessment, Case, Investigation, Management
from exovigil.vigilance.narrative import draft_narrative
from exovigil.vigilance.origin import age_of, has_patient, lot_number, product_name, sex_of
from exovigil.vigilance.seriousness import Answer

_SUE = ("disability", "hospitalisation", "congenital_anomaly", "life_threatening", "death")
_PRODUCT = (
    "product",
    "maker",
    "category",
    "source_class",
    "lot",
    "expiry",
    "product_lot",
    "product_strength",
)
_PROFESSIONALS = (Case.Reporter.PHYSICIAN, Case.Reporter.PHARMACIST, Case.Reporter.OTHER_PROFESSIONAL)
_AGAIN = {"recurred": "Yes", "did not recur": "No", "not done": "Not done", "not necessary": "Not done"}


def form_facts(case: Case) -> dict[str, str]:
    """Every fact that a form can ask for, by key; the case needs its whole file."""
    return {**_administration(case), **_person(case), **_reaction(case), **_product(case), **_use(case)}


def _administration(case: Case) -> dict[str, str]:
    site = case.site
    public, professional = case.reporter == Case.Reporter.PATIENT, case.reporter in _PROFESSIONALS
    return {
        "number": case.number,
        "made_on": day_words(timezone.localdate()),
        "country": site.country,
        "report_type": "Follow-up" if case.reports.all() else "Initial",
        "report_source": "Patient, through the clinic"
        if public
        else "Health professional"
        if professional
        else "",
        "reporter": ", ".join(part for part in (site.name, site.town, site.country, site.telephone) if part),
        "reporter_kind": "" if case.reporter == Case.Reporter.UNKNOWN else case.get_reporter_display(),
        "confirmed": "Yes" if case.lesion.strip() or professional else "",
        "event_kind": "Adverse event",
    }


def _person(case: Case) -> dict[str, str]:
    person = case.patient
    born = person.birth_year if person else None
    when = _year_of_reaction(case)
    return {
        "identifier": "Masked here: enter what the authority asks for" if has_patient(case) else "",
        "birth": f"{born} (year only)" if born else "",
        "age": f"about {when - born} years (born in {born})" if born else _told_age(case),
        "sex": sex_of(case).capitalize() if sex_of(case) in {"female", "male", "other"} else "",
    }


def _told_age(case: Case) -> str:
    age = age_of(case)
    return f"{age} years, as reported" if age is not None else ""


def _year_of_reaction(case: Case) -> int:
    if case.onset:
        return PartialDate.parse(case.onset).year
    return (case.treatment.treated_on if case.treatment else case.received_on).year


def _reaction(case: Case) -> dict[str, str]:
    code, latency = case.meddra, onset_latency(case)
    met = [c for c in seriousness.criteria() if case.seriousness.get(c.code) == "yes"]
    coded = f"MedDRA {code.version}: {code.llt_name} ({code.llt_code})." if code else ""
    seen = f"On examination: {case.lesion.strip()}" if case.lesion.strip() else ""
    said = f"In the reporter’s words: “{case.words.strip()}”."
    biopsy = next((r for r in case.investigations.all() if r.kind == Investigation.Kind.BIOPSY), None)
    serious = {Answer.YES: "Yes", Answer.NO: "No", Answer.UNKNOWN: ""}[is_serious(case)]
    return {
        "term": term_label(case.term),
        "onset": day_words(case.onset) if case.onset else "",
        "latency": str(latency or ""),
        "regions": ", ".join(region_labels(case.regions)),
        "description": " ".join(part for part in (f"{term_label(case.term)}.", said, seen, coded) if part),
        "diagnosis": biopsy.finding if biopsy else "",
        "outcome": "" if case.outcome == Case.Outcome.UNKNOWN else case.get_outcome_display(),
        "serious": serious,
        "ich_serious": "; ".join(c.label for c in met),
        "sue_serious": "; ".join(c.label for c in met if c.code in _SUE),
        "tests": "\n".join(_tests(case)),
        "management": "\n".join(_management(case)),
        "causality": _causality(case),
        "narrative": case.narrative or draft_narrative(case),
    }


def _tests(case: Case) -> list[str]:
    rows = []
    for row in case.investigations.all():
        if row.result in {Investigation.Result.NOT_DONE, Investigation.Result.UNKNOWN}:
            continue
        when = f", taken {day_words(row.taken_on)}" if row.taken_on else ""
        until = f", result of {day_words(row.resulted_on)}" if row.resulted_on else ""
        found = f": {row.finding}" if row.finding else ""
        rows.append(f"{row.get_kind_display()}{when}{until}: {row.get_result_display().lower()}{found}")
    return rows


def _management(case: Case) -> list[str]:
    rows = []
    for row in case.management.all():
        dose = f" ({row.dose})" if row.dose else ""
        since = f" from {day_words(row.started_on)}" if row.started_on else ""
        until = f" to {day_words(row.stopped_on)}" if row.stopped_on else ""
        known = row.response not in {Management.Response.UNKNOWN, Management.Response.NOT_ASKED}
        response = f"; response: {row.get_response_display().lower()}" if known else ""
        note = f"; {row.note}" if row.note else ""
        rows.append(f"{row.get_kind_display()}{dose}{since}{until}{response}{note}")
    return rows


def _causality(case: Case) -> str:
    found = [(method, latest_assessment(case, method)) for method in Assessment.Method]
    return "; ".join(f"{method.label}: {row.result}" for method, row in found if row)


def _product(case: Case) -> dict[str, str]:
    product, lot = case.product, case.lot
    if product is None:  # a report from outside may name what the catalogue does not have
        said = {"product": product_name(case), "lot": lot_number(case)}
        together = f"{said['product']}, batch {said['lot'] or 'not known'}" if said["product"] else ""
        return dict.fromkeys(_PRODUCT, "") | said | {"product_lot": together}
    made_of = product.get_source_class_display()
    number = lot_number(case)
    return {
        "product": product.name,
        "maker": product.maker,
        "category": product.get_kind_display(),
        "source_class": f"{made_of}, as declared",
        "lot": number,
        "expiry": day_words(lot.expires_on) if lot and lot.expires_on else "",
        "product_lot": f"{product.name}, batch {number or 'not known'}",
        "product_strength": ", ".join(p for p in (product.name, product.strength, product.maker) if p),
    }


def _use(case: Case) -> dict[str, str]:
    treatment = case.treatment
    keys = (
        "dose",
        "route",
        "indication",
        "dates",
        "treated_on",
        "duration",
        "dose_route",
        "device",
        "first_use",
    )
    more = ("frequency", "professional", "stopped", "abated", "concomitant", "latency_first", "reappeared")
    facts = dict.fromkeys((*keys, *more), "")
    umc = latest_assessment(case, Assessment.Method.WHO_UMC)
    facts["reappeared"] = _AGAIN.get(umc.answers.get("rechallenge", ""), "") if umc else ""
    if treatment is None:
        return facts
    day = day_words(treatment.treated_on)
    dose = f"{treatment.dose.normalize():f} {treatment.dose_unit}, once"
    route = "" if treatment.route == "unknown" else treatment.get_route_display()
    earlier, others = _courses(case, treatment.treated_on)
    first = earlier[0] if earlier else treatment.treated_on
    return facts | {
        "dose": dose,
        "route": route,
        "dose_route": "; ".join(part for part in (dose, route) if part),
        "indication": indication_label(treatment.indication) if treatment.indication else "",
        "treated_on": day,
        "dates": f"{day} to {day}",
        "duration": "1 day",
        "device": treatment.device,
        "first_use": day_words(first),
        "frequency": f"{len(earlier) + 1} time{'s' if earlier else ''} up to the treatment in question",
        "professional": "Yes",
        "stopped": "Given once on the day; nothing to stop",
        "abated": "Not applicable: given once",
        "latency_first": str(onset_latency(case) or "") if not earlier else "",
        "concomitant": "\n".join(
            [*([f"In the sitting: {treatment.topical_agents}"] if treatment.topical_agents else []), *others]
        ),
    }


def _courses(case: Case, treated_on: dt.date) -> tuple[list[dt.date], list[str]]:
    """Days on which the product was given before, and other products given up to the day of the report."""
    if case.patient is None:
        return [], []
    rows = [row for row in clinic.treatments_of(case.patient) if row.pk != case.treatment_id]
    same = sorted(r.treated_on for r in rows if r.product_id == case.product_id and r.treated_on < treated_on)
    others = [
        f"{r.product.name}, lot {r.lot.number}, on {day_words(r.treated_on)}"
        for r in rows
        if r.product_id != case.product_id and r.treated_on <= case.received_on
    ]
    return same, others
