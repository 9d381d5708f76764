"""Where a stored case meets the rules: its situation, its duties, and how far each has been met."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exovigil.foundation.marks import day_words
from exovigil.vigilance.duty_models import CaseSubmission, DutyFacts, DutyReminder, NewInformation
from exovigil.vigilance.facts import serious_answers
from exovigil.vigilance.models import Case
from exovigil.vigilance.regimes import (
    Claim,
    Duty,
    Origin,
    RegimeRoute,
    Region,
    ReporterRole,
    Routing,
    Situation,
    Status,
    follow_up,
    region_of,
    route,
)
from exovigil.vigilance.seriousness import Answer

_Made = dict[
    tuple[str, dt.date | None], list[CaseSubmission]
]  # by rule, and the day of the news a report tells
SOON = 3  # days before the date at which somebody is reminded
_BASES = {
    "cosmetic_notification": Status.COSMETIC,
    "device_mark": Status.DEVICE,
    "investigational": Status.INVESTIGATIONAL,
    "licence": Status.LICENSED,
    "none": Status.NONE,
}
_ORIGINS = {
    "human": Origin.HUMAN,
    "animal": Origin.OTHER,
    "plant": Origin.OTHER,
    "bacterial": Origin.OTHER,
}
_ROUTES = {
    "topical": RegimeRoute.TOPICAL,
    "microneedling": RegimeRoute.BROKEN_SKIN,
    "laser": RegimeRoute.BROKEN_SKIN,
    "intradermal": RegimeRoute.INJECTED,
    "subcutaneous": RegimeRoute.INJECTED,
}
_SIGNIFICANT = {
    NewInformation.Significant.YES: Answer.YES,
    NewInformation.Significant.NO: Answer.NO,
    NewInformation.Significant.UNKNOWN: Answer.UNKNOWN,
}
_UNEXPECTED = {
    DutyFacts.Expected.LISTED: Answer.NO,
    DutyFacts.Expected.NOT_LISTED: Answer.YES,
    # with nothing to compare with, nothing is expected
    DutyFacts.Expected.NOTHING_DECLARED: Answer.YES,
}


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One duty of one case and the submissions made for it, the newest first.

    ``news`` is the new information that a follow-up report tells, once somebody has judged it.
    """

    case: Case
    duty: Duty
    submissions: tuple[CaseSubmission, ...]
    news: NewInformation | None = None

    @property
    def key(self) -> str:
        """Names the duty in a form: its rule, and the new information if it tells some."""
        return f"{self.duty.rule.key}@{self.news.pk}" if self.news else self.duty.rule.key

    @property
    def title(self) -> str:
        """What goes to whom, with the day of the new information that it tells."""
        named = f"{self.duty.rule.form} to {self.duty.rule.addressee}"
        return f"New information of {day_words(self.duty.news_on)}: {named}" if self.duty.news_on else named

    @property
    def is_met(self) -> bool:
        """True once a submission is recorded for it that the receiver has not rejected."""
        return bool(self._standing)

    @property
    def _standing(self) -> tuple[CaseSubmission, ...]:
        rejected = CaseSubmission.Answer.REJECTED
        return tuple(row for row in self.submissions if row.answer != rejected)

    @property
    def can_be_sent(self) -> bool:
        """False for new information that nobody has judged: say first whether it is significant."""
        return self.duty.news_on is None or self.news is not None

    def days_left(self, as_of: dt.date) -> int | None:
        """Days until its date, negative when it is past; None without a date."""
        return (self.duty.date - as_of).days if self.duty.date else None

    def stage(self, as_of: dt.date) -> str:
        """Stage of reminding it has reached: none, soon, back (rejected) or late; none once it is met."""
        left = self.days_left(as_of)
        if self.is_met or left is None:
            return ""
        if left < 0:
            return DutyReminder.Stage.LATE
        if self.submissions:
            return DutyReminder.Stage.BACK
        return DutyReminder.Stage.SOON if left <= SOON else ""

    def state(self, as_of: dt.date) -> tuple[str, str]:
        """State in words with its tone."""
        if self.is_met:
            return _met_words(self._standing, self.duty.due_on)
        if self.submissions:
            return f"Rejected by the receiver; {_lowered(self._clock(as_of)[0])}", "stop"
        return self._clock(as_of)

    def _clock(self, as_of: dt.date) -> tuple[str, str]:
        """What the clock says while the duty is not met."""
        left = self.days_left(as_of)
        if left is None:
            return "No date", "neutral"
        if left < 0 and self.duty.due_on is None:
            return f"Reminder was {_days(-left)} ago", "warn"  # our own date: nothing of law is overdue
        if left < 0:
            return f"Overdue by {_days(-left)}", "stop"
        return ("Today" if not left else f"{_days(left)} left"), "warn" if left <= SOON else "neutral"


