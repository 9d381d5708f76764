"""Time to onset of one lot or product: how many reacted by each day, when others were lost on the way.

Descriptive only: a handful of cases cannot tell one pattern from another, and no pattern here is an alarm.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from exovigil.signals.inputs import full_day
from exovigil.statistics.time_to_onset import Ending, cumulative_incidence


@dataclass(frozen=True, slots=True)
class Followed:
    """One treatment: its day, when an answer last came (None for never), and whether one was missed since."""

    key: int
    treated_on: dt.date
    heard_on: dt.date | None
    is_lost: bool


@dataclass(frozen=True, slots=True)
class OnsetDay:
    """State at the end of a day after treatment; bounds are None where the interval has no room for them."""

    day: int
    at_risk: int
    onsets: int
    incidence: float
    low: float | None
    high: float | None
    lost: float


@dataclass(frozen=True, slots=True)
class OnsetCurve:
    """Days with an onset and the last one; what was left out is counted.

    ``unknown`` treatments had a reaction whose day is not known fully; ``before`` began before the treatment.
    """

    treatments: int
    onsets: int
    lost: int
    unknown: int
    before: int
    days: tuple[OnsetDay, ...]

    @property
    def percent(self) -> tuple[OnsetDay, ...]:
        """Return the days with shares in percent, as a table shows them."""
        return tuple(
            replace(
                step,
                incidence=100 * step.incidence,
                low=None if step.low is None else 100 * step.low,
                high=None if step.high is None else 100 * step.high,
                lost=100 * step.lost,
            )
            for step in self.days
        )


def onset_curve(
    followed: Iterable[Followed], onsets: Mapping[int, Iterable[str]], as_of: dt.date
) -> OnsetCurve:
    """Make the curve from every treatment and the onsets (partial dates as text) of those that reacted.

    The first onset of a treatment counts. One without a reaction counts as lost on the day it was last heard of
    when a follow-up was missed since, and as watched until ``as_of`` otherwise.
    """
    days, endings, unknown, before = list[int](), list[int](), 0, 0
    for row in followed:
        if row.key in onsets:
            day = _first_day(onsets[row.key], row.treated_on)
            if day is None:
                unknown += 1
            elif day < 0:
                before += 1
            else:
                days.append(day)
                endings.append(Ending.ONSET)
            continue
        last = (row.heard_on or row.treated_on) if row.is_lost else as_of
        days.append(max((last - row.treated_on).days, 0))
        endings.append(Ending.LOST if row.is_lost else Ending.STILL_WATCHED)
    counted = {ending: endings.count(ending) for ending in Ending}
    return OnsetCurve(
        treatments=len(days),
        onsets=counted[Ending.ONSET],
        lost=counted[Ending.LOST],
        unknown=unknown,
        before=before,
        days=_days(days, endings) if counted[Ending.ONSET] else (),
    )


def _first_day(onsets: Iterable[str], treated_on: dt.date) -> int | None:
    known = [day for text in onsets if (day := full_day(text))]
    return (min(known) - treated_on).days if known else None


def _days(days: list[int], endings: list[int]) -> tuple[OnsetDay, ...]:
    found = cumulative_incidence(days, endings)
    shown = np.flatnonzero(found.onsets > 0).tolist()
    if shown[-1] != len(found.days) - 1:
        shown.append(len(found.days) - 1)
    return tuple(
        OnsetDay(
            day=int(found.days[i]),
            at_risk=int(found.at_risk[i]),
            onsets=int(found.onsets[i]),
            incidence=float(found.incidence[i]),
            low=_finite(found.low[i]),
            high=_finite(found.high[i]),
            lost=float(found.lost[i]),
        )
        for i in shown
    )


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
