"""What followed a papule or nodule in the demonstration: lesions counted over time, steps done, treatments tried.

The published series gives no course for any one patient (``places.CLUSTER``); it says that the response to steroids
varied. Every count, size, date and dose here is invented to fit that and no more.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from exovigil.cli.demo.build import World
from exovigil.cli.demo.plan import DAY, PlannedReaction, PlannedTreatment
from exovigil.governance.models import Site
from exovigil.vigilance.actions.pathway import change_step, record_lesions, record_step
from exovigil.vigilance.actions.workup import record_investigation, record_management
from exovigil.vigilance.lesions import Lesion, LesionKind

BETWEEN = 28 * DAY  # the intralesional ladder cited in the pathway goes by four weeks
BIOPSY_AFTER = {"alder": 6, "quay": 13, "north": 24}  # days from the call; invented, so that clinics differ
# papules and nodules in each region, and the largest in mm, at each visit; then what is left behind
COUNTS: dict[str, tuple[tuple[int, int], ...]] = {
    "complete": ((3, 6), (1, 4), (0, 0)),
    "partial": ((4, 7), (3, 6), (2, 5), (1, 4)),
    "none": ((2, 8), (3, 8), (2, 9), (3, 8)),
    "recurred": ((4, 6), (1, 3), (4, 7), (3, 6)),
    "single": ((1, 6), (1, 3), (0, 0)),
}
ULTRASOUND = ("positive", "none", "positive", "not_done", "negative")


@dataclass(frozen=True, slots=True)
class Told:
    """One case being told: who tells it, and until when."""

    world: World
    site: Site
    case: Any

    def at(self, **more: Any) -> dict[str, Any]:
        """Arguments of every action."""
        return {"by": self.world.officer, "site": self.site, "case": self.case, **more}

    def until_today(self, day: dt.date) -> dt.date:
        """Nothing is recorded of a day that has not come."""
        return min(day, self.world.plan.today)


def change_the_pathway(world: World) -> None:
    """One clinic has one step in its own way, so that both can be seen."""
    site = world.sites["alder"]
    change_step(
        by=world.officer,
        site=site,
        step="ultrasound",
        due_days=21,
        reason="The ultrasound clinic is held every third week. Invented.",
    )


def count_lesions(told: Told, planned: PlannedTreatment, reaction: PlannedReaction) -> dt.date | None:
    """Count at the call and every four weeks; returns the day on which the skin was clear, if it was."""
    response = reaction.woman.response if reaction.woman else "single"
    regions = planned.regions if reaction.woman else planned.regions[:1]
    for number, (count, size) in enumerate(COUNTS[response]):
        day = reaction.told_on + DAY + number * BETWEEN
        if day > told.world.plan.today:
            return None
        found = _found(regions, count, size, scarred=bool(number) and response in {"partial", "complete"})
        record_lesions(**told.at(seen_on=day, lesions=found, none_seen=not found))
        if not count:
            return day
    return None


def take_steps(told: Told, reaction: PlannedReaction, number: int) -> None:
    """Photographs for all but one; ultrasound where there was one."""
    photographed = number != 3
    if photographed:
        record_step(
            **told.at(
                step="photograph",
                state="done",
                done_on=told.until_today(reaction.told_on + DAY),
                words="Front and both sides. Invented.",
            )
        )
    result = ULTRASOUND[number % len(ULTRASOUND)]
    if result == "none":
        record_step(
            **told.at(step="ultrasound", state="not_done", words="The patient did not want one. Invented.")
        )
        return
    done = result != "not_done"
    day = told.until_today(reaction.told_on + (9 + number) * DAY) if done else None
    record_investigation(
        **told.at(
            kind="ultrasound",
            result=result,
            taken_on=day,
            resulted_on=day,
            finding="Hypoechoic nodules in the dermis. Invented." if result == "positive" else "",
            informed_on=day or reaction.told_on,
        )
    )


def try_treatments(told: Told, reaction: PlannedReaction, sampled_on: dt.date) -> None:
    """Topical or oral steroid first; where it did not help for good, a second one."""
    response = reaction.woman.response if reaction.woman else "complete"
    early = response == "recurred"  # this woman had steroids before the culture was taken
    first_on = reaction.told_on + 2 * DAY if early else told.until_today(sampled_on + 9 * DAY)
    ends_on = first_on + (14 if early else 42) * DAY
    over = ends_on <= told.world.plan.today
    record_management(
        **told.at(
            kind="oral_steroid" if early else "topical_steroid",
            dose="prednisolone 20 mg daily, invented" if early else "mometasone 0.1% once daily, invented",
            started_on=first_on,
            course="stopped" if over else "ongoing",
            stopped_on=ends_on if over else None,
            response=response,
            informed_on=first_on,
        )
    )
    if response in {"none", "recurred"} and over:
        record_management(
            **told.at(
                kind="intralesional_steroid",
                dose="triamcinolone 10 mg/mL, 0.1 mL a lesion, invented",
                started_on=ends_on,
                course="unknown",
                response="not_asked" if early else "partial",
                informed_on=ends_on,
            )
        )


def _found(regions: tuple[str, ...], count: int, size: int, *, scarred: bool) -> list[Lesion]:
    rows = []
    for number, region in enumerate(regions):
        kind = LesionKind.PAPULE if number else LesionKind.NODULE
        if count:
            rows.append(Lesion(region, kind, count, size))
        if scarred and not number:
            rows.append(Lesion(region, LesionKind.PIGMENT, 1))
    return rows
