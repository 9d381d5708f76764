"""From stored cases to waits: from the first report to the biopsy, and to the end of the reaction."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from exovigil.statistics.time_to_onset import Ending
from exovigil.vigilance.models import Case, Investigation
from exovigil.vigilance.tasks_of import OVER, TAKEN
from exovigil.vigilance.waiting import Wait, Waited, measure_each

TOGETHER = "All clinics"


@dataclass(frozen=True, slots=True)
class Times:
    """Both waits, clinic by clinic."""

    to_biopsy: tuple[Waited, ...]
    to_end: tuple[Waited, ...]


def times_of(cases: Iterable[Case], as_of: dt.date) -> Times:
    """Measure cases of the pathway; each needs its site and investigations."""
    rows = list(cases)
    return Times(
        _measured([(case, _to_biopsy(case, as_of)) for case in rows]),
        _measured([(case, _to_end(case)) for case in rows]),
    )


def _measured(rows: list[tuple[Case, Wait | None]]) -> tuple[Waited, ...]:
    waits = [wait for _, wait in rows if wait]
    return measure_each(waits, [case.site.name for case, wait in rows if not wait], together=TOGETHER)


def _to_biopsy(case: Case, as_of: dt.date) -> Wait | None:
    """A biopsy taken before the first report counts on its day; None for one of which the day is not known."""
    biopsy = next((r for r in case.investigations.all() if r.kind == Investigation.Kind.BIOPSY), None)
    if biopsy and biopsy.result in TAKEN:
        return _wait(case, biopsy.taken_on, Ending.ONSET)
    if case.outcome in OVER:
        return _wait(case, case.ended_on, Ending.LOST)
    return _wait(case, as_of, Ending.STILL_WATCHED)


def _to_end(case: Case) -> Wait | None:
    """Until recovery, sequelae or not; a death ends it otherwise; one that goes on is watched until last heard of."""
    if case.outcome == Case.Outcome.FATAL:
        return _wait(case, case.ended_on, Ending.LOST)
    if case.outcome in OVER:
        return _wait(case, case.ended_on, Ending.ONSET)
    return _wait(case, case.informed_on, Ending.STILL_WATCHED)


def _wait(case: Case, until: dt.date | None, ending: Ending) -> Wait | None:
    return Wait(case.site.name, max(0, (until - case.received_on).days), ending) if until else None
