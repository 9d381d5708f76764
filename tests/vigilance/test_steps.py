"""Steps of the pathway: sourced content, a site's own way beside it, and what became of each."""

import dataclasses
import datetime as dt
import itertools

import pytest

from exovigil.vigilance import steps as pathway
from exovigil.vigilance.models import Investigation
from exovigil.vigilance.steps import Change, Evidence, SiteStep, State, scope, site_steps, steps, tasks
from exovigil.vigilance.terms import reaction_terms

HEARD = dt.date(2026, 4, 20)
DAY = dt.timedelta(days=1)
WHEN = dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC)


def change(**fields):
    given = {"text": "", "due_days": None, "is_skipped": False, "reason": "Why", "by": "Dr A", "on": WHEN}
    return Change(**(given | fields))


def states(found=None, *, own=None, ended=False, as_of=HEARD):
    rows = tasks(own or site_steps({}), found or {}, received_on=HEARD, has_ended=ended, as_of=as_of)
    return {task.own.step.code: task.state for task in rows}


def test_every_step_of_the_issue_is_there_with_a_source_and_an_honest_time():
    codes = [step.code for step in steps()]
    assert codes == [
        "photograph",
        "lesions",
        "ultrasound",
        "biopsy",
        "bacterial_culture",
        "fungal_culture",
        "mycobacterial_test",
        "treatment",
    ]
    assert all(step.sources and step.text and step.due_days > 0 for step in steps())
    known = {kind for step in steps() for kind in step.kinds}
    assert known == set(Investigation.Kind.values), "each investigation belongs to a step"
    assert set(scope().terms) <= {term.code for term in reaction_terms()}
    assert scope().source.verified


def test_a_sites_change_stands_beside_the_cited_step():
    cited = next(step for step in steps() if step.code == "biopsy")
    own = SiteStep(cited, change(text="Ours", due_days=5))
    assert (own.text, own.due_days, own.is_skipped, own.is_changed) == ("Ours", 5, False, True)
    assert own.step.text == cited.text != own.text
    assert SiteStep(cited, change(due_days=0)).due_days == 0, "the day of the report itself"
    back = SiteStep(cited, change())
    assert (back.text, back.due_days, back.is_changed) == (cited.text, cited.due_days, False)


def test_a_step_is_due_until_its_day_and_overdue_after_it():
    due = dict.fromkeys(["photograph", "lesions"], State.DUE)
    assert states(as_of=HEARD + 3 * DAY).items() >= due.items()
    found = states(as_of=HEARD + 4 * DAY)
    assert (found["photograph"], found["biopsy"]) == (State.OVERDUE, State.DUE)


def test_treatment_waits_for_the_samples_and_no_longer_once_each_is_settled():
    late = HEARD + 90 * DAY
    assert states(as_of=late)["treatment"] is State.WAITS
    biopsy = {"biopsy": Evidence(is_done=True)}
    assert states(biopsy, as_of=late)["treatment"] is State.WAITS
    settled = biopsy | {"mycobacterial_test": Evidence(is_done=False, words="no laboratory")}
    assert states(settled, as_of=late)["treatment"] is State.OVERDUE
    skipped = site_steps({"biopsy": change(is_skipped=True), "mycobacterial_test": change(is_skipped=True)})
    assert states(own=skipped, as_of=late)["treatment"] is State.OVERDUE


def test_a_step_that_was_left_out_shows_when_there_is_a_record_of_it():
    own = site_steps({"ultrasound": change(is_skipped=True)})
    assert "ultrasound" not in states(own=own)
    assert states({"ultrasound": Evidence(is_done=True)}, own=own)["ultrasound"] is State.DONE


@pytest.mark.parametrize(
    ("evidence", "ended", "late", "waits"), list(itertools.product((None, True, False), *[(True, False)] * 3))
)
def test_the_state_of_a_task_by_a_table(evidence, ended, late, waits):
    found = {} if evidence is None else {"treatment": Evidence(is_done=evidence)}
    if not waits:
        found |= {code: Evidence(is_done=True) for code in ("biopsy", "mycobacterial_test")}
    as_of = HEARD + (43 if late else 42) * DAY
    expected = {True: State.DONE, False: State.NOT_DONE}.get(evidence)
    if expected is None:
        expected = State.ENDED if ended else State.WAITS if waits else State.OVERDUE if late else State.DUE
    assert states(found, ended=ended, as_of=as_of)["treatment"] is expected


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, ("Due in 3 days", "warn")),
        (2, ("Due in 1 day", "warn")),
        (3, ("Due today", "warn")),
        (4, ("Overdue by 1 day", "stop")),
        (5, ("Overdue by 2 days", "stop")),
    ],
)
def test_a_state_has_words_and_a_tone(days, said):
    as_of = HEARD + days * DAY
    rows = tasks(site_steps({}), {}, received_on=HEARD, has_ended=False, as_of=as_of)
    assert rows[0].mark(as_of) == said


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"code": "biopsy"}, "two steps are called"), ({"after": ("treatment",)}, "waits for a step")],
)
def test_content_that_contradicts_itself_is_refused(monkeypatch, changes, words):
    first = dataclasses.replace(steps()[0], **changes)
    rows = (first, *steps()[1:])
    monkeypatch.setattr(pathway, "load_toml", lambda *_: rows)
    with pytest.raises(ValueError, match=words):
        steps.__wrapped__()
