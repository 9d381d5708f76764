"""Pages of cases: what is shown, what a bad answer does, and how many queries a page takes."""

import csv
import datetime as dt
import io
import uuid

import pytest
from django.urls import reverse
from django_scopes import scopes_disabled

from exovigil.governance.models import AuditEvent
from exovigil.vigilance import actions, queries, seriousness
from exovigil.vigilance.models import Assessment, Case, Investigation, Management, Report
from tests.vigilance.conftest import NARANJO_FIVE, UMC_PROBABLE

pytestmark = pytest.mark.django_db

ALL_NO = {c.code: "no" for c in seriousness.criteria()}
HAPPENED = {
    "term": "papule",
    "words": "red lumps",
    "onset": "2026-04-08",
    "regions": ["cheek_left"],
    "lesion": "firm",
}


def url(name, *args):
    return reverse(f"vigilance:{name}", args=args)


def count(model):
    with scopes_disabled():
        return model.objects.count()


def stored(case):
    with scopes_disabled():
        return queries.case(case.pk)


@pytest.fixture
def clinic_page(client_of, clinician):
    return client_of(clinician)


@pytest.fixture
def safety_page(client_of, safety_officer):
    return client_of(safety_officer)


# --- the worklist ----------------------------------------------------------------------------------


def test_the_worklist_shows_waiting_red_flags_above_the_cases(clinic_page, answer):
    page = clinic_page.get(url("cases")).content.decode()
    assert "hard lumps on my cheek" in page
    assert url("open-case-from-answer", answer.pk) in page
    assert "No case fits" in page


def test_the_worklist_shows_the_cases_of_the_site_only(clinic_page, client_of, actor, other_site, full_case):
    page = clinic_page.get(url("cases")).content.decode()
    for said in ("OAK-2026-0001", "Granuloma", "Inventa E1", "LX-01", "37 days", "Serious"):
        assert said in page
    elsewhere = client_of(actor("clinician", other_site)).get(url("cases")).content.decode()
    assert "OAK-2026-0001" not in elsewhere


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=0001", True),
        ("q=0002", False),
        ("state=open", True),
        ("state=reported", False),
        ("serious=yes", True),
        ("serious=no", False),
        ("serious=unclear", False),
        ("term=granuloma", True),
        ("term=pain", False),
        ("sort=-received_on", True),
    ],
)
def test_the_worklist_filters(clinic_page, full_case, query, shown):
    page = clinic_page.get(f"{url('cases')}?{query}").content.decode()
    assert (f'href="{url("case", full_case.pk)}"' in page) is shown


def test_an_unanswered_criterion_is_unclear_not_harmless(clinic_page, case):
    link = f'href="{url("case", case.pk)}"'
    assert link in clinic_page.get(f"{url('cases')}?serious=unclear").content.decode()
    assert link not in clinic_page.get(f"{url('cases')}?serious=no").content.decode()


def test_the_export_is_plain_words_and_leaves_a_trail(clinic_page, clinician, full_case):
    response = clinic_page.get(f"{url('cases')}?export=csv&serious=yes")
    (row,) = csv.DictReader(io.StringIO(response.content.decode()))
    assert row["Case"] == "OAK-2026-0001"
    assert (row["Seriousness"], row["State"], row["Treatment to onset"]) == ("Serious", "Open", "37 days")
    event = AuditEvent.objects.get(action="vigilance.cases.exported")
    assert (event.actor, event.site, event.data) == (clinician.identity, "oak", '{"rows":1}')


def test_the_worklist_takes_few_queries_however_many_rows(
    clinic_page, clinician, site, make_treatment, make_answer, django_assert_max_num_queries
):
    for number in range(8):
        treatment = make_treatment(site, f"P-10{number}")
        made = make_answer(treatment)
        if number % 2:
            actions.open_case(by=clinician, site=site, answer=made, term="nodule", words="lump")
    with django_assert_max_num_queries(12):
        page = clinic_page.get(url("cases")).content.decode()
    assert page.count("OAK-2026-") >= 4


# --- opening ---------------------------------------------------------------------------------------


def test_opening_from_an_answer_starts_from_what_was_said(clinic_page, answer):
    page = clinic_page.get(url("open-case-from-answer", answer.pk)).content.decode()
    assert "hard lumps on my cheek" in page
    assert '<option value="nodule" selected>' in page
    assert 'value="2026-04"' in page
    assert "Who told the clinic" not in page


def test_a_case_is_opened_and_its_answer_leads_to_it_afterwards(clinic_page, answer):
    response = clinic_page.post(url("open-case-from-answer", answer.pk), HAPPENED)
    with scopes_disabled():
        case = Case.objects.get()
    assert response.url == url("case", case.pk)
    assert (case.term, case.words, case.regions) == ("papule", "red lumps", ["cheek_left"])
    again = clinic_page.get(url("open-case-from-answer", answer.pk))
    assert again.url == url("case", case.pk)
    assert "red lumps" in clinic_page.get(response.url).content.decode()


