"""Onset latency: the days from treatment to the first sign, as exactly as the dates allow.

An onset known to the month only gives a range. A range that reaches back before the treatment starts at day 0,
since a reaction to a treatment cannot precede it.
"""

import datetime as dt
from dataclasses import dataclass

from exovigil.foundation.partial_date import PartialDate


@dataclass(frozen=True, slots=True)
class Latency:
    """Fewest and most days that can lie between treatment and onset; equal when the day is known."""

    fewest: int
    most: int

    def __str__(self) -> str:
        if self.fewest == self.most:
            return f"{self.most} day{'' if self.most == 1 else 's'}"
        return f"{self.fewest}–{self.most} days"


def latency(treated_on: dt.date | None, onset: str) -> Latency | None:
    """Days from treatment to a partial onset date; None when either is not known or onset came first.

    >>> str(latency(dt.date(2026, 1, 18), "2026-02"))
    '14–41 days'
    """
    if treated_on is None or not onset:
        return None
    date = PartialDate.parse(onset)
    most = (date.latest - treated_on).days
    return None if most < 0 else Latency(max(0, (date.earliest - treated_on).days), most)
