"""What a version holds of a stored case: every fact that a report can be made of, with its words of the day."""

from collections.abc import Iterator
from typing import Any

from exovigil.foundation.marks import day_words
from exovigil.foundation.unknown import Missing
from exovigil.vigilance import seriousness
from exovigil.vigilance.facts import latest_assessment
from exovigil.vigilance.labels import region_labels, term_label
from exovigil.vigilance.lesions import sentence
from exovigil.vigilance.models import Assessment, Case, Management
from exovigil.vigilance.numbers import links_of, numbers_words
from exovigil.vigilance.tasks_of import seen
from exovigil.vigilance.timeline import how_given
from exovigil.vigilance.versions import Field

_ANSWERS = {"yes": "Yes", "no": "No", **{missing.value: str(missing.label) for missing in Missing}}


def snapshot(case: Case) -> tuple[Field, ...]:
    """Give everything that a version freezes; the case needs its prefetched file. No name is among it."""
    return (*_reaction(case), *_who_and_what(case), *_work_up(case), *_judgement(case), *_world(case))


def _field(key: str, label: str, value: Any, words: str = "") -> Field:
    return Field(key, label, value, words or ("" if value is None else str(value)))


def _day(key: str, label: str, value: Any) -> Field:
    return _field(key, label, str(value) if value else None, day_words(value, missing="") if value else "")


def _reaction(case: Case) -> Iterator[Field]:
    yield _day("received_on", "First known on", case.received_on)
    yield _day("informed_on", "Latest information received on", case.informed_on)
    yield _field("reporter", "Who told the clinic", case.reporter, case.get_reporter_display())
    yield _field("words", "In the reporter’s words", case.words)
    yield _field("term", "Reaction", case.term, term_label(case.term))
    yield _day("onset", "When it began", case.onset)
    yield _field("regions", "Where", sorted(case.regions), ", ".join(region_labels(case.regions)))
    yield _field("lesion", "Seen on examination", case.lesion)
    yield _field("outcome", "Outcome", case.outcome, case.get_outcome_display())
    yield _day("ended_on", "The reaction was over on", case.ended_on)
    for criterion in seriousness.criteria():
        answer = case.seriousness.get(criterion.code, Missing.NOT_ASKED.value)
        yield _field(f"serious.{criterion.code}", criterion.label, answer, _ANSWERS.get(answer, answer))
    code = case.meddra
    if code:
        said = f"{code.llt_name} ({code.llt_code}), MedDRA {code.version}"
        yield _field("meddra", "MedDRA term", [code.version, code.llt_code], said)


def _who_and_what(case: Case) -> Iterator[Field]:
    if case.patient:
        yield _field("patient", "Patient", case.patient.pseudonym)
        yield _field("sex", "Sex", case.patient.sex, case.patient.get_sex_display())
        yield _field("birth_year", "Year of birth", case.patient.birth_year)
    status = case.get_product_status_display()
    yield _field("product", "Product", case.product_id, case.product.name if case.product else status)
    yield _field("lot", "Lot", case.lot_id, case.lot.number if case.lot else case.get_lot_status_display())
    if case.treatment:
        yield _day("treated_on", "Treated on", case.treatment.treated_on)
        yield _field("given", "How it was given", how_given(case))


def _work_up(case: Case) -> Iterator[Field]:
    for row in case.investigations.all():
        parts = [row.get_result_display(), row.finding]
        parts += [f"taken {day_words(row.taken_on)}" if row.taken_on else ""]
        parts += [f"result of {day_words(row.resulted_on)}" if row.resulted_on else ""]
        value = [row.result, row.finding, str(row.taken_on or ""), str(row.resulted_on or "")]
        yield _field(f"investigation.{row.kind}", row.get_kind_display(), value, _joined(parts))
    for visit in case.lesion_visits.all():
        words = sentence(seen(visit), region_labels)
        label = f"Lesions seen {day_words(visit.seen_on)}"
        yield _field(
            f"lesions.{visit.seen_on}", label, [visit.lesions, visit.note], _joined([words, visit.note])
        )
    for tried in case.management.all():
        yield _tried(tried)


def _tried(row: Management) -> Field:
    since = f"from {day_words(row.started_on)}" if row.started_on else ""
    until = f"until {day_words(row.stopped_on)}" if row.stopped_on else row.get_course_display().lower()
    response = f"response: {row.get_response_display().lower()}"
    value = [
        row.kind,
        row.dose,
        str(row.started_on or ""),
        row.course,
        str(row.stopped_on or ""),
        row.response,
    ]
    label = f"Treatment tried: {row.get_kind_display().lower()}"
    words = _joined([row.dose, since, until, response, row.note])
    return _field(f"management.{row.pk}", label, [*value, row.note], words)


def _judgement(case: Case) -> Iterator[Field]:
    for method in Assessment.Method:
        found = latest_assessment(case, method)
        if found:
            score = f", score {found.score}" if found.score is not None else ""
            value = [found.result, found.score, found.answers]
            yield _field(f"assessment.{method.value}", str(method.label), value, f"{found.result}{score}")
    yield _field("narrative", "Narrative", case.narrative, case.narrative or "The draft made from the record")


def _world(case: Case) -> Iterator[Field]:
    """What ties the case to others: reports from outside, numbers given to it, sister cases."""
    reports = sorted(row.number for row in case.incoming.all())
    if reports:
        yield _field("incoming", "Reports from outside", reports, ", ".join(reports))
    numbers = numbers_words(case)
    if numbers:
        yield _field("numbers", "Numbers given by others", list(numbers), "; ".join(numbers))
    sisters = sorted((link.other.number, link.words) for link in links_of(case) if link.counts)
    if sisters:
        words = "; ".join(f"{number}: {kind.lower()}" for number, kind in sisters)
        yield _field("sisters", "Sister cases", [list(pair) for pair in sisters], words)


def _joined(parts: list[str]) -> str:
    return "; ".join(part for part in parts if part)
