"""Selection: answers in, the decision with its reasons and their sources kept as it was on that day."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from functools import cache

from django.utils import timezone

from exovigil.clinic import selection
from exovigil.clinic.actions.protocols import plain_source
from exovigil.clinic.models import Patient, Screening
from exovigil.foundation.content import content_path
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission

ADULT_AGE = 18  # the age of the content's question "under_18"


@action(Permission.TREAT)
def screen_patient(
    *,
    by: Actor,
    site: Site,
    patient: Patient,
    answers: Mapping[str, str],
    note: str = "",
    on: dt.date | None = None,
) -> Screening:
    """Decide from the answers (question code to answer) and keep answers, outcome and reasons.

    A question that is left out counts as not asked. A missing answer never makes a patient eligible.
    """
    if patient.site_id != site.pk:
        raise Refused("This patient belongs to another site.")
    day = on or timezone.localdate()
    if day > timezone.localdate():
        raise Refused("This date is in the future. Enter the day of the screening.", "screened_on")
    given = {code: _answer(code, value) for code, value in answers.items()}
    _age_agrees(patient, given, day)
    try:
        decision = selection.decide(given)
    except KeyError as error:
        raise Refused("The questions have changed. Open the page again and fill it in once more.") from error
    screening = Screening.objects.create(
        site=site,
        patient=patient,
        answers={q.code: str(given.get(q.code, selection.Answer.NOT_ASKED)) for q in selection.questions()},
        outcome=str(decision.outcome),
        reasons=[_plain_reason(reason) for reason in decision.reasons],
        criteria_sha256=criteria_sha256(),
        note=note.strip(),
        screened_on=day,
        screened_by_id=by.user_id,
    )
    audit.record(
        "clinic.patient.screened",
        by=by,
        target=screening,
        site=site,
        patient=patient.pk,
        outcome=screening.outcome,
        reasons=len(decision.reasons),
        criteria=screening.criteria_sha256,
    )
    return screening


@action(Permission.TREAT)
def note_screening(*, by: Actor, site: Site, screening: Screening, note: str) -> Screening:
    """Write why treatment goes ahead in spite of a caution; written once, then only a new screening changes it."""
    if screening.site_id != site.pk:
        raise Refused("This screening belongs to another site.")
    kept = Screening.objects.select_for_update().get(pk=screening.pk)
    if kept.outcome != Screening.Outcome.CAUTION:
        raise Refused("Only a screening that says caution takes a note.")
    if kept.note:
        raise Refused("This screening has its note already. Screen again to change it.", "note")
    if len(note.strip()) < 10:
        raise Refused("Write why treatment can go ahead, in a sentence.", "note")
    kept.note = note.strip()
    kept.save(update_fields=["note"])
    audit.record("clinic.screening.noted", by=by, target=kept, site=site, patient=kept.patient_id)
    return kept


@cache
def criteria_sha256() -> str:
    """SHA-256 of the questions' content file: which criteria a screening was decided by."""
    return hashlib.sha256(content_path(selection.PACKAGE, selection.FILE).read_bytes()).hexdigest()


def _answer(code: str, value: str) -> selection.Answer:
    try:
        return selection.Answer(value)
    except ValueError as error:
        raise Refused("Choose one of the answers.", code) from error


def _age_agrees(patient: Patient, given: Mapping[str, selection.Answer], day: dt.date) -> None:
    """Refuse "not under 18" when the year of birth says otherwise, whatever the birthday."""
    if patient.birth_year is None or given.get("under_18") is not selection.Answer.NO:
        return
    if day.year - patient.birth_year < ADULT_AGE:
        raise Refused("The year of birth on record makes this patient under 18. Check both.", "under_18")


def _plain_reason(reason: selection.Reason) -> dict[str, object]:
    return {
        "code": reason.question.code,
        "question": reason.question.question,
        "answer": str(reason.answer),
        "outcome": str(reason.outcome),
        "text": reason.question.reason,
        "sources": [plain_source(source) for source in reason.question.sources],
    }
