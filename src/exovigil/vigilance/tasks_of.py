"""Where a stored case meets the care pathway: whether it is for it, and what has become of each step."""

import datetime as dt
from collections.abc import Iterator, Mapping

from exovigil.vigilance.facts import onset_latency
from exovigil.vigilance.lesions import Lesion, Seen
from exovigil.vigilance.models import Case, Investigation, LesionVisit, PathwayEdit, PathwayRecord
from exovigil.vigilance.steps import Change, Evidence, SiteStep, Step, Task, scope, steps, tasks

OVER = frozenset({Case.Outcome.RECOVERED, Case.Outcome.SEQUELAE, Case.Outcome.FATAL})
TAKEN = frozenset(
    {Investigation.Result.PENDING, Investigation.Result.POSITIVE, Investigation.Result.NEGATIVE}
)


def is_for(case: Case) -> bool:
    """Whether the pathway is for a case: a papule or nodule that came late, or of which it is not known when."""
    if case.state == Case.State.NULLIFIED or case.term not in scope().terms:
        return False
    found = onset_latency(case)
    return found is None or found.most >= scope().from_days


def tasks_of(case: Case, own: tuple[SiteStep, ...], as_of: dt.date) -> tuple[Task, ...]:
    """Tasks of a case, none when the pathway is not for it; it needs its work-up, lesions and pathway records."""
    if not is_for(case):
        return ()
    found = {step.code: evidence for step in steps() for evidence in [_evidence(case, step)] if evidence}
    return tasks(own, found, received_on=case.received_on, has_ended=case.outcome in OVER, as_of=as_of)


def seen(visit: LesionVisit) -> Seen:
    """A stored visit as the pure rules know it."""
    return Seen(visit.seen_on, tuple(Lesion.read(row) for row in visit.lesions))


def change_of(edit: PathwayEdit) -> Change:
    """A stored change of a step as the pure rules know it."""
    by = str(edit.edited_by or "Exovigil")
    return Change(edit.text, edit.due_days, edit.is_skipped, edit.reason, by, edit.edited_at)


def latest_changes(edits: Iterator[PathwayEdit]) -> Mapping[int, Mapping[str, Change]]:
    """The change that counts, by site and step, from edits with the newest first."""
    found: dict[int, dict[str, Change]] = {}
    for edit in edits:
        found.setdefault(edit.site_id, {}).setdefault(edit.step, change_of(edit))
    return found


def _evidence(case: Case, step: Step) -> Evidence | None:
    """What the record shows goes before what a person noted: nobody has to say the same thing twice."""
    noted = next((row for row in case.pathway_records.all() if row.step == step.code), None)
    shown = _shown(case, step)
    if shown and (shown.is_done or noted is None):
        return shown
    return _noted(noted)


def _shown(of: Case, step: Step) -> Evidence | None:
    match step.evidence:
        case "lesions":
            return _counted(of)
        case "treatment":
            return _treated(of)
        case "investigation":
            return _investigated(of, step.kinds)
    return None


def _noted(row: PathwayRecord | None) -> Evidence | None:
    if row is None or row.state == PathwayRecord.State.TO_DO:
        return None
    return Evidence(row.state == PathwayRecord.State.DONE, row.done_on, str(row.recorded_by or ""), row.words)


def _counted(case: Case) -> Evidence | None:
    visits = list(case.lesion_visits.all())
    if not visits:
        return None
    words = "Counted once" if len(visits) == 1 else f"Counted on {len(visits)} days"
    return Evidence(True, visits[0].seen_on, str(visits[0].recorded_by or ""), words)


def _treated(case: Case) -> Evidence | None:
    rows = list(case.management.all())
    if not rows:
        return None
    days = [row.started_on for row in rows if row.started_on]
    words = ", ".join(dict.fromkeys(row.get_kind_display().lower() for row in rows))
    return Evidence(True, min(days, default=None), str(rows[0].recorded_by or ""), words.capitalize())


def _investigated(case: Case, kinds: tuple[str, ...]) -> Evidence | None:
    """The first of the kinds that was taken; that none was done is evidence only when each says so."""
    rows = [row for row in case.investigations.all() if row.kind in kinds]
    for row in rows:
        if row.result in TAKEN:
            words = ". ".join(part.strip(". ") for part in (row.get_result_display(), row.finding) if part)
            return Evidence(True, row.taken_on, str(row.recorded_by or ""), words)
    if len(rows) == len(kinds) and all(row.result == Investigation.Result.NOT_DONE for row in rows):
        reasons = "; ".join(row.finding for row in rows if row.finding)
        return Evidence(False, None, str(rows[0].recorded_by or ""), reasons or "No reason was given.")
    return None
