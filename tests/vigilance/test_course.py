"""The course of a stored case: its tasks, its lesions, what was tried, and how long cases waited, on the pages too."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent, Membership
from exovigil.vigilance import actions, queries
from exovigil.vigilance.icsr_of import icsr_of
from exovigil.vigilance.lesions import Lesion, LesionKind
from exovigil.vigilance.models import Case, LesionVisit, Management, PathwayEdit, PathwayRecord
from exovigil.vigilance.narrative import draft_narrative
from exovigil.vigilance.snapshot import snapshot
from exovigil.vigilance.steps import State, steps

pytestmark = pytest.mark.django_db

SEEN = dt.date(2026, 4, 22)
NODULES = [Lesion("cheek_left", LesionKind.NODULE, 3, 6)]


def url(name, *args):
    return reverse(f"vigilance:{name}", args=args)


def stored(case):
    with scopes_disabled():
        return queries.case(case.pk)


def tasks(case):
    with scopes_disabled():
        return {task.own.step.code: task for task in queries.pathway_tasks(queries.case(case.pk))}


def count(model):
    with scopes_disabled():
        return model.objects.count()


@pytest.fixture
def clinic_page(client_of, clinician):
    return client_of(clinician)


@pytest.fixture
def safety_page(client_of, safety_officer):
    return client_of(safety_officer)


# --- tasks -----------------------------------------------------------------------------------------


def test_every_step_is_a_task_that_counts_from_the_first_report(case):
    found = tasks(case)
    assert list(found) == [step.code for step in steps()]
    assert found["photograph"].due_on == case.received_on + dt.timedelta(days=3)
    assert {task.state for task in found.values()} == {State.OVERDUE, State.WAITS}, "reported months ago"


def test_what_the_record_shows_is_done_without_saying_it_again(full_case):
    found = tasks(full_case)
    biopsy = found["biopsy"].evidence
    assert (biopsy.is_done, biopsy.on) == (True, dt.date(2026, 4, 22))
    assert biopsy.words == "Positive / abnormal. Necrotising granuloma"
    assert biopsy.by == "Clinician of Oakfield Skin Clinic"
    assert found["mycobacterial_test"].state is State.DONE, "a culture is enough without PCR"
    assert found["ultrasound"].state is State.DONE, "taken; its result is awaited"
    assert (found["fungal_culture"].state, found["fungal_culture"].evidence.words) == (
        State.NOT_DONE,
        "No reason was given.",
    )
    assert found["treatment"].evidence.words == "Oral steroid"
    assert found["lesions"].state is State.OVERDUE


def test_a_person_says_what_became_of_a_step_and_the_latest_word_counts(clinician, site, case):
    to = {"by": clinician, "site": site, "case": case}
    actions.record_step(**to, step="photograph", state="done", done_on=SEEN, words="12 pictures")
    done = tasks(case)["photograph"]
    assert (done.state, done.evidence.on, done.evidence.words) == (State.DONE, SEEN, "12 pictures")
    actions.record_step(**to, step="photograph", state="to_do")
    assert tasks(case)["photograph"].state is State.OVERDUE
    actions.record_step(**to, step="biopsy", state="not_done", words="The patient declined")
    assert tasks(case)["biopsy"].evidence.words == "The patient declined"
    actions.record_investigation(**to, kind="biopsy", result="positive", taken_on=SEEN)
    assert tasks(case)["biopsy"].state is State.DONE, "what was taken after all goes before the word"
    assert count(PathwayRecord) == 3
    trail = AuditEvent.objects.filter(action="vigilance.pathway.step_recorded").first()
    assert "declined" not in str(trail.data)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"step": "amputation"}, "step"),
        ({"state": "perhaps"}, "state"),
        ({"state": "done", "done_on": None}, "done_on"),
        ({"state": "done", "done_on": dt.date(2999, 1, 1)}, "done_on"),
        ({"state": "done", "done_on": dt.date(2026, 3, 1)}, "done_on"),
        ({"state": "not_done", "words": "x", "done_on": SEEN}, "done_on"),
        ({"state": "not_done", "words": " ", "done_on": None}, "words"),
        ({"step": "biopsy", "state": "done"}, "state"),
    ],
)
def test_a_record_that_cannot_be_is_refused(clinician, site, case, changes, field):
    given = {"step": "photograph", "state": "done", "done_on": SEEN} | changes
    with pytest.raises(Refused) as refused:
        actions.record_step(by=clinician, site=site, case=case, **given)
    assert refused.value.field == field
    assert count(PathwayRecord) == 0


@pytest.mark.parametrize(
    ("term", "onset", "is_for"),
    [
        ("papule", "", True),
        ("granuloma", "2026-04-08", True),
        ("nodule", "2026-03", True),  # 0 to 29 days: it may have come late
        ("nodule", "2026-03-16", True),
        ("nodule", "2026-03-15", False),
        ("erythema", "2026-04-08", False),
    ],
)
def test_the_pathway_is_for_delayed_papules_and_nodules(
    clinician, site, case, clinic_page, term, onset, is_for
):
    actions.record_what_happened(by=clinician, site=site, case=case, term=term, words="x", onset=onset)
    assert bool(tasks(case)) is is_for
    page = clinic_page.get(url("case", case.pk)).content.decode()
    assert ("Care pathway</h2>" in page) is (term != "erythema")
    if not is_for:
        with pytest.raises(Refused, match="not for this case"):
            actions.record_step(
                by=clinician, site=site, case=case, step="lesions", state="not_done", words="x"
            )


def test_when_the_reaction_is_over_nothing_is_due_any_more(clinician, site, case):
    actions.record_outcome(by=clinician, site=site, case=case, outcome="1", ended_on=dt.date(2026, 6, 1))
    assert {task.state for task in tasks(case).values()} == {State.ENDED}


# --- the site's own way ----------------------------------------------------------------------------


def test_a_site_changes_a_step_and_the_cited_one_stays(safety_officer, site, other_site, case, safety_page):
    cited = next(step for step in steps() if step.code == "biopsy")
    change = {"by": safety_officer, "site": site, "step": "biopsy"}
    actions.change_step(**change, text="Punch biopsy, 4 mm.", due_days=7, reason="Agreed with the hospital.")
    assert tasks(case)["biopsy"].due_on == case.received_on + dt.timedelta(days=7)
    page = safety_page.get(url("pathway") + f"?site={site.code}").content.decode()
    for said in (
        "Punch biopsy, 4 mm.",
        "Agreed with the hospital.",
        str(safety_officer.name),
        "Changed here",
    ):
        assert said in page
    assert cited.text[:60] in page
    with scope(site=[other_site.pk]):
        assert not any(own.is_changed for own in queries.pathway_of(other_site)), "for this site only"
    actions.change_step(**change, is_skipped=True, reason="No longer.")
    assert "biopsy" not in tasks(case)
    actions.change_step(**change, text=cited.text, due_days=cited.due_days, reason="As cited again.")
    assert tasks(case)["biopsy"].own.text == cited.text
    assert not tasks(case)["biopsy"].own.is_changed
    assert count(PathwayEdit) == 3, "every change is kept"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"step": "amputation"}, "step"),
        ({"reason": " "}, "reason"),
        ({"due_days": -1}, "due_days"),
        ({"due_days": 366}, "due_days"),
        ({"due_days": None}, None),
    ],
)
def test_a_change_that_cannot_be_is_refused(safety_officer, site, changes, field):
    given = {"step": "biopsy", "due_days": 7, "reason": "Why"} | changes
    with pytest.raises(Refused) as refused:
        actions.change_step(by=safety_officer, site=site, **given)
    assert refused.value.field == field
    assert count(PathwayEdit) == 0


def test_steps_are_changed_by_who_assesses_cases_at_the_site(clinician, safety_officer, site, other_site):
    for by, at in ((clinician, site), (safety_officer, other_site)):
        with pytest.raises(NotAllowed):
            actions.change_step(by=by, site=at, step="biopsy", due_days=7, reason="Why")


def test_the_page_of_a_change_sends_it_once(safety_page, site):
    page = url("change-step", site.code, "biopsy")
    form = {"text": "Ours", "due_days": "5", "is_skipped": "no", "reason": "Why", "key": str(uuid.uuid4())}
    for _ in range(2):
        assert safety_page.post(page, form).status_code == 302
    assert count(PathwayEdit) == 1
    bad = safety_page.post(page, {"due_days": "soon", "is_skipped": "no"})
    assert bad.status_code == 422
    assert "Say why the site does it this way." in bad.content.decode()
    assert safety_page.get(url("change-step", site.code, "amputation")).status_code == 404
    assert safety_page.get(url("change-step", "elsewhere", "biopsy")).status_code == 404


# --- lesions ---------------------------------------------------------------------------------------


def test_lesions_are_counted_on_the_page_and_drawn(clinic_page, clinician, site, case):
    page = url("add-lesions", case.pk)
    first = clinic_page.get(page).content.decode()
    assert "Left cheek" in first, "it starts where the case says"
    assert 'name="chin-0-count"' not in first
    form = {"seen_on": "2026-04-22", "found": "lesions", "note": "firm", "key": str(uuid.uuid4())}
    form |= {"cheek_left-0-kind": "nodule", "cheek_left-0-count": "3", "cheek_left-0-size_mm": "6"}
    for _ in range(2):
        assert clinic_page.post(f"{page}?regions=cheek_left&regions=chin", form).status_code == 302
    assert count(LesionVisit) == 1
    again = {"seen_on": "2026-05-20", "found": "none", "note": "", "key": str(uuid.uuid4())}
    assert clinic_page.post(page, again).status_code == 302
    drawn = clinic_page.get(url("lesions", case.pk)).content.decode()
    for said in ("Left cheek (3 nodules, largest 6 mm)", ">3</text>", "No lesion was left to draw", "firm"):
        assert said in drawn
    whole = clinic_page.get(url("case", case.pk)).content.decode()
    assert "lesions from 3 to 0" in whole, "the chart says what it shows"
    assert 'value="2026-05-20"' in clinic_page.get(url("edit-outcome", case.pk)).content.decode()


def test_a_bad_count_is_said_beside_its_field_and_nothing_is_kept(clinic_page, case):
    form = {"seen_on": "2026-04-22", "found": "lesions", "cheek_left-0-kind": "nodule"}
    answer = clinic_page.post(url("add-lesions", case.pk), form)
    assert answer.status_code == 422
    assert "0 if they have gone, ? if nobody counted" in answer.content.decode()
    for regions in ("?regions=moon", "?regions=" + "x" * 4000):
        assert clinic_page.get(url("add-lesions", case.pk) + regions).status_code == 200
    assert clinic_page.post(url("add-lesions", case.pk), {}).status_code == 422
    assert count(LesionVisit) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seen_on": dt.date(2999, 1, 1)}, "future"),
        ({"seen_on": dt.date(2026, 3, 1)}, "before the treatment"),
        ({"lesions": []}, "tick that there was none"),
        ({"none_seen": True}, "Clear them"),
        ({"lesions": [Lesion("moon", LesionKind.NODULE, 1)]}, "not a region"),
        ({"lesions": NODULES * 2}, "there twice"),
        ({"lesions": [Lesion("chin", LesionKind.NODULE, -1)]}, "number of lesions"),
    ],
)
def test_lesions_that_cannot_be_are_refused(clinician, site, case, changes, words):
    given = {"seen_on": SEEN, "lesions": NODULES} | changes
    with pytest.raises(Refused, match=words):
        actions.record_lesions(by=clinician, site=site, case=case, **given)
    assert count(LesionVisit) == 0


def test_counting_again_on_a_day_replaces_it_and_a_nullified_case_stays(
    clinician, safety_officer, site, case
):
    to = {"by": clinician, "site": site, "case": case, "seen_on": SEEN}
    actions.record_lesions(**to, lesions=NODULES)
    actions.record_lesions(**to, lesions=[], none_seen=True)
    assert (count(LesionVisit), stored(case).lesion_visits.all()[0].lesions) == (1, [])
    actions.nullify_case(by=safety_officer, site=site, case=case, reason="Entered twice")
    with pytest.raises(Refused, match="nullified"):
        actions.record_lesions(**to, lesions=NODULES)
    assert stored(case).lesion_visits.all()[0].lesions == []


# --- treatments tried, and the end -----------------------------------------------------------------


def try_(by, site, case, **changes):
    given = {"kind": "oral_steroid", "response": "none", "dose": "prednisolone 20 mg daily"} | changes
    return actions.record_management(by=by, site=site, case=case, **given)


def test_the_course_is_told_in_narrative_version_and_report(clinician, site, full_case):
    to = {"by": clinician, "site": site}
    actions.record_lesions(**to, case=full_case, seen_on=SEEN, lesions=NODULES)
    dates = {"started_on": dt.date(2026, 5, 10), "stopped_on": dt.date(2026, 5, 24)}
    try_(**to, case=full_case, response="recurred", course="stopped", **dates)
    try_(**to, case=full_case, kind="antibiotic", dose="", response="not_asked", course="ongoing")
    actions.record_outcome(**to, case=full_case, outcome="1", ended_on=dt.date(2026, 8, 1))
    case = stored(full_case)
    told = draft_narrative(case)
    for said in (
        "22 Apr 2026: Lesions counted. Left cheek: 3 nodules, largest 6 mm.",
        "Oral steroid (prednisolone 20 mg daily) started. Responded, then recurred.",
        "24 May 2026: Oral steroid stopped.",
        "Nobody has asked about the response. It still goes on.",
        "1 Aug 2026: The reaction was over: recovered.",
    ):
        assert said in told
    with scope(site=[site.pk]):
        frozen = {field.key: field for field in snapshot(case)}
        reported = icsr_of(case, created=timezone.now())
    assert frozen["lesions.2026-04-22"].words == "Left cheek: 3 nodules, largest 6 mm."
    assert frozen["ended_on"].value == "2026-08-01"
    assert reported.reactions[0].end.words == "1 Aug 2026"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"course": "perhaps"}, "course"),
        ({"response": "miracle"}, "response"),
        ({"course": "ongoing", "stopped_on": dt.date(2026, 5, 1)}, "course"),
        ({"course": "stopped", "stopped_on": dt.date(2999, 5, 1)}, "stopped_on"),
        ({"course": "stopped", "started_on": SEEN, "stopped_on": dt.date(2026, 4, 1)}, "stopped_on"),
    ],
)
def test_a_treatment_tried_that_cannot_be_is_refused(clinician, site, case, changes, field):
    with pytest.raises(Refused) as refused:
        try_(clinician, site, case, **changes)
    assert refused.value.field == field
    assert count(Management) == 0


def test_not_known_and_not_asked_stay_apart_on_the_page(clinician, site, case, clinic_page):
    try_(clinician, site, case, response="unknown", course="not_asked")
    try_(clinician, site, case, response="not_asked", course="stopped")
    page = clinic_page.get(url("case", case.pk)).content.decode()
    table = page[page.index("Table of treatments tried") :]
    for said in ("Not known", "Not asked", "Stopped, day not known", "prednisolone 20 mg daily"):
        assert said in table


@pytest.mark.parametrize(
    ("outcome", "ended_on"),
    [("2", dt.date(2026, 6, 1)), ("1", dt.date(2999, 1, 1)), ("1", dt.date(2026, 4, 1)), ("0", SEEN)],
)
def test_an_end_that_cannot_be_is_refused(clinician, site, case, outcome, ended_on):
    with pytest.raises(Refused) as refused:
        actions.record_outcome(by=clinician, site=site, case=case, outcome=outcome, ended_on=ended_on)
    assert refused.value.field == "ended_on"


# --- waits -----------------------------------------------------------------------------------------


def wait_of(site, part):
    with scope(site=[site.pk]):
        (row,) = getattr(queries.waiting_times(timezone.localdate()), part)
    return row


def test_waits_are_measured_from_the_first_report(clinician, site, full_case):
    found = wait_of(site, "to_biopsy")
    assert (found.reached, found.curve.days.tolist(), found.clinic) == (1, [2], site.name)
    assert wait_of(site, "to_end").waiting == 1, "recovering"
    to = {"by": clinician, "site": site, "case": full_case}
    actions.record_outcome(**to, outcome="1")
    assert wait_of(site, "to_end").undated == 1, "over on a day that nobody recorded"
    actions.record_outcome(**to, outcome="3", ended_on=None)
    actions.record_outcome(**to, outcome="1", ended_on=full_case.received_on + dt.timedelta(days=60))
    assert wait_of(site, "to_end").median.days == 60


def test_a_case_without_a_biopsy_waits_until_today_or_until_it_was_over(clinician, site, case):
    today = (timezone.localdate() - case.received_on).days
    found = wait_of(site, "to_biopsy")
    assert (found.waiting, found.curve.days.tolist(), found.median.days) == (1, [today], None)
    ended_on = case.received_on + dt.timedelta(days=30)
    actions.record_outcome(by=clinician, site=site, case=case, outcome="1", ended_on=ended_on)
    found = wait_of(site, "to_biopsy")
    assert (found.ended, found.curve.days.tolist(), found.curve.incidence.tolist()) == (1, [30], [0.0])


def test_a_biopsy_before_the_report_counts_on_its_day_and_one_without_a_day_is_said(clinician, site, case):
    to = {"by": clinician, "site": site, "case": case, "kind": "biopsy", "result": "positive"}
    actions.record_investigation(**to, taken_on=case.received_on - dt.timedelta(days=3))
    assert wait_of(site, "to_biopsy").curve.days.tolist() == [0]
    actions.record_investigation(**to)
    assert wait_of(site, "to_biopsy").undated == 1


def test_death_and_nullified_cases(clinician, safety_officer, site, case):
    actions.record_outcome(by=clinician, site=site, case=case, outcome="5", ended_on=dt.date(2026, 6, 1))
    assert wait_of(site, "to_end").ended == 1
    actions.nullify_case(by=safety_officer, site=site, case=case, reason="Entered twice")
    with scope(site=[site.pk]):
        assert queries.waiting_times(timezone.localdate()).to_end == ()


def test_a_clinic_sees_its_own_times_and_the_officer_of_several_all(
    client_of,
    clinic_page,
    clinician,
    safety_officer,
    actor,
    site,
    other_site,
    full_case,
    make_treatment,
    member,
):
    treatment = make_treatment(other_site, pseudonym="P-0009")
    actions.open_case(
        by=actor("clinician", other_site),
        site=other_site,
        treatment=treatment,
        term="nodule",
        words="x",
        received_on=dt.date(2026, 5, 1),
    )
    own = clinic_page.get(url("times")).content.decode()
    assert site.name in own
    assert other_site.name not in own
    assert "Few cases" in own
    with scopes_disabled():
        Membership.objects.create(user_id=safety_officer.user_id, site=other_site, role="safety_officer")
    every = client_of(safety_officer).get(url("times")).content.decode()
    for said in ("All clinics", site.name, other_site.name):
        assert said in every


def test_the_worklist_shows_what_is_overdue_of_the_own_site(clinic_page, client_of, actor, other_site, case):
    page = clinic_page.get(url("due")).content.decode()
    care = page[page.index("Care pathway: still to do") :]
    assert case.number in care
    assert "Biopsy with histology" in care
    assert "Overdue by" in care
    elsewhere = client_of(actor("clinician", other_site)).get(url("due")).content.decode()
    assert case.number not in elsewhere


def test_recording_a_step_by_its_page(clinic_page, case):
    page = url("record-step", case.pk, "photograph")
    assert clinic_page.post(page, {"state": "not_done", "words": ""}).status_code == 422
    form = {"state": "done", "done_on": "2026-04-22", "words": "", "key": str(uuid.uuid4())}
    for _ in range(2):
        assert clinic_page.post(page, form).status_code == 302
    assert count(PathwayRecord) == 1
    assert 'value="done"' not in clinic_page.get(url("record-step", case.pk, "biopsy")).content.decode()
    assert clinic_page.get(url("record-step", case.pk, "amputation")).status_code == 404
    assert count(Case) == 1
