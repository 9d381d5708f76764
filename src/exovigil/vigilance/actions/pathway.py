"""The care pathway: changing a step at a site, saying what became of one in a case, counting lesions."""

import datetime as dt
from collections.abc import Collection

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.vigilance import queries
from exovigil.vigilance.actions.cases import (
    heard,
    refuse_future,
    refuse_nullified,
    refuse_other_site,
)
from exovigil.vigilance.labels import region_choices
from exovigil.vigilance.lesions import Lesion
from exovigil.vigilance.models import Case, LesionVisit, PathwayEdit, PathwayRecord
from exovigil.vigilance.steps import Step, steps
from exovigil.vigilance.tasks_of import is_for

LONGEST = 365  # days from the first report


@action(Permission.ASSESS_CASE)
def change_step(
    *,
    by: Actor,
    site: Site,
    step: str,
    reason: str,
    text: str = "",
    due_days: int | None = None,
    is_skipped: bool = False,
) -> PathwayEdit:
    """Give a step of the pathway the site's own words or time, or leave it out; the cited step stays as it is.

    An empty ``text`` and no ``due_days`` go back to the cited ones. Earlier changes are kept.
    """
    cited = _step(step)
    text = "" if text.strip() == cited.text else text.strip()
    due_days = None if due_days == cited.due_days else due_days
    if not reason.strip():
        raise Refused("Say why the site does it this way.", "reason")
    if due_days is not None and not 0 <= due_days <= LONGEST:
        raise Refused(f"Give a number of days from 0 to {LONGEST}.", "due_days")
    now = next(row for row in queries.pathway_of(site) if row.step.code == step).change
    before = (now.text, now.due_days, now.is_skipped) if now else ("", None, False)
    if before == (text, due_days, is_skipped):
        raise Refused("The site has the step like this already. Nothing was changed.")
    row = PathwayEdit.objects.create(
        site=site,
        step=step,
        text=text,
        due_days=due_days,
        is_skipped=is_skipped,
        reason=reason.strip(),
        edited_by_id=by.user_id,
    )
    audit.record(
        "vigilance.pathway.step_changed",
        by=by,
        target=row,
        site=site,
        step=step,
        due_days=due_days,
        skipped=is_skipped,
        own_words=bool(text),
    )
    return row


@action(Permission.OPEN_CASE)
def record_step(
    *,
    by: Actor,
    site: Site,
    case: Case,
    step: str,
    state: str,
    done_on: dt.date | None = None,
    words: str = "",
) -> PathwayRecord:
    """Say what became of a step in a case: done on a day, not to be done because, or still to do after all.

    A step that the record shows by itself, such as a biopsy, is done when its investigation is recorded; here it can
    only be said that it will not be done.
    """
    refuse_other_site(case, site)
    refuse_nullified(case)
    cited = _step(step)
    if not is_for(case):
        raise Refused("The pathway is not for this case: it is for papules and nodules that came late.")
    if state not in PathwayRecord.State.values:
        raise Refused("Choose what became of it.", "state")
    _refuse_bad_record(case, cited, state, done_on, words)
    own = next(row for row in queries.pathway_of(site) if row.step.code == step)
    row = PathwayRecord.objects.create(
        site=site,
        case=case,
        step=step,
        state=state,
        done_on=done_on,
        due_on=case.received_on + dt.timedelta(days=own.due_days),
        words=words.strip(),
        recorded_by_id=by.user_id,
    )
    audit.record(
        "vigilance.pathway.step_recorded", by=by, target=row, site=site, case=case.pk, step=step, state=state
    )
    return row


@action(Permission.OPEN_CASE)
def record_lesions(
    *,
    by: Actor,
    site: Site,
    case: Case,
    seen_on: dt.date,
    lesions: Collection[Lesion],
    none_seen: bool = False,
    note: str = "",
    informed_on: dt.date | None = None,
) -> LesionVisit:
    """Record the lesions seen on one day, or that there were none; a day recorded before is replaced.

    The clinic knew of it on that day unless ``informed_on`` says another.
    """
    refuse_other_site(case, site)
    _refuse_bad_lesions(lesions, none_seen)
    refuse_future(seen_on, "seen_on")
    if case.treatment and seen_on < case.treatment.treated_on:
        raise Refused("This is before the treatment. Check the date.", "seen_on")
    row, made = LesionVisit.objects.update_or_create(
        case=case,
        seen_on=seen_on,
        defaults={
            "site": site,
            "lesions": [lesion.stored() for lesion in lesions],
            "note": note.strip(),
            "recorded_by_id": by.user_id,
        },
    )
    heard(case, informed_on or seen_on)
    audit.record(
        "vigilance.lesions.recorded",
        by=by,
        target=row,
        site=site,
        case=case.pk,
        lines=len(lesions),
        new=made,
    )
    return row


def _step(code: str) -> Step:
    found = next((row for row in steps() if row.code == code), None)
    if found is None:
        raise Refused("This is not a step of the pathway.", "step")
    return found


def _refuse_bad_record(case: Case, step: Step, state: str, done_on: dt.date | None, words: str) -> None:
    done = state == PathwayRecord.State.DONE
    if done and step.evidence != "person":
        raise Refused(
            "Record the thing itself on the case: the step is then done by itself, with its day and result.",
            "state",
        )
    if done and done_on is None:
        raise Refused("Enter the day it was done.", "done_on")
    if not done and done_on:
        raise Refused("It was not done, so it has no day. Clear it, or choose “Done”.", "done_on")
    if state == PathwayRecord.State.NOT_DONE and not words.strip():
        raise Refused("Say why it will not be done.", "words")
    refuse_future(done_on, "done_on")
    if done_on and case.treatment and done_on < case.treatment.treated_on:
        raise Refused("This is before the treatment. Check the date.", "done_on")


def _refuse_bad_lesions(lesions: Collection[Lesion], none_seen: bool) -> None:
    if none_seen and lesions:
        raise Refused("Lesions are entered below. Clear them, or untick “no lesion”.", "none_seen")
    if not none_seen and not lesions:
        raise Refused("Enter the lesions, or tick that there was none.", "none_seen")
    regions, seen = dict(region_choices()), set()
    for row in lesions:
        if row.region not in regions:
            raise Refused(f"{row.region} is not a region of the body map. Choose from the map.")
        if (row.region, row.kind) in seen:
            raise Refused(
                f"{regions[row.region]}: {row.kind.label.lower()} is there twice. Put them in one line."
            )
        seen.add((row.region, row.kind))
        try:
            Lesion.read(row.stored())
        except ValueError as error:
            raise Refused(f"{regions[row.region]}: {error}.") from error
