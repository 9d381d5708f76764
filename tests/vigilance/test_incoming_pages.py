"""The public form and the pages of the inbox, as a browser sends and reads them."""

import importlib
import uuid

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_scopes import scopes_disabled

from exovigil.governance import actors
from exovigil.vigilance import actions
from exovigil.vigilance.actions import intake
from exovigil.vigilance.models import Case, CaseVersion, IncomingReport, Report
from tests.outside_files import e2b_upload

pytestmark = pytest.mark.django_db
GOOD = {
    "words": "a hard lump",
    "outcome": "0",
    "product_words": "Inventa",
    "sex": "female",
    "reporter": "5",
    "reporter_name": "Nobody Real",
    "may_contact": "no",
    "agreed": "on",
}


def good(**changes):
    return {"key": str(uuid.uuid4())} | GOOD | changes


def rows():
    with scopes_disabled():
        return list(IncomingReport.objects.order_by("pk"))


@pytest.fixture
def told(site):
    said = {"words": "a hard lump", "product_words": "Inventa", "sex": "female", "reporter": "5"}
    return actions.tell_from_outside(
        by=actors.outside(site.pk), site=site, told=said | {"reporter_name": "Nobody Real"}
    )


def test_anybody_tells_a_place_and_is_given_a_number(site):
    client = Client()
    assert b"Oakfield Skin Clinic" in client.get("/report/").content
    assert client.get("/report/nowhere/").status_code == 404
    page = client.post("/report/oak/", good())
    (row,) = rows()
    assert page.status_code == 200
    assert row.number in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert (row.source, row.is_valid, row.may_contact) == ("outside", True, False)
    assert "sessionid" not in page.cookies


def test_sent_twice_it_is_one_report_and_altered_it_is_refused(site):
    client, said = Client(), good()
    first, second = (client.post("/report/oak/", said).content.decode() for _ in range(2))
    (row,) = rows()
    assert row.number in first
    assert row.number in second
    other = client.post("/report/oak/", said | {"words": "something else"})
    assert other.status_code == 422
    assert "already sent, with other answers" in other.content.decode()
    assert len(rows()) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"words": " "}, "Tell us what happened"),
        ({"words": "x" * 20_001}, "20000 characters"),
        ({"age": "old"}, "in figures"),
        ({"age": "999"}, "Check the age"),
        ({"reporter": ""}, "Choose who you are"),
        ({"agreed": ""}, "Tick this"),
        ({"onset": "2999-01-01"}, "future"),
        ({"words": "nul\0"}, "Null characters"),
        ({"key": "no key"}, "This form is damaged"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(site, change, says):
    page = Client().post("/report/oak/", good(**change))
    assert page.status_code == 422
    assert says in page.content.decode()
    assert rows() == []


def test_too_many_are_told_to_call(site, monkeypatch):
    monkeypatch.setattr(intake, "PER_ADDRESS", 1)
    client = Client()
    assert client.post("/report/oak/", good()).status_code == 200
    page = client.post("/report/oak/", good())
    assert page.status_code == 429
    assert "0113 496 0000" in page.content.decode()
    (row,) = rows()
    assert row.sent_from
    assert "127.0.0.1" not in row.sent_from


def test_a_forged_post_without_the_forms_token_is_refused(site):
    assert Client(enforce_csrf_checks=True).post("/report/oak/", good()).status_code == 403
    assert rows() == []


def test_names_are_shown_on_asking_only(told, safety_officer, clinician, client_of):
    page = client_of(safety_officer)
    assert "Nobody Real" not in page.get(f"/cases/incoming/{told.pk}/").content.decode()
    assert "Nobody Real" in page.post(f"/cases/incoming/{told.pk}/people/").content.decode()
    assert client_of(clinician).post(f"/cases/incoming/{told.pk}/people/").status_code == 403
    assert "Nobody Real" not in page.get("/cases/incoming/?export=csv").content.decode()


def test_a_hostile_file_is_refused_on_the_page(safety_officer, client_of):

    hostile = SimpleUploadedFile("x.xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')
    page = client_of(safety_officer).post(
        "/cases/incoming/file/", {"source": hostile, "received_on": "2026-03-20"}
    )
    assert page.status_code == 422
    assert "was not opened" in page.content.decode()
    assert rows() == []


def test_a_file_is_brought_in_read_opened_and_added(safety_officer, client_of, case):
    page = client_of(safety_officer)
    sent = page.post("/cases/incoming/file/", {"source": e2b_upload(), "received_on": "2026-04-20"})
    assert sent["Location"] == "/cases/incoming/"
    (row,) = rows()
    read = page.get(f"/cases/incoming/{row.pk}/").content.decode()
    assert "hard lumps on the cheek" in read
    assert "held, not shown here" in read  # the reporter's name
    assert "Nobody" not in read
    said = {"case_number": case.number, "take": ["words"], "reason": "One woman, one lump."}
    wrong = page.post(f"/cases/incoming/{row.pk}/add/", said | {"case_number": "OAK-1999-0001"})
    assert wrong.status_code == 422
    added = page.post(f"/cases/incoming/{row.pk}/add/?case={case.number}", said)
    assert added["Location"] == f"/cases/{case.pk}/#versions"
    with scopes_disabled():
        assert CaseVersion.objects.filter(case=case).count() == 2
    assert row.number in page.get(f"/cases/{case.pk}/").content.decode()


def test_a_valid_report_becomes_a_case_by_its_form(told, safety_officer, client_of):
    page, url = client_of(safety_officer), f"/cases/incoming/{told.pk}/open/"
    assert page.get(url).status_code == 200
    done = page.post(url, {"key": str(uuid.uuid4()), "term": "nodule", "words": "a hard lump"})
    with scopes_disabled():
        case = Case.objects.get()
    assert done["Location"] == f"/cases/{case.pk}/"
    assert page.get(done["Location"]).status_code == 200


def test_completing_and_chasing_by_form(told, safety_officer, client_of):
    page = client_of(safety_officer)
    wrong = page.post(f"/cases/incoming/{told.pk}/chase/", {"chased_on": "2999-01-01"})
    assert wrong.status_code == 422
    said = GOOD | {"heard_on": told.received_on.isoformat(), "lot_words": "LX-9", "reporter_name": ""}
    assert page.post(f"/cases/incoming/{told.pk}/complete/", said).status_code == 302
    (row,) = rows()
    assert (row.lot_words, row.reporter_name) == ("LX-9", "Nobody Real")


def test_reports_written_before_are_given_their_batch_number(full_case, safety_officer, site):
    report = actions.write_report(by=safety_officer, site=site, case=full_case)
    with scopes_disabled():
        Report.objects.update(batch="")
        module = importlib.import_module("exovigil.vigilance.migrations.0005_intake_and_acknowledgements")
        module.note_batch_numbers(apps, None)
        assert Report.objects.get().batch == report.batch == f"GB-EXOVIGIL-{full_case.number}-1"
