"""Steps of the care pathway: what a source says, how a site has it, and what became of each in a case.

The steps are content (``content/pathway.toml``), each with its sources. A site may give a step its own words or time or
leave it out; the cited step is never lost. What has become of a step is read from the record where the record says it
(an investigation taken, a treatment started, lesions counted) and from what a person noted otherwise.
"""

import datetime as dt
import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from exovigil.foundation.content import ContentError, Source, load_toml

PACKAGE, FILE = "exovigil.vigilance", "pathway.toml"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which cases the pathway is for: reaction classes, from a number of days after the treatment."""

    terms: tuple[str, ...]
    from_days: int
    fact: str
    source: Source


@dataclass(frozen=True, slots=True)
class Step:
    """One step as cited. ``due_days`` from the first report is this project's reminder, never a source's.

    ``evidence`` says where the record shows it done: investigations of ``kinds``, a treatment, a count of lesions, or
    only a person's word. It waits for the steps in ``after``.
    """

    code: str
    title: str
    text: str
    due_days: int
    evidence: Literal["person", "lesions", "investigation", "treatment"]
    sources: tuple[Source, ...]
    kinds: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A site's change of a step: who, when and why; an empty text and no days keep the cited ones."""

    text: str
    due_days: int | None
    is_skipped: bool
    reason: str
    by: str
    on: dt.datetime

    @property
    def changes_nothing(self) -> bool:
        """True when it went back to the cited step."""
        return not self.text and self.due_days is None and not self.is_skipped


@dataclass(frozen=True, slots=True)
class SiteStep:
    """A step as one site has it; ``step`` stays as cited."""

    step: Step
    change: Change | None = None

    @property
    def text(self) -> str:
        """What the site wants done."""
        return self.change.text if self.change and self.change.text else self.step.text

    @property
    def due_days(self) -> int:
        """Days from the first report."""
        own = self.change.due_days if self.change else None
        return self.step.due_days if own is None else own

    @property
    def is_skipped(self) -> bool:
        """True when the site leaves it out."""
        return bool(self.change and self.change.is_skipped)

    @property
    def is_changed(self) -> bool:
        """True when the site's differs from the cited one."""
        return bool(self.change and not self.change.changes_nothing)


class State(enum.StrEnum):
    """What has become of a step in a case."""

    DONE = "done"
    NOT_DONE = "not done"
    OVERDUE = "overdue"
    DUE = "due"
    WAITS = "waits"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the record or a person says of a step: done or not, on which day, by whom, with what result or reason."""

    is_done: bool
    on: dt.date | None = None
    by: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A step in one case, with its date."""

    own: SiteStep
    due_on: dt.date
    state: State
    evidence: Evidence | None = None
    waits_for: tuple[str, ...] = field(default=())

    @property
    def is_open(self) -> bool:
        """True while somebody has to do it."""
        return self.state in {State.DUE, State.OVERDUE}

    def mark(self, as_of: dt.date) -> tuple[str, str]:
        """State in words with its tone."""
        days = abs((self.due_on - as_of).days)
        some = f"{days} day" if days == 1 else f"{days} days"
        return {
            State.DONE: ("Done", "good"),
            State.NOT_DONE: ("Will not be done", "neutral"),
            State.OVERDUE: (f"Overdue by {some}", "stop"),
            State.DUE: (f"Due in {some}" if days else "Due today", "warn" if days <= 3 else "neutral"),
            State.WAITS: ("Waits", "neutral"),
            State.ENDED: ("No longer due", "neutral"),
        }[self.state]


@cache
def scope() -> Scope:
    """Which cases the pathway is for."""
    (row,) = load_toml(PACKAGE, FILE, "scope", Scope)
    return row


@cache
def steps() -> tuple[Step, ...]:
    """Every step in order; raises ContentError for two of one code or one that waits for a later step."""
    rows = load_toml(PACKAGE, FILE, "step", Step)
    seen: set[str] = set()
    for row in rows:
        if row.code in seen:
            raise ContentError(f"{FILE}: two steps are called {row.code!r}")
        if not set(row.after) <= seen:
            raise ContentError(f"{FILE}: step {row.code!r} waits for a step that does not come before it")
        seen.add(row.code)
    return rows


def site_steps(changes: Mapping[str, Change]) -> tuple[SiteStep, ...]:
    """Every step as a site has it, from its latest changes by step."""
    return tuple(SiteStep(step, changes.get(step.code)) for step in steps())


def tasks(
    own: Collection[SiteStep],
    found: Mapping[str, Evidence],
    *,
    received_on: dt.date,
    has_ended: bool,
    as_of: dt.date,
) -> tuple[Task, ...]:
    """Tasks of one case: each step that the site keeps, or for which there is a record, with its state.

    ``found`` is evidence by step; ``has_ended`` says that the reaction is over, after which nothing is due any more.
    """
    kept = [row for row in own if not row.is_skipped or row.step.code in found]
    open_codes = {row.step.code for row in kept} - set(found)
    titles = {row.step.code: row.step.title for row in kept}
    made = []
    for row in kept:
        due_on = received_on + dt.timedelta(days=row.due_days)
        waits = tuple(titles[code] for code in row.step.after if code in open_codes)
        evidence = found.get(row.step.code)
        state = _state(evidence, due_on, waits=bool(waits), has_ended=has_ended, as_of=as_of)
        made.append(Task(row, due_on, state, evidence, waits if state is State.WAITS else ()))
    return tuple(made)


def _state(
    evidence: Evidence | None, due_on: dt.date, *, waits: bool, has_ended: bool, as_of: dt.date
) -> State:
    if evidence:
        return State.DONE if evidence.is_done else State.NOT_DONE
    if has_ended:
        return State.ENDED
    if waits:
        return State.WAITS
    return State.OVERDUE if due_on < as_of else State.DUE
