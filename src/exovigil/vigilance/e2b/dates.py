"""HL7 points in time, as precise as they were written: ``2026``, ``20260312``, ``20260312101500+0100``."""

import datetime as dt
import re
from dataclasses import dataclass

_POINT = re.compile(r"^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(\d{2})(?:(\d{2})(?:\.\d+)?)?([+-]\d{4})?)?)?)?$")
# Without a zone a time may be that of any place on earth: 14 hours ahead at most.
_FURTHEST_EAST = dt.timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Point:
    """A moment and how exactly it is known; ``digits`` counts 4 (year), 6, 8 (day), 12 or 14 (second)."""

    earliest: dt.datetime
    digits: int
    zoned: bool

    def is_after(self, now: dt.datetime) -> bool:
        """Say whether it lies after ``now`` (with a zone) wherever it was written."""
        leeway = dt.timedelta(0) if self.zoned else _FURTHEST_EAST
        return self.earliest - leeway > now


def parse_point(text: str) -> Point | None:
    """Read an HL7 point in time; None when it is not one or not in the calendar."""
    match = _POINT.match(text)
    if not match:
        return None
    *numbers, zone = match.groups()
    year, month, day, hour, minute, second = (int(part) if part else None for part in numbers)
    try:
        tz = _zone(zone) if zone else dt.UTC
        moment = dt.datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=tz)
    except ValueError:
        return None
    return Point(moment, sum(len(part) for part in numbers if part), bool(zone))


def _zone(text: str) -> dt.timezone:
    """Read ``+0130``. Raises ValueError for what is no zone."""
    if int(text[3:]) > 59:
        raise ValueError(f"{text!r} is no time zone")
    ahead = dt.timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
    return dt.timezone(-ahead if text[0] == "-" else ahead)
