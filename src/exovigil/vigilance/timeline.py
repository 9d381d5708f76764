"""The course of a case in order of time: the page's timeline and the drafted narrative are both made from it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from exovigil.foundation.marks import day_words
from exovigil.foundation.partial_date import PartialDate
from exovigil.vigilance.facts import onset_latency
from exovigil.vigilance.labels import indication_label, region_labels, term_label
from exovigil.vigilance.lesions import sentence
from exovigil.vigilance.models import Case, Investigation, Management
from exovigil.vigilance.tasks_of import seen


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened. ``when`` is a partial date as text, empty when nobody knows."""

    when: str
    title: str
    detail: str = ""
    after: str = ""

    @property
    def sentence(self) -> str:
        """The moment as a sentence of the narrative."""
        day = day_words(self.when, missing="Date not known")
        after = f" ({self.after} after treatment)" if self.after else ""
        return f"{day}: {self.title}{after}.{f' {self.detail}' if self.detail else ''}"


def timeline(case: Case) -> list[Moment]:
    """Everything dated, in order of time; what has no date comes last."""
    moments = [*_course(case), *_work_up(case), *_lesions(case), *_management(case), *_end(case)]
    return sorted(moments, key=_order)


def _order(moment: Moment) -> tuple[bool, dt.date]:
    """Sort a month or a year by its first day, and a moment without a date last; ties keep the usual course."""
    return (not moment.when, PartialDate.parse(moment.when).earliest if moment.when else dt.date.max)


def _course(case: Case) -> Iterator[Moment]:
    treatment = case.treatment
    if treatment:
        yield Moment(str(treatment.treated_on), f"Treated with {product_words(case)}", how_given(case))
    latency = onset_latency(case)
    yield Moment(case.onset, f"{term_label(case.term)} began", after=str(latency or ""))
    told = {
        Case.Source.PATIENT: "Reported by the patient, by link",
        Case.Source.CLINIC: "Reported to the clinic",
        Case.Source.OUTSIDE: "Reported from outside, by the public form",
        Case.Source.E2B: "Reported by another sender, by E2B file",
        Case.Source.LITERATURE: "Learnt of from the literature",
    }
    yield Moment(
        str(case.received_on), told[Case.Source(case.source)], f"In the reporter's words: “{case.words}”"
    )


def _work_up(case: Case) -> Iterator[Moment]:
    for row in case.investigations.all():
        name = row.get_kind_display()
        if row.result == Investigation.Result.NOT_DONE:
            continue  # nothing happened; the narrative says so apart
        result = row.get_result_display()
        if row.taken_on and row.resulted_on and row.taken_on != row.resulted_on:
            yield Moment(str(row.taken_on), f"{name} taken")
            yield Moment(str(row.resulted_on), f"{name}: {result.lower()}", as_sentence(row.finding))
        else:
            when = str(row.resulted_on or row.taken_on or "")
            yield Moment(when, f"{name}: {result.lower()}", as_sentence(row.finding))


def _lesions(case: Case) -> Iterator[Moment]:
    for visit in case.lesion_visits.all():
        words = sentence(seen(visit), region_labels)
        yield Moment(str(visit.seen_on), "Lesions counted", f"{words} {as_sentence(visit.note)}".strip())


def _management(case: Case) -> Iterator[Moment]:
    for row in case.management.all():
        name = row.get_kind_display()
        dose = f" ({row.dose})" if row.dose else ""
        said = f"{response_words(row)} {as_sentence(row.note)}".strip()
        yield Moment(str(row.started_on or ""), f"{name}{dose} started", said)
        if row.stopped_on:
            yield Moment(str(row.stopped_on), f"{name} stopped")


def _end(case: Case) -> Iterator[Moment]:
    if case.ended_on:
        yield Moment(str(case.ended_on), f"The reaction was over: {case.get_outcome_display().lower()}")


def response_words(row: Management) -> str:
    """How a treatment tried responded, and whether it goes on, as sentences; not known and not asked are kept apart."""
    response = {
        Management.Response.COMPLETE: "Complete response.",
        Management.Response.PARTIAL: "Partial response.",
        Management.Response.NONE: "No response.",
        Management.Response.RECURRED: "Responded, then recurred.",
        Management.Response.UNKNOWN: "Response not known.",
        Management.Response.NOT_ASKED: "Nobody has asked about the response.",
    }[Management.Response(row.response)]
    if row.course == Management.Course.ONGOING:
        return f"{response} It still goes on."
    undated = row.course == Management.Course.STOPPED and row.stopped_on is None
    return f"{response} It was stopped on a day that is not known." if undated else response


def product_words(case: Case) -> str:
    """Product and lot, or why they are not known."""
    if case.product is None:
        return f"a product whose name is: {case.get_product_status_display().lower()}"
    lot = f"lot {case.lot.number}" if case.lot else f"lot: {case.get_lot_status_display().lower()}"
    return f"{case.product.name} ({lot})"


def how_given(case: Case) -> str:
    """Dose, route, device, regions and reason of the treatment, as a sentence."""
    treatment = case.treatment
    if treatment is None:
        return ""
    parts = [
        f"{treatment.dose.normalize():f} {treatment.dose_unit}",
        treatment.get_route_display().lower(),
        treatment.device,
        ", ".join(region_labels(treatment.regions)).lower(),
        f"for {indication_label(treatment.indication).lower()}" if treatment.indication else "",
        f"also used in the sitting: {treatment.topical_agents}" if treatment.topical_agents else "",
    ]
    return as_sentence("; ".join(part for part in parts if part))


def as_sentence(text: str) -> str:
    """End a text with a full stop unless it ends already."""
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."
