"""Reads of the care pathway: steps as a site has them, tasks, lesions over time, and how long cases waited."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from exovigil.governance.models import Site
from exovigil.vigilance.models import (
    Case,
    Investigation,
    LesionVisit,
    Management,
    PathwayEdit,
    PathwayRecord,
)
from exovigil.vigilance.steps import Change, SiteStep, Task, scope, site_steps
from exovigil.vigilance.tasks_of import is_for, latest_changes, tasks_of
from exovigil.vigilance.times_of import Times, times_of


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task of one case, for a list."""

    case: Case
    task: Task


def pathway_edits(site: Site) -> QuerySet[PathwayEdit]:
    """Every change of the pathway at a site, the newest first."""
    return PathwayEdit.objects.filter(site=site).select_related("edited_by")


def pathway_of(site: Site) -> tuple[SiteStep, ...]:
    """The pathway as a site has it."""
    return site_steps(_changes([site.pk]).get(site.pk, {}))


def pathway_tasks(case: Case) -> tuple[Task, ...]:
    """Tasks of a case; it needs what ``with_course`` fetches, and its treatment."""
    return tasks_of(case, site_steps(_changes([case.site_id]).get(case.site_id, {})), timezone.localdate())


def open_tasks(as_of: dt.date) -> list[TaskLine]:
    """Every task in scope that is due or overdue, by date."""
    found = with_course(_pathway_cases())
    changes = _changes({case.site_id for case in found})
    lines = [
        TaskLine(case, task)
        for case in found
        for task in tasks_of(case, site_steps(changes.get(case.site_id, {})), as_of)
        if task.is_open
    ]
    return sorted(lines, key=lambda line: (line.task.due_on, line.case.number))


def waiting_times(as_of: dt.date) -> Times:
    """How long the cases in scope waited for a biopsy and for the end of the reaction, clinic by clinic."""
    found = _pathway_cases().select_related("site", "treatment").prefetch_related("investigations")
    return times_of((case for case in found if is_for(case)), as_of)


def with_course(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Fetch with cases what their tasks are worked out from."""
    return cases.select_related("site", "treatment").prefetch_related(
        Prefetch("investigations", Investigation.objects.select_related("recorded_by")),
        Prefetch("management", Management.objects.select_related("recorded_by")),
        Prefetch("lesion_visits", LesionVisit.objects.select_related("recorded_by")),
        Prefetch("pathway_records", PathwayRecord.objects.select_related("recorded_by")),
    )


def _pathway_cases() -> QuerySet[Case]:
    return Case.objects.filter(term__in=scope().terms).exclude(state=Case.State.NULLIFIED)


def _changes(site_ids: Collection[int]) -> Mapping[int, Mapping[str, Change]]:
    rows = PathwayEdit.objects.filter(site__in=site_ids).select_related("edited_by")
    return latest_changes(iter(rows))