@dataclass(frozen=True, slots=True)
class CaseDuties:
    """Everything the case page says of who must hear."""

    routing: Routing
    lines: tuple[DutyLine, ...]
    situation: Situation


def duties_of(case: Case, bases: Mapping[int, tuple[str, ...]]) -> CaseDuties:
    """Route a case; it needs its facts, submissions, new information, product and treatment at hand.

    ``bases`` is what the catalogue says of the products' legal basis.
    """
    situation = situation_of(case, bases)
    routing = route(situation)
    came_on = {row.pk: row.received_on for row in case.news.all()}
    made: _Made = {}
    for row in case.submissions.all():
        told = came_on[row.news_id] if row.news_id else None
        made.setdefault((row.rule, told), []).append(row)
    lines = []
    for duty in routing.duties:
        first = DutyLine(case, duty, tuple(made.get((duty.rule.key, None), ())))
        lines += [first, *_follow_ups(first, made)]
    return CaseDuties(routing, tuple(lines), situation)


def _follow_ups(first: DutyLine, made: _Made) -> Iterator[DutyLine]:
    """What new information brings after the first report, a line a day: the latest judgement of a day counts."""
    case, duty = first.case, first.duty
    if not first.is_met or not duty.rule.again_days:
        return
    sent_on = first.submissions[-1].sent_on
    judged = {row.received_on: row for row in case.news.all()}
    for day, row in judged.items():
        significant = _SIGNIFICANT[NewInformation.Significant(row.significant)]
        again = follow_up(duty, sent_on, day, significant)
        if again:
            yield DutyLine(case, again, tuple(made.get((duty.rule.key, day), ())), row)
    if case.news_since and not _is_covered(
        case.news_since, judged, made.get((duty.rule.key, case.news_since))
    ):
        again = follow_up(duty, sent_on, case.news_since, Answer.UNKNOWN)
        if again:
            yield DutyLine(case, again, ())


def _is_covered(
    day: dt.date, judged: Mapping[dt.date, NewInformation], sent: list[CaseSubmission] | None
) -> bool:
    """True when a follow-up report about that day is owed anyway and has not left yet."""
    row = judged.get(day)
    return row is not None and row.significant == NewInformation.Significant.YES and not sent


def situation_of(case: Case, bases: Mapping[int, tuple[str, ...]]) -> Situation:
    """Put together what the record and the recorded facts say; facts recorded for the case go before the catalogue."""
    facts = facts_of(case)
    answers = serious_answers(case.seriousness) | serious_answers(facts.answers)
    return Situation(
        day_zero=facts.day_zero or case.received_on,
        status=_status(case, facts, bases),
        origin=_ORIGINS.get(case.product.source_class, Origin.UNKNOWN) if case.product else Origin.UNKNOWN,
        claim=Claim(facts.claim),
        route=_ROUTES.get(case.treatment.route, RegimeRoute.UNKNOWN)
        if case.treatment
        else RegimeRoute.UNKNOWN,
        region=Region(facts.region) if facts.region else region_of(case.site.country),
        role=ReporterRole(facts.role),
        unexpected=_UNEXPECTED.get(DutyFacts.Expected(facts.expected), Answer.UNKNOWN),
        answers=answers,
    )


def facts_of(case: Case) -> DutyFacts:
    """The facts recorded for a case, or ones that say nothing."""
    return getattr(case, "duty_facts", None) or DutyFacts(case=case, site=case.site)


def _status(case: Case, facts: DutyFacts, bases: Mapping[int, tuple[str, ...]]) -> Status:
    if facts.status != Status.UNKNOWN:
        return Status(facts.status)
    stated = bases.get(case.product_id, ()) if case.product_id else ()
    return next((_BASES[code] for code in stated if code in _BASES), Status.UNKNOWN)


def _met_words(standing: tuple[CaseSubmission, ...], due_on: dt.date | None) -> tuple[str, str]:
    """Judge by the first that stands; it was accepted once any of them was."""
    accepted = any(row.answer for row in standing)
    if due_on and standing[-1].sent_on > due_on:
        return ("Accepted, but sent late" if accepted else "Sent late"), "warn"
    return ("Accepted" if accepted else "Sent"), "good"


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