def test_the_same_form_twice_opens_one_case(clinic_page, answer):
    form = HAPPENED | {"key": str(uuid.uuid4())}
    first = clinic_page.post(url("open-case-from-answer", answer.pk), form)
    second = clinic_page.post(url("open-case-from-answer", answer.pk), form)
    assert first.url == second.url
    assert count(Case) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"term": ""}, "Choose the reaction from the list."),
        ({"words": ""}, "own words"),
        ({"onset": "last week"}, "Write a date as"),
        ({"onset": "2026-01"}, "before the treatment"),
        ({"regions": ["left_wing"]}, "not a region"),
    ],
)
def test_a_bad_opening_says_what_to_do_and_opens_nothing(clinic_page, answer, change, said):
    response = clinic_page.post(url("open-case-from-answer", answer.pk), HAPPENED | change)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert count(Case) == 0


def test_a_case_is_opened_from_a_treatment(clinic_page, treatment):
    page = clinic_page.get(url("open-case-from-treatment", treatment.pk)).content.decode()
    assert "Who told the clinic" in page
    form = HAPPENED | {"reporter": "1", "received_on": "2026-04-20"}
    assert clinic_page.post(url("open-case-from-treatment", treatment.pk), form).status_code == 302
    with scopes_disabled():
        case = Case.objects.get()
    assert (case.reporter, case.received_on, case.source) == ("1", dt.date(2026, 4, 20), "clinic")


@pytest.mark.parametrize("change", [{"reporter": ""}, {"received_on": ""}, {"received_on": "2026-03-01"}])
def test_a_bad_opening_from_a_treatment_opens_nothing(clinic_page, treatment, change):
    form = HAPPENED | {"reporter": "1", "received_on": "2026-04-20"} | change
    assert clinic_page.post(url("open-case-from-treatment", treatment.pk), form).status_code == 422
    assert count(Case) == 0


def test_an_answer_recorded_by_the_clinic_asks_who_told_it(clinic_page, make_answer, treatment):
    made = make_answer(treatment, channel="clinic")
    assert "Who told the clinic" in clinic_page.get(url("open-case-from-answer", made.pk)).content.decode()
    clinic_page.post(url("open-case-from-answer", made.pk), HAPPENED | {"reporter": "3"})
    with scopes_disabled():
        assert (Case.objects.get().reporter, Case.objects.get().source) == ("3", "clinic")


# --- the case page ---------------------------------------------------------------------------------


