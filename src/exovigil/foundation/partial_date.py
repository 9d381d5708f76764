"""Dates that may be known to the year or the month only, as people remember them."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

_PATTERN = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A date known to the day, the month or only the year.

    >>> PartialDate.parse("2026-03").earliest
    datetime.date(2026, 3, 1)
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        """Refuse a day without a month and a date the calendar does not have."""
        if self.day is not None and self.month is None:
            raise ValueError("a day needs its month")
        dt.date(self.year, self.month or 1, self.day or 1)

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read ``2026``, ``2026-03`` or ``2026-03-12``; raises ValueError with the way out."""
        match = _PATTERN.match(text.strip())
        if not match:
            raise ValueError("write a date as 2026-03-12, or 2026-03 or 2026 if that is all that is known")
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None  # noqa: S101 - the pattern requires a year
        try:
            return cls(year, month, day)
        except ValueError as error:
            raise ValueError(f"{text.strip()} is not a date in the calendar") from error

    @property
    def earliest(self) -> dt.date:
        """First day it can have been."""
        return dt.date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> dt.date:
        """Last day it can have been."""
        month = self.month or 12
        return dt.date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @property
    def is_full(self) -> bool:
        """True when the day is known."""
        return self.day is not None

    @property
    def words(self) -> str:
        """As people read it: 12 Mar 2026, Mar 2026 or 2026."""
        month = calendar.month_abbr[self.month] if self.month else ""
        return " ".join(str(part) for part in (self.day, month, self.year) if part)

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)
