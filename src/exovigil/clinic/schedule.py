"""Follow-up after treatment: when each visit is due, and how it stands on a given day.

Harm has shown up two weeks to three months after treatment, so the visits cover that time and the
weeks that pass before a diagnosis is made.
"""

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from exovigil.foundation.content import ContentError, Source, load_toml

PACKAGE = "exovigil.clinic"
FILE = "schedule.toml"


class VisitState(enum.StrEnum):
    """How a visit stands on a given day."""

    UPCOMING = "upcoming"
    OPEN = "open"
    DUE = "due"
    OVERDUE = "overdue"
    MISSED = "missed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of a protocol, in whole days after treatment (day 0); both ends of the window count."""

    code: str
    label: str
    target_day: int
    opens_day: int
    closes_day: int
    mode: Literal["clinic", "patient link"]
    why: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One visit of one treatment, in calendar days."""

    visit: Visit
    opens: dt.date
    due: dt.date
    closes: dt.date

    def state(self, on: dt.date, *, done_on: dt.date | None = None) -> VisitState:
        """Say how the visit stands on the day ``on``.

        Upcoming before the window, open until the due day, due on it, overdue until the window
        closes, missed after that. A visit done by ``on`` is done, even when it came late.
        """
        if done_on is not None and done_on <= on:
            return VisitState.DONE
        if on < self.opens:
            return VisitState.UPCOMING
        if on > self.closes:
            return VisitState.MISSED
        if on == self.due:
            return VisitState.DUE
        return VisitState.OPEN if on < self.due else VisitState.OVERDUE


@cache
def visits() -> tuple[Visit, ...]:
    """Load the protocol; raises ContentError when windows overlap or leave out their target day."""
    rows = load_toml(PACKAGE, FILE, "visit", Visit)
    previous = -1
    for row in rows:
        if not previous < row.opens_day <= row.target_day <= row.closes_day:
            raise ContentError(
                f"{FILE}: visit {row.code!r}: order its days and keep its window free of others"
            )
        previous = row.closes_day
    return rows


def plan(treated_on: dt.date, protocol: Iterable[Visit] | None = None) -> tuple[PlannedVisit, ...]:
    """Work out the calendar of one treatment from a protocol, the project's own by default."""
    return tuple(
        PlannedVisit(
            visit,
            opens=treated_on + dt.timedelta(days=visit.opens_day),
            due=treated_on + dt.timedelta(days=visit.target_day),
            closes=treated_on + dt.timedelta(days=visit.closes_day),
        )
        for visit in (visits() if protocol is None else protocol)
    )
