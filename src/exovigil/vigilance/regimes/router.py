"""The router: which duties a reaction brings, from the tables alone.

It never raises and is never silent: what is unknown keeps a duty on the list as "depends", with the question that would
settle it, and where no row fits the fallback row says so.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from exovigil.foundation.content import Source
from exovigil.vigilance.regimes.calendar import due_on
from exovigil.vigilance.regimes.scales import SCALES, Scale, is_serious_in
from exovigil.vigilance.regimes.situation import (
    Claim,
    Origin,
    RegimeRoute,
    Region,
    ReporterRole,
    Situation,
    Status,
)
from exovigil.vigilance.regimes.tables import ANY, Category, FilingRow, Rule, filing_rows, rules
from exovigil.vigilance.seriousness import Answer

SIGNIFICANT = "The new information is significant: it matters to what was reported"


@dataclass(frozen=True, slots=True)
class Filing:
    """A heading the product stands under, and the rows that put it there."""

    category: Category
    rows: tuple[FilingRow, ...]

    @property
    def is_flagged(self) -> bool:
        """True when every row that put it there should be looked at by a person."""
        return all(row.flag for row in self.rows)


@dataclass(frozen=True, slots=True)
class Duty:
    """One report that is owed, or would be if what is open turns out so.

    ``due_on`` is the law's date, None without a number of days; ``aim_on`` this project's own reminder in its place.
    ``news_on`` is the day of the new information that a follow-up report tells, None for the first report.
    """

    rule: Rule
    is_certain: bool
    because: tuple[str, ...]
    depends_on: tuple[str, ...]
    due_on: dt.date | None
    aim_on: dt.date | None
    news_on: dt.date | None = None

    @property
    def period(self) -> str:
        """Its clock in words."""
        return self.rule.again_period if self.news_on else self.rule.period

    @property
    def source(self) -> Source:
        """Where the duty was read."""
        return self.rule.again_source if self.news_on and self.rule.again_source else self.rule.source

    @property
    def verified(self) -> bool:
        """True when the duty and its days were read in a source."""
        return self.source.verified if self.news_on else self.rule.verified

    @property
    def note(self) -> str:
        """How the days are counted."""
        return self.rule.again_note if self.news_on else self.rule.clock_note

    @property
    def date(self) -> dt.date | None:
        """The date to work to: the law's, else the reminder's."""
        return self.due_on or self.aim_on


@dataclass(frozen=True, slots=True)
class Routing:
    """Everything the router found; ``questions`` are facts that are not known and could change it."""

    filings: tuple[Filing, ...]
    duties: tuple[Duty, ...]
    questions: tuple[str, ...]


def route(situation: Situation) -> Routing:
    """Find every duty of a situation, the most pressing first."""
    filings = _filings(situation)
    found = [duty for row in rules() if not row.fallback and (duty := _duty(row, situation, filings))]
    if not found:
        found = [_made(row, situation, filings, ()) for row in rules() if row.fallback]
    duties = tuple(sorted(found, key=lambda d: (d.date or dt.date.max, not d.is_certain, d.rule.key)))
    return Routing(filings, duties, _questions(situation, duties))


def follow_up(first: Duty, sent_on: dt.date, news_on: dt.date, significant: Answer) -> Duty | None:
    """Give the duty that new information brings after the first report, or None where it brings none.

    ``sent_on`` is the day of the first report. The clock starts with ``news_on``, the day on which the information
    came; not knowing whether it is significant keeps the duty as "depends". Information of the day of the report
    counts.
    """
    row = first.rule
    if not row.again_days or significant is Answer.NO or news_on < sent_on:
        return None
    if row.again_years and news_on > _years_after(sent_on, row.again_years):
        return None
    within = f" and within {row.again_years} year of it" if row.again_years else ""
    return Duty(
        row,
        is_certain=significant is Answer.YES and first.is_certain,
        because=(f"New information came after the first report was sent{within}.", *first.because),
        depends_on=(*first.depends_on, *(() if significant is Answer.YES else (SIGNIFICANT,))),
        due_on=due_on(news_on, row.again_days, row.again_unit),
        aim_on=None,
        news_on=news_on,
    )


def _years_after(day: dt.date, years: int) -> dt.date:
    """Give the same day some years on; 29 February becomes 1 March, so that no day is lost."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


def _filings(situation: Situation) -> tuple[Filing, ...]:
    fits = [row for row in filing_rows() if _row_fits(row, situation)]
    return tuple(
        Filing(category, tuple(row for row in fits if row.category is category))
        for category in Category
        if any(row.category is category for row in fits)
    )


def _row_fits(row: FilingRow, situation: Situation) -> bool:
    return (
        _in(situation.status, row.statuses)
        and _in(situation.origin, row.origins)
        and _in(situation.claim, row.claims)
        and _in(situation.route, row.routes)
        and _in(situation.region, row.regions)
    )


