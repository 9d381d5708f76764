"""Counting days: calendar days and working days, from day 0.

Day 0 is never counted: the first day of a period is the day after it. A date that falls on a weekend is not moved to
a later one. Working days are Monday to Friday; no public holiday is taken out, because no source that was read says
which ones a rule takes out. Both can only make a date earlier than the law's, never later.
"""

import datetime as dt
from typing import Literal

Unit = Literal["calendar", "business"]
SATURDAY = 5
_DAY = dt.timedelta(days=1)


def is_working_day(day: dt.date) -> bool:
    """Monday to Friday."""
    return day.weekday() < SATURDAY


def due_on(day_zero: dt.date, days: int, unit: Unit = "calendar") -> dt.date:
    """Give the last day of a period of ``days`` that starts the day after ``day_zero``.

    Raises ValueError for a negative number of days.
    """
    if days < 0:
        raise ValueError(f"a period cannot have {days} days")
    if unit == "calendar":
        return day_zero + days * _DAY
    day, left = day_zero, days
    while left:
        day += _DAY
        left -= is_working_day(day)
    return day