def test_the_case_page_is_a_whole_case_file(safety_page, full_case, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        page = safety_page.get(url("case", full_case.pk)).content.decode()
    for said in (
        "OAK-2026-0001",
        "37 days",
        "hard lumps on my cheek",
        "Three firm red papules, 4 mm",
        "Necrotising granuloma",
        "Taken, result awaited",
        "Nobody has said",
        "Oral steroid",
        "Partial",
        "Other medically important condition",
        "WHO-UMC: probable",
        "(score 5)",
        "2 Mar 2026",
        "No report yet",
    ):
        assert said in page
    assert "Worth a look" not in page, (
        "sample before steroid, culture of six weeks, histology: nothing to caution"
    )
    assert "style=" not in page


def test_warnings_stand_on_top_with_their_source_and_block_nothing(safety_page, clinician, site, case):
    quiet = safety_page.get(url("case", case.pk)).content.decode()
    assert "Steroid before a mycobacterial sample" not in quiet
    actions.record_management(
        by=clinician, site=site, case=case, kind="oral_steroid", started_on=dt.date(2026, 5, 1)
    )
    page = safety_page.get(url("case", case.pk)).content.decode()
    assert page.index("Steroid before a mycobacterial sample") < page.index("What happened")
    assert "PMC12065458" in page
    assert safety_page.post(url("write-report", case.pk)).status_code == 302


def test_a_clinician_records_and_does_not_judge(clinic_page, full_case):
    page = clinic_page.get(url("case", full_case.pk)).content.decode()
    assert url("add-investigation", full_case.pk) in page
    for closed in ("who-umc", "naranjo", "narrative", "write-report"):
        assert url(closed, full_case.pk) not in page
        assert clinic_page.get(url(closed, full_case.pk)).status_code in {403, 405}


PAGES = [
    "case",
    "edit-what",
    "edit-seriousness",
    "edit-outcome",
    "add-investigation",
    "add-management",
    "who-umc",
    "naranjo",
    "narrative",
]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_and_another_sites_case_is_not_there(
    safety_page, client_of, actor, other_site, case, name
):
    assert safety_page.get(url(name, case.pk)).status_code == 200
    stranger = client_of(actor("safety_officer", other_site))
    assert stranger.get(url(name, case.pk)).status_code == 404
    assert stranger.post(url(name, case.pk), {}).status_code in {404, 405}


@pytest.mark.parametrize("role", ["reviewer", "administrator"])
def test_roles_without_cases_see_none(client_of, actor, case, role):
    page = client_of(actor(role))
    assert page.get(url("cases")).status_code == 403
    assert page.get(url("case", case.pk)).status_code == 403


# --- recording -------------------------------------------------------------------------------------

GOOD = [
    ("edit-what", HAPPENED, lambda c: (c.term, c.words), ("papule", "red lumps")),
    ("edit-seriousness", ALL_NO | {"disability": "yes"}, lambda c: c.seriousness["disability"], "yes"),
    ("edit-outcome", {"outcome": "4"}, lambda c: c.outcome, "4"),
    ("narrative", {"narrative": "As told."}, lambda c: c.narrative, "As told."),
]


@pytest.mark.parametrize(("name", "form", "read", "expected"), GOOD)
def test_a_page_records_its_one_thing(safety_page, case, name, form, read, expected):
    response = safety_page.post(url(name, case.pk), form)
    assert response.status_code == 302
    assert response.url.startswith(url("case", case.pk))
    assert read(stored(case)) == expected


BAD = [
    ("edit-what", HAPPENED | {"onset": "2026-01-01"}, "before the treatment"),
    ("edit-what", HAPPENED | {"words": " "}, "own words"),
    ("edit-seriousness", {k: v for k, v in ALL_NO.items() if k != "death"}, "not asked"),
    ("edit-outcome", {}, "Choose the outcome."),
    ("edit-outcome", {"outcome": "7"}, "7"),
    ("narrative", {"narrative": "x" * 100_001}, "Shorten it."),
    (
        "add-investigation",
        {"kind": "biopsy", "result": "negative", "taken_on": "2026-03-01"},
        "before the treatment",
    ),
    (
        "add-investigation",
        {"kind": "biopsy", "result": "negative", "taken_on": "2099-03-01"},
        "in the future",
    ),
    ("add-investigation", {"kind": "biopsy"}, "Choose the result"),
    (
        "add-management",
        {"kind": "other", "response": "none", "course": "unknown", "started_on": "2026-03-01"},
        "Check the date",
    ),
    ("add-management", {"response": "none"}, "Choose the treatment"),
    ("who-umc", {k: v for k, v in UMC_PROBABLE.items() if k != "timing"}, "Choose an answer."),
    ("naranjo", {f"q{k}": v for k, v in NARANJO_FIVE.items() if k != "7"}, "Question 7"),
]


@pytest.mark.parametrize(("name", "form", "said"), BAD)
def test_a_bad_answer_says_what_to_do_and_changes_nothing(safety_page, case, name, form, said):
    before = stored(case)
    events = AuditEvent.objects.count()
    response = safety_page.post(url(name, case.pk), form)
    assert response.status_code == 422
    assert said in response.content.decode()
    after = stored(case)
    assert {f.name: getattr(after, f.attname) for f in Case._meta.concrete_fields} == {
        f.name: getattr(before, f.attname) for f in Case._meta.concrete_fields
    }
    assert AuditEvent.objects.count() == events
    assert count(Investigation) + count(Management) + count(Assessment) == 0


def test_an_investigation_is_recorded_and_opened_again_to_be_completed(clinic_page, case):
    form = {"kind": "mycobacterial_culture", "result": "pending", "taken_on": "2026-04-22"}
    assert clinic_page.post(url("add-investigation", case.pk), form).url.endswith("#investigations")
    again = clinic_page.get(
        url("add-investigation", case.pk) + "?kind=mycobacterial_culture"
    ).content.decode()
    assert 'value="2026-04-22"' in again
    done = form | {"result": "negative", "resulted_on": "2026-06-03", "finding": "No growth"}
    clinic_page.post(url("add-investigation", case.pk), done)
    with scopes_disabled():
        row = Investigation.objects.get()
    assert (row.result, row.finding) == ("negative", "No growth")


def test_a_treatment_tried_is_recorded_once_and_its_response_changed(clinic_page, case):
    form = {"kind": "antibiotic", "response": "unknown", "course": "ongoing", "started_on": "2026-04-22"}
    form["key"] = str(uuid.uuid4())
    for _ in range(2):
        assert clinic_page.post(url("add-management", case.pk), form).status_code == 302
    with scopes_disabled():
        row = Management.objects.get()
    page = url("edit-management", case.pk, row.pk)
    assert 'value="2026-04-22"' in clinic_page.get(page).content.decode()
    change = {"kind": "antibiotic", "response": "recurred", "course": "unknown", "started_on": "2026-04-22"}
    assert clinic_page.post(page, change).status_code == 302
    row.refresh_from_db()
    assert row.response == "recurred"
    assert clinic_page.get(url("edit-management", case.pk + 1, row.pk)).status_code == 404


def test_the_naranjo_page_asks_ten_questions_and_computes(safety_page, case):
    page = safety_page.get(url("naranjo", case.pk)).content.decode()
    assert page.count("<fieldset") == 10
    assert "checked" not in page, "nothing is answered for anybody"
    safety_page.post(url("naranjo", case.pk), {f"q{k}": v for k, v in NARANJO_FIVE.items()})
    with scopes_disabled():
        row = Assessment.objects.get()
    assert (row.method, row.result, row.score) == ("naranjo", "probable", 5)
    assert safety_page.get(url("naranjo", case.pk)).content.decode().count("checked") == 10


def test_the_who_umc_page_shows_the_criteria_and_computes(safety_page, case):
    page = safety_page.get(url("who-umc", case.pk)).content.decode()
    for said in ("Certain", "Unassessable", "PMC6039921", "Rechallenge satisfactory"):
        assert said in page
    safety_page.post(url("who-umc", case.pk), UMC_PROBABLE)
    with scopes_disabled():
        assert Assessment.objects.get().result == "probable"


# --- reports ---------------------------------------------------------------------------------------


def test_a_report_is_written_read_and_downloaded(safety_page, safety_officer, full_case):
    response = safety_page.post(url("write-report", full_case.pk), {"key": str(uuid.uuid4())})
    with scopes_disabled():
        report = Report.objects.get()
    assert response.url == url("report", report.pk)
    page = safety_page.get(response.url).content.decode()
    assert report.sha256 in page
    assert "This is a draft" in page
    assert f'"{url("report-file", report.pk)}"' in page
    file = safety_page.get(url("report-file", report.pk))
    assert file["Content-Disposition"] == 'attachment; filename="OAK-2026-0001-1-DRAFT.xml"'
    assert file["Content-Type"].startswith("application/xml")
    assert file.content.decode() == report.content
    event = AuditEvent.objects.get(action="vigilance.report.downloaded")
    assert (event.actor, event.target_id) == (safety_officer.identity, str(report.pk))
    page = safety_page.get(url("case", full_case.pk)).content.decode()
    assert "Checked, nothing found" in page
    assert "changed since the last report" not in page
    safety_page.post(url("edit-outcome", full_case.pk), {"outcome": "1"})
    assert "changed since the last report" in safety_page.get(url("case", full_case.pk)).content.decode()


def test_the_same_press_twice_writes_one_report(safety_page, case):
    form = {"key": str(uuid.uuid4())}
    first = safety_page.post(url("write-report", case.pk), form)
    assert safety_page.post(url("write-report", case.pk), form).url == first.url
    assert count(Report) == 1


def test_a_refused_report_says_what_is_missing_on_the_case_page(safety_page, clinician, site):
    case = actions.open_case(by=clinician, site=site, term="fever", words="fever")
    assert "Not yet a valid report" in safety_page.get(url("case", case.pk)).content.decode()
    response = safety_page.post(url("write-report", case.pk))
    assert response.status_code == 422
    assert "A valid report needs a patient" in response.content.decode()
    assert count(Report) == 0


def test_findings_are_shown_with_their_element_and_place(safety_page, safety_officer, site, case):
    report = actions.write_report(by=safety_officer, site=site, case=case)
    finding = {
        "rule": "length",
        "element": "E.i.1.1a",
        "severity": "error",
        "path": "/MCCI",
        "message": "too long",
    }
    with scopes_disabled():
        Report.objects.filter(pk=report.pk).update(findings=[finding])
    page = safety_page.get(url("report", report.pk)).content.decode()
    for said in ("E.i.1.1a", "too long", "/MCCI", "Findings to read"):
        assert said in page


def test_reports_of_another_site_are_not_there(client_of, actor, other_site, safety_officer, site, case):
    report = actions.write_report(by=safety_officer, site=site, case=case)
    stranger = client_of(actor("safety_officer", other_site))
    assert stranger.get(url("report", report.pk)).status_code == 404
    assert stranger.get(url("report-file", report.pk)).status_code == 404
    assert not AuditEvent.objects.filter(action="vigilance.report.downloaded").exists()


def test_writing_a_report_is_not_a_matter_of_opening_an_address(safety_page, case):
    assert safety_page.get(url("write-report", case.pk)).status_code == 405
    assert count(Report) == 0