def _in(value: str, allowed: Iterable[str]) -> bool:
    return ANY in allowed or value in allowed


def _duty(row: Rule, situation: Situation, filings: tuple[Filing, ...]) -> Duty | None:
    # who reports is taken for a clinician until somebody says otherwise
    role = ReporterRole.CLINICIAN if situation.role is ReporterRole.UNKNOWN else situation.role
    if not (_in(situation.region, row.regions) and _in(role, row.roles)):
        return None
    if not any(_in(filing.category, row.categories) for filing in filings):
        return None
    tested = [(need, _NEEDS[need](situation, row.scale)) for need in row.needs]
    if any(answer is Answer.NO for _, answer in tested):
        return None
    return _made(row, situation, filings, tuple(need for need, answer in tested if answer is Answer.UNKNOWN))


def _made(row: Rule, situation: Situation, filings: tuple[Filing, ...], open_needs: tuple[str, ...]) -> Duty:
    put_there = [r for f in filings if _in(f.category, row.categories) for r in f.rows]
    because = [r.because for r in put_there]
    because.append(f"It happened here: {situation.region.label}.")
    because.append(f"Who reports: {situation.role.label.lower()}.")
    because += [f"{_words(need, row.scale)}: yes." for need in row.needs if need not in open_needs]
    due = due_on(situation.day_zero, row.days, row.unit) if row.days else None
    aim = due_on(situation.day_zero, row.aim_days) if row.aim_days and not row.days else None
    return Duty(
        row,
        not open_needs,
        tuple(dict.fromkeys(because)),
        tuple(_words(need, row.scale) for need in open_needs),
        due,
        aim,
    )


def _not(answer: Answer) -> Answer:
    return {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(answer, Answer.UNKNOWN)


def _either(*answers: Answer) -> Answer:
    if Answer.YES in answers:
        return Answer.YES
    return Answer.NO if all(a is Answer.NO for a in answers) else Answer.UNKNOWN


def _said(situation: Situation, code: str) -> Answer:
    return situation.answers.get(code, Answer.UNKNOWN)


def _grave(s: Situation, _: Scale) -> Answer:
    return _either(_said(s, "death"), _said(s, "life_threatening"))


def _death_or_unexpected(s: Situation, _: Scale) -> Answer:
    return _either(_said(s, "death"), s.unexpected)


_Test = Callable[[Situation, Scale], Answer]
_NEEDS: dict[str, _Test] = {
    "serious": lambda s, scale: is_serious_in(scale, s.answers),
    "not serious": lambda s, scale: _not(is_serious_in(scale, s.answers)),
    "grave": _grave,
    "not grave": lambda s, scale: _not(_grave(s, scale)),
    "death": lambda s, _: _said(s, "death"),
    "not death": lambda s, _: _not(_said(s, "death")),
    "unexpected": lambda s, _: s.unexpected,
    "not unexpected": lambda s, _: _not(s.unexpected),
    "health threat": lambda s, _: _said(s, "health_threat"),
    "no health threat": lambda s, _: _not(_said(s, "health_threat")),
    "death or unexpected": _death_or_unexpected,
    "neither death nor unexpected": lambda s, scale: _not(_death_or_unexpected(s, scale)),
}


def _words(need: str, scale: Scale) -> str:
    named = SCALES[scale]
    return {
        "serious": f"Serious by the criteria of {named}",
        "not serious": f"Not serious by the criteria of {named}",
        "grave": "Fatal or life-threatening",
        "not grave": "Neither fatal nor life-threatening",
        "death": "Led to death",
        "not death": "Did not lead to death",
        "unexpected": "Unexpected: not in the product's declared information",
        "not unexpected": "Expected: in the product's declared information",
        "health threat": "Serious public health threat",
        "no health threat": "No serious public health threat",
        "death or unexpected": "Led to death, or was not to be expected",
        "neither death nor unexpected": "Did not lead to death and was to be expected",
    }[need]


def _questions(situation: Situation, duties: tuple[Duty, ...]) -> tuple[str, ...]:
    asked = [
        (situation.region is Region.UNKNOWN, "Where did the reaction happen?"),
        (situation.status is Status.UNKNOWN, "What is the product in law: medicine, cosmetic, device?"),
        (situation.origin is Origin.UNKNOWN, "Is the material of human origin?"),
        (
            situation.claim is Claim.UNKNOWN,
            "What is the product said to do: treat, or change the appearance?",
        ),
        (situation.route is RegimeRoute.UNKNOWN, "How was it given?"),
        (situation.role is ReporterRole.UNKNOWN, "As what does this place report: clinic, supplier, maker?"),
    ]
    found = [question for missing, question in asked if missing]
    found += [f"{words}?" for duty in duties for words in duty.depends_on]
    return tuple(dict.fromkeys(found))
