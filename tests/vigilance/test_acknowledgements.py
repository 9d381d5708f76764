"""Receivers' answers: what they mean, which report they find, and what they change."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django_scopes import scope, scopes_disabled
from hypothesis import given
from hypothesis import strategies as st

from exovigil.cli import acknowledgements as command
from exovigil.governance.action import Refused
from exovigil.governance.models import AuditEvent
from exovigil.governance.vault import unseal
from exovigil.vigilance import actions, queries
from exovigil.vigilance.ack_verdict import verdict_on
from exovigil.vigilance.e2b.acknowledgement import Acknowledgement as Read
from exovigil.vigilance.e2b.acknowledgement import Answer
from exovigil.vigilance.models import Acknowledgement, Case, CaseSubmission
from tests.outside_files import acknowledgement, acknowledgement_upload

RULE = "uk_clinician_medicine"


# ---- pure ----


def read(batch, *messages):
    return Read("1", "R", "S", "", Answer("B-1", batch, ""), messages)


@pytest.mark.parametrize(
    ("batch", "messages", "state"),
    [
        ("AA", [Answer("M", "CA", "")], "accepted"),
        ("AA", [Answer("M", "CA", "Report Loaded Successfully")], "accepted"),
        ("AA", [Answer("M", "CA", "Warning: E.i.7 unusual")], "remarks"),
        ("AA", [Answer("M", "CA", "See our letter")], "remarks"),
        ("AE", [Answer("M", "CA", "")], "accepted"),  # another message of the batch failed, not this one
        ("AE", [Answer("M", "CR", "C.1.7 missing")], "rejected"),
        ("AA", [Answer("M", "CE", "")], "rejected"),
        ("AA", [], "accepted"),
        ("AE", [], "rejected"),
        ("AR", [], "rejected"),
        ("AA", [Answer("another", "CR", ""), Answer("M", "CA", "")], "accepted"),
        ("AE", [Answer("another", "CA", ""), Answer("third", "CA", "")], "rejected"),  # silent about this one
        ("ZZ", [], "rejected"),
        ("AA", [Answer("M", "ZZ", "")], "rejected"),
    ],
)
def test_what_an_answer_means_for_one_report(batch, messages, state):
    assert verdict_on(read(batch, *messages), "M").state == state


def test_the_reason_is_in_words_with_the_receivers_own():
    found = verdict_on(read("AE", Answer("M", "CR", "C.1.7 missing", "L-7")), "M")
    assert (found.code, found.local_number) == ("CR", "L-7")
    assert found.reason == "rejected: the report was not loaded; correct it and send it again; C.1.7 missing"


@given(st.text(max_size=3), st.text(max_size=3))
def test_only_known_codes_of_acceptance_accept(batch, message):
    found = verdict_on(read(batch, Answer("M", message, "")), "M")
    assert (found.state == "rejected") == (message not in {"AA", "CA"})


# ---- with a case ----


@pytest.fixture
def report(full_case, safety_officer, site):
    return actions.write_report(by=safety_officer, site=site, case=full_case)


@pytest.fixture
def submission(report, safety_officer, site):
    return actions.record_submission(
        by=safety_officer,
        site=site,
        case=report.case,
        rule=RULE,
        sent_on=timezone.localdate(),
        sent_to="MHRA",
        report=report,
    )


def answer(by, site, report, submission=None, **said):
    return actions.receive_acknowledgement(
        by=by, site=site, source=acknowledgement_upload(report.batch, **said), submission=submission
    )


def now(row):
    with scopes_disabled():
        return type(row).objects.get(pk=row.pk)


def line(case):
    with scopes_disabled():
        found = queries.duties(queries.case(case.pk))
    return next(one for one in found.lines if one.duty.rule.key == RULE)


def test_an_accepted_report_sets_submission_and_case_and_is_kept_sealed(
    report, submission, safety_officer, site
):
    row = answer(safety_officer, site, report)
    assert (row.verdict, row.submission_id, row.message_code) == ("accepted", submission.pk, "CA")
    assert now(submission).answer == "accepted"
    assert now(report.case).state == "accepted"
    assert line(report.case).state(timezone.localdate())[0].startswith("Accepted")
    assert b"NOWHERE" not in bytes(row.content)
    assert unseal(bytes(row.content)) == acknowledgement(report.batch)


def test_a_rejected_report_is_owed_again_with_its_clock_still_running(
    report, submission, safety_officer, site
):
    before = line(report.case)
    assert before.is_met
    row = answer(safety_officer, site, report, code="AE", message_code="CR", reason="C.1.7 missing")
    after = line(report.case)
    assert (row.verdict, now(submission).answer) == ("rejected", "rejected")
    assert not after.is_met
    assert after.duty.date == before.duty.date
    assert after.state(timezone.localdate())[0].startswith("Rejected by the receiver; ")
    assert now(report.case).state == "open"
    with scope(site=[site.pk]):
        assert (report.case_id, RULE) in {(d.case.pk, d.duty.rule.key) for d in queries.open_duties()}


def test_sent_again_and_accepted_the_duty_is_met(report, submission, safety_officer, site):
    answer(safety_officer, site, report, code="AE", message_code="CR")
    second = actions.write_report(by=safety_officer, site=site, case=report.case)
    actions.record_submission(
        by=safety_officer,
        site=site,
        case=report.case,
        rule=RULE,
        sent_on=timezone.localdate(),
        sent_to="MHRA",
        report=second,
    )
    assert line(report.case).is_met
    answer(safety_officer, site, second)
    assert now(submission).answer == "rejected"
    assert now(report.case).state == "accepted"
    assert "Accepted" in line(report.case).state(timezone.localdate())[0]


def test_the_same_answer_twice_changes_nothing(report, submission, safety_officer, site):
    first = answer(safety_officer, site, report, code="AE", message_code="CR")
    actions.record_outcome(by=safety_officer, site=site, case=now(report.case), outcome="1")
    held = now(report.case).state, now(submission).answer
    second = answer(safety_officer, site, report, code="AE", message_code="CR")
    assert second == first
    assert (now(report.case).state, now(submission).answer) == held
    with scopes_disabled():
        assert Acknowledgement.objects.count() == 1
    assert AuditEvent.objects.filter(action="vigilance.acknowledgement.read_again").count() == 1


def test_an_answer_to_an_older_report_leaves_the_case_as_it_is(report, submission, safety_officer, site):
    actions.record_outcome(by=safety_officer, site=site, case=now(report.case), outcome="1")
    assert now(report.case).state == "open"
    answer(safety_officer, site, report)
    assert now(report.case).state == "open"  # what changed since was not told yet
    assert now(submission).answer == "accepted"


def test_an_answer_to_a_batch_of_nobody_says_so(report, safety_officer, site):
    with pytest.raises(Refused, match=r"GB-NOBODY-1-1.*did not write") as refused:
        actions.receive_acknowledgement(
            by=safety_officer, site=site, source=acknowledgement_upload("GB-NOBODY-1-1")
        )
    assert refused.value.field == "source"
    with scopes_disabled():
        assert not Acknowledgement.objects.exists()


def test_another_sites_report_is_not_found(report, actor, other_site):
    with pytest.raises(Refused, match="did not write"):
        answer(actor("safety_officer", other_site), other_site, report)


def test_from_a_submissions_page_only_its_own_answer_is_taken(report, safety_officer, site):
    unnamed = actions.record_submission(
        by=safety_officer,
        site=site,
        case=report.case,
        rule=RULE,
        sent_on=timezone.localdate(),
        sent_to="MHRA",
    )
    answer(safety_officer, site, report, submission=unnamed)
    assert (now(unnamed).answer, now(unnamed).report_id) == ("accepted", report.pk)
    second = actions.write_report(by=safety_officer, site=site, case=report.case)
    with pytest.raises(Refused, match="not what was sent here"):
        answer(safety_officer, site, second, submission=now(unnamed))


@pytest.mark.parametrize(
    "data", [b"<!DOCTYPE a><a/>", b"<a>" * 300 + b"</a>" * 300, b"", b"<html/>", b"\x00"]
)
def test_what_is_no_safe_acknowledgement_is_refused(report, safety_officer, site, data):
    with pytest.raises(Refused, match="no acknowledgement that can be read"):
        actions.receive_acknowledgement(
            by=safety_officer, site=site, source=SimpleUploadedFile("a.ack", data)
        )


def test_the_file_that_was_sent_must_be_of_the_case(
    report, make_answer, make_treatment, safety_officer, site
):
    other = actions.open_case(
        by=safety_officer, site=site, treatment=make_treatment(site, "P-0002"), term="nodule", words="lump"
    )
    with pytest.raises(Refused, match="another case"):
        actions.record_submission(
            by=safety_officer,
            site=site,
            case=other,
            rule=RULE,
            sent_on=timezone.localdate(),
            sent_to="MHRA",
            report=report,
        )


def test_the_case_page_shows_the_answer_with_its_reason(report, submission, safety_officer, site, client_of):
    answer(safety_officer, site, report, code="AE", message_code="CR", reason="C.1.7 missing")
    page = client_of(safety_officer).get(f"/cases/{report.case_id}/").content.decode()
    assert "rejected: the report was not loaded" in page
    assert "C.1.7 missing" in page
    due = client_of(safety_officer).get("/cases/due/").content.decode()
    assert "Rejected by the receiver" in due


def test_the_page_takes_the_file_and_shows_what_is_wrong_with_another(
    report, submission, safety_officer, client_of
):
    page, url = client_of(safety_officer), f"/cases/submissions/{submission.pk}/acknowledgement/"
    wrong = page.post(url, {"source": acknowledgement_upload("GB-NOBODY-1-1")})
    assert wrong.status_code == 422
    assert "this site did not write" in wrong.content.decode()
    right = page.post(url, {"source": acknowledgement_upload(report.batch)})
    assert (right.status_code, right["Location"]) == (302, f"/cases/{report.case_id}/#reports")
    assert now(submission).answer == "accepted"


def test_the_command_matches_files_to_the_reports_of_a_site(report, submission, site, tmp_path, capsys):
    good, strange = tmp_path / "good.ack", tmp_path / "strange.ack"
    good.write_bytes(acknowledgement(report.batch, code="AE", message_code="CR"))
    strange.write_bytes(acknowledgement("GB-NOBODY-1-1"))
    assert command.run([good], "oak") == 1
    assert f"report 1 of case {report.case.number}: Rejected" in capsys.readouterr().out.replace("\n", " ")
    assert now(submission).answer == "rejected"
    assert command.run([strange], "oak") == 2
    with scopes_disabled():
        assert CaseSubmission.objects.count() == Acknowledgement.objects.count() == Case.objects.count() == 1
