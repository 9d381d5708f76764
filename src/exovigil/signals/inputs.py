"""From rows of the registry to what the watch and the search for duplicates compare.

The rows come from other rooms' queries and carry no patient beyond a key; this module knows which reactions
belong to an event class, what a partial onset date is worth, and how to name a set of inputs by its hash.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from exovigil.foundation.content import ContentError, Source, load_toml
from exovigil.foundation.partial_date import PartialDate
from exovigil.signals.duplicates import CaseKey, Decision, Sex, deduplicated
from exovigil.signals.watch import Event, Exposure, WatchDesign

if TYPE_CHECKING:
    from exovigil.clinic.queries import ExposureRow
    from exovigil.vigilance.queries import ReactionRow


@dataclass(frozen=True, slots=True)
class EventClass:
    """Which reaction classes of vigilance count for a design's event, and why these."""

    design: str
    terms: tuple[str, ...]
    why: str
    source: Source


@lru_cache(maxsize=1)
def event_classes() -> tuple[EventClass, ...]:
    """Read every event class of ``content/watch.toml``."""
    return load_toml("exovigil.signals", "watch.toml", "event_class", EventClass)


def event_class(design: str) -> EventClass:
    """Find the event class of a design; raises ContentError naming the design when there is none."""
    for found in event_classes():
        if found.design == design:
            return found
    raise ContentError(f"watch.toml: design {design!r} has no [[event_class]] row; add one with its terms")


def onset_day(row: "ReactionRow", design: WatchDesign) -> dt.date | None:
    """Day of onset as far as the watch may use it, or None when it cannot tell.

    A full date is itself. A partial one stands for every day it can have been, none later than the day the
    report came: when all of them lie inside the risk window the earliest is used, and likewise when all lie
    outside; when they fall on both sides nobody can tell, and the event is listed apart.
    """
    if not row.onset:
        return None
    onset = PartialDate.parse(row.onset)
    if onset.is_full:
        return onset.earliest
    if row.treated_on is None:
        return None
    first, last = onset.earliest, min(onset.latest, row.received_on)
    opens = row.treated_on + dt.timedelta(days=design.window_start_days)
    closes = row.treated_on + dt.timedelta(days=design.window_end_days)
    if first > last:
        return None
    inside = opens <= first and last <= closes
    return first if inside or last < opens or first > closes else None


def full_day(text: str) -> dt.date | None:
    """Day of a partial date that is known to the day, else None."""
    date = PartialDate.parse(text) if text else None
    return date.earliest if date is not None and date.is_full else None


def exposure_of(row: "ExposureRow") -> Exposure:
    """Name a treatment's product and lot by their keys."""
    return Exposure(row.treated_on, str(row.product_id), _text(row.lot_id))


def event_of(row: "ReactionRow", design: WatchDesign, product_of_lot: Mapping[int, int]) -> Event:
    """Make an event of a case; a known lot also tells the product."""
    product = row.product_id
    if product is None and row.lot_id is not None:
        product = product_of_lot.get(row.lot_id)
    onset = onset_day(row, design)
    latest = PartialDate.parse(row.onset).latest if onset else None
    return Event(
        str(row.case_id), row.received_on, onset, row.treated_on, _text(product), _text(row.lot_id), latest
    )


def case_key(row: "ReactionRow") -> CaseKey:
    """Say what is compared of a case; reactions of one event class compare as the same kind of reaction."""
    group = next((c.design for c in event_classes() if row.term in c.terms), row.term)
    return CaseKey(
        case_id=str(row.case_id),
        received_on=row.received_on,
        patient_id=_text(row.patient_key),
        sex=cast("Sex", row.sex) if row.sex in {"female", "male", "other"} else None,
        birth=PartialDate(row.birth_year) if row.birth_year else None,
        product=_text(row.product_id),
        lot=_text(row.lot_id),
        reaction_class=group or None,
        onset=PartialDate.parse(row.onset) if row.onset else None,
        site=row.site_code or None,
        worldwide=frozenset(row.worldwide),
        numbers=frozenset(row.numbers),
        linked=frozenset(row.linked),
    )


def counted_once(
    rows: "Sequence[ReactionRow]",
    events: Iterable[Event],
    design: WatchDesign,
    decisions: Mapping[frozenset[str], Decision],
) -> tuple[Event, ...]:
    """Return the events with every group of duplicates counted once.

    Of a group the member that tells most stands for it: one inside the window before one that is not, one
    with a lot before one without, then the earliest received. Taking simply the first report would lose the
    group when only a later one gives the onset.
    """
    by_id = {event.case_id: event for event in events}
    hidden = set[str]()
    for group in deduplicated([case_key(row) for row in rows], decisions).groups:
        hidden |= set(group) - {min(group, key=lambda case: _merit(by_id[case], design))}
    return tuple(event for event in by_id.values() if event.case_id not in hidden)


def fingerprint(inputs: Any) -> str:
    """SHA-256 of the canonical JSON of a set of inputs (sorted keys, no spaces, dates as ISO text)."""
    text = json.dumps(inputs, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _merit(event: Event, design: WatchDesign) -> tuple[bool, bool, dt.date, str]:
    counts = False
    if event.onset_on and event.treated_on:
        days = (event.onset_on - event.treated_on).days
        counts = design.window_start_days <= days <= design.window_end_days
    return not counts, event.lot is None, event.received_on, event.case_id


def _text(key: int | None) -> str | None:
    return None if key is None else str(key)
