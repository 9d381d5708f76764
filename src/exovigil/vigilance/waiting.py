"""How long cases waited for a biopsy, or until the reaction was over, clinic by clinic.

A case that still waits is counted as waiting, never left out and never taken for done. Estimate and interval come from
``statistics.time_to_onset``: what can no longer happen (a biopsy after the reaction was over) competes, what has not
happened yet is censored.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from exovigil.statistics.time_to_onset import (
    CumulativeIncidence,
    Ending,
    MedianTime,
    cumulative_incidence,
    median_time,
)

FEW = 10  # cases under which the page says that they are few: a choice of this project


@dataclass(frozen=True, slots=True)
class Wait:
    """One case: days from the first report, and how the waiting ended."""

    clinic: str
    days: int
    ending: Ending


@dataclass(frozen=True, slots=True)
class Waited:
    """One clinic's cases, or all together: how many reached it, wait, can no longer reach it, or have no day.

    ``undated`` reached it on a day that nobody recorded: they are in no figure but this one. ``curve`` and ``median``
    are None without a single case that has a day.
    """

    clinic: str
    reached: int
    waiting: int
    ended: int
    undated: int
    curve: CumulativeIncidence | None
    median: MedianTime | None

    @property
    def cases(self) -> int:
        """All cases, those without a day too."""
        return self.reached + self.waiting + self.ended + self.undated

    @property
    def interval(self) -> str:
        """The median's interval in words, open where the data do not reach that far."""
        low, high = (self.median.low, self.median.high) if self.median else (None, None)
        if low is None:
            return "no interval can be given" if high is None else f"up to {high}"
        return f"{low} or later" if high is None else f"{low} to {high}"

    @property
    def is_few(self) -> bool:
        """Too few for the figures to be steady."""
        return self.cases - self.undated < FEW


def measure(clinic: str, waits: Iterable[Wait], undated: int = 0) -> Waited:
    """Put the cases of one clinic together."""
    rows = list(waits)
    endings = [row.ending for row in rows]
    curve = cumulative_incidence([row.days for row in rows], endings) if rows else None
    return Waited(
        clinic,
        reached=endings.count(Ending.ONSET),
        waiting=endings.count(Ending.STILL_WATCHED),
        ended=endings.count(Ending.LOST),
        undated=undated,
        curve=curve,
        median=median_time(curve) if curve else None,
    )


def measure_each(waits: Iterable[Wait], undated: Iterable[str], *, together: str) -> tuple[Waited, ...]:
    """Every clinic by name; with more than one, all of them ``together`` come first."""
    rows, missing = list(waits), list(undated)
    names = sorted({row.clinic for row in rows} | set(missing))
    found = [measure(name, (r for r in rows if r.clinic == name), missing.count(name)) for name in names]
    return (measure(together, rows, len(missing)), *found) if len(names) > 1 else tuple(found)
