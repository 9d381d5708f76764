"""A registry case as E2B(R3) sees it: where the tables meet the pure model of ``e2b``.

Choices, each made so that nothing is claimed that the record does not hold:

* **D.1 is masked (MSK).** The registry knows the patient by a pseudonym; sending it would let two receivers join
  their files. MSK says that the sender can identify the patient, which is what a valid report needs, and a question
  about the case reaches the clinic by C.1.1.
* **The age (D.2.2a) comes from the year of birth**, so it may be one year too high; the narrative gives the year.
* **C.1.7 carries no information (NI)**: whether a report is expedited depends on a regime, and none is applied here.
* **A refused answer goes out as ASKU** (asked but unknown), the nearest that ICH has; not asked goes out as NASK.
* **C.1.11** is sent when the version that the report tells is an amendment (2) or a nullification (1), with its reason.
* **E.i.2.1** carries the MedDRA term that the site gave the reaction; without one the report is a draft.
* **A case from outside** keeps the numbers it came with: the worldwide identification (C.1.8.1) of its first sender,
  the sender's own numbers (C.1.9.1), a publication (C.4.r). Its reporter is named as masked, its patient by what was
  told, and its product as the report named it where the catalogue has none. **Sister cases** go out as C.1.10.r.
* **The reporter's words** fill E.i.1.1a up to its 250 characters; longer words are given whole in H.2.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from django.conf import settings

from exovigil.foundation.partial_date import PartialDate
from exovigil.foundation.unknown import Missing
from exovigil.vigilance.e2b.model import (
    Assessment,
    Dosage,
    Drug,
    FreeTerm,
    Icsr,
    MedDra,
    NullFlavor,
    Patient,
    Reaction,
    Reporter,
    Sender,
    TestResult,
)
from exovigil.vigilance.facts import latest_assessment, onset_latency, serious_answers
from exovigil.vigilance.labels import indication_label, region_labels
from exovigil.vigilance.models import Assessment as StoredAssessment
from exovigil.vigilance.models import Case, CaseVersion, Investigation
from exovigil.vigilance.narrative import draft_narrative
from exovigil.vigilance.numbers import links_of, other_ids_of, report_id, worldwide_id
from exovigil.vigilance.origin import age_of, has_patient, lot_number, origin_of, product_name, sex_of
from exovigil.vigilance.seriousness import e2b_letters
from exovigil.vigilance.terms import reaction_terms

_FLAVORS = {
    Missing.UNKNOWN: NullFlavor.UNKNOWN,
    Missing.NOT_ASKED: NullFlavor.NOT_ASKED,
    Missing.REFUSED: NullFlavor.ASKED_BUT_UNKNOWN,
}
_SEXES = {"male": "1", "female": "2"}
_WORDS, _NAME, _LONG = (
    250,
    60,
    2000,
)  # characters that E.i.1.1a, a name of C.2.r and a free text of F or G take
_LOT = 35  # characters that G.k.4.r.7 takes
_RECHALLENGE = {"recurred": "1", "did not recur": "2", "not necessary": "4", "not done": "4"}
_REACTION = "reaction"
_RETRACTION = {CaseVersion.Kind.NULLIFICATION.value: "1", CaseVersion.Kind.AMENDMENT.value: "2"}  # C.1.11.1


def icsr_of(case: Case, *, created: dt.datetime, version: CaseVersion | None = None) -> Icsr:
    """Build the report of a case that meets the minimum criteria (see ``facts.missing_minimum``).

    ``version`` is the one that the report tells, for what it says of itself (C.1.11).

    Raises ValueError, naming the element, for a case that does not.
    """
    words = case.words.strip()
    retraction = _RETRACTION.get(version.kind) if version else None
    return Icsr(
        report_id=report_id(case),
        created=created,
        first_received=case.received_on,
        most_recent=case.informed_on,
        sender=Sender(
            kind="3",
            organisation=settings.E2B_SENDER[:100],
            department=case.site.name[:_NAME],
            country=case.site.country,
        ),
        reporters=(_reporter(case),),
        patient=_patient(case),
        reactions=(_reaction(case),),
        drugs=(_drug(case),),
        tests=tuple(_tests(case)),
        narrative=case.narrative or draft_narrative(case),
        worldwide_id=worldwide_id(case),
        other_ids=other_ids_of(case),
        linked=tuple(worldwide_id(link.other) for link in links_of(case) if link.counts),
        literature=_literature(case),
        expedited=NullFlavor.NO_INFORMATION,
        nullification=retraction,
        nullification_reason=version.reason if version and retraction else None,
        reporter_comments=words if len(words) > _WORDS else None,
    )


def _reporter(case: Case) -> Reporter:
    """Give the clinic for its own reports; the name of a patient, or of whoever reported from outside, is masked."""
    origin = origin_of(case)
    if origin is not None:
        known = case.reporter != Case.Reporter.UNKNOWN
        return Reporter(
            case.reporter if known else NullFlavor.UNKNOWN,
            origin.country or NullFlavor.UNKNOWN,
            family_name=NullFlavor.MASKED,
            primary=True,
        )
    if case.reporter == Case.Reporter.PATIENT:
        return Reporter("5", case.site.country, family_name=NullFlavor.MASKED, primary=True)
    known = case.reporter != Case.Reporter.UNKNOWN
    return Reporter(
        case.reporter if known else NullFlavor.UNKNOWN,
        case.site.country,
        organisation=case.site.name[:_NAME],
        city=case.site.town[:35] or None,
        primary=True,
    )


def _literature(case: Case) -> tuple[str, ...]:
    origin = origin_of(case)
    if origin is None:
        return ()
    parts = (origin.citation, f"doi:{origin.doi}" if origin.doi else "")
    text = ". ".join(part for part in parts if part)
    return (text[:500],) if text else ()


def _patient(case: Case) -> Patient:
    if not has_patient(case):
        raise ValueError("D.1: the case has no patient")
    recorded = sex_of(case)
    sex = _SEXES.get(recorded) or (_FLAVORS[Missing(recorded)] if recorded in set(Missing) else None)
    return Patient(initials=NullFlavor.MASKED, age=_age_at_onset(case), sex=sex)


def _age_at_onset(case: Case) -> int | None:
    """Years from the year of birth to the year of onset, of treatment or of report, the first that is known."""
    born = case.patient.birth_year if case.patient else None
    if born is None:
        return age_of(case)
    if case.onset:
        return PartialDate.parse(case.onset).year - born
    return (case.treatment.treated_on if case.treatment else case.received_on).year - born


def _reaction(case: Case) -> Reaction:
    term = next((t for t in reaction_terms() if t.code == case.term), None)
    words = case.words.strip()
    return Reaction(
        key=_REACTION,
        words=words if len(words) <= _WORDS else f"{words[: _WORDS - 1]}…",
        outcome=case.outcome,
        serious=e2b_letters(serious_answers(case.seriousness)),
        term=FreeTerm(term.ncit_code, term.ncit_term) if term and term.ncit_code else None,
        meddra=MedDra(case.meddra.version, case.meddra.llt_code) if case.meddra else None,
        start=PartialDate.parse(case.onset) if case.onset else None,
        end=PartialDate.parse(str(case.ended_on)) if case.ended_on else None,
        # E.i.8 is asked of reports by the public: it was confirmed when a clinician recorded what was seen
        confirmed=True if case.reporter == Case.Reporter.PATIENT and case.lesion.strip() else None,
        country=case.site.country,
    )


def _drug(case: Case) -> Drug:
    name = product_name(case)
    if not name:
        raise ValueError("G.k.2.2: the product is not known")
    treatment = case.treatment
    product, lot = case.product, case.lot
    expired = bool(treatment and lot and lot.expires_on and lot.expires_on < treatment.treated_on)
    over = onset_latency(case) is not None
    umc = latest_assessment(case, StoredAssessment.Method.WHO_UMC)
    again = _RECHALLENGE.get(umc.answers.get("rechallenge", "")) if umc else None
    return Drug(
        key="product",
        role="1",
        name=name,
        dosages=(_dosage(case),),
        indications=(indication_label(treatment.indication),) if treatment and treatment.indication else (),
        action="9" if over else "0",  # a single treatment was over before the reaction began
        assessments=tuple(_assessments(case)),
        rechallenge=((_REACTION, again),) if again else (),
        information=("4",) if expired else (),
        more=f"{product.get_kind_display()}; source as declared: {product.get_source_class_display().lower()}"
        if product
        else None,
    )


def _dosage(case: Case) -> Dosage:
    lot = lot_number(case)[:_LOT] or None
    treatment = case.treatment
    if treatment is None:
        return Dosage(lot=lot)
    day = PartialDate.parse(str(treatment.treated_on))
    measured = treatment.dose_unit in {"mL", "mg"}  # a vial is no unit of UCUM and goes into the text
    text = "; ".join(
        part
        for part in (
            "" if measured else f"{treatment.dose.normalize():f} {treatment.dose_unit}",
            treatment.device,
            ", ".join(region_labels(treatment.regions)),
            f"Other agents used in the sitting: {treatment.topical_agents}"
            if treatment.topical_agents
            else "",
        )
        if part
    )
    return Dosage(
        lot=lot,
        text=text[:_LONG] or None,
        route=NullFlavor.UNKNOWN if treatment.route == Missing.UNKNOWN else treatment.get_route_display(),
        start=day,
        end=day,
        dose=Decimal(f"{treatment.dose.normalize():f}") if measured else None,
        unit=treatment.dose_unit if measured else None,
    )


def _assessments(case: Case) -> Iterator[Assessment]:
    for method in StoredAssessment.Method:
        found = latest_assessment(case, method)
        if found:
            score = f" (score {found.score})" if found.score is not None else ""
            yield Assessment(_REACTION, "Sender", method.label, f"{found.result.capitalize()}{score}")


def _tests(case: Case) -> Iterator[TestResult]:
    """Investigations that were done; the code says positive or negative for cultures and PCR only."""
    result, kind = Investigation.Result, Investigation.Kind
    codes = {result.POSITIVE.value: "1", result.NEGATIVE.value: "2"}
    looks = {kind.BIOPSY, kind.ULTRASOUND}  # abnormal or normal, which F.r.3.1 has no code for
    for row in case.investigations.all():
        if row.result in {result.NOT_DONE, result.UNKNOWN}:
            continue
        said = row.finding.strip() or row.get_result_display()
        yield TestResult(
            name=row.get_kind_display(),
            date=PartialDate.parse(str(row.taken_on)) if row.taken_on else NullFlavor.UNKNOWN,
            code=None if row.kind in looks else codes.get(row.result),
            text=said[:_LONG],
            comment=f"Result dated {row.resulted_on}" if row.resulted_on else None,
            more_available=True if row.result == result.PENDING else None,
        )
