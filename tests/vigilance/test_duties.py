"""The clocks of a stored case: facts, submissions with proof, reminders, and their pages."""

import datetime as dt
import json
import uuid

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from exovigil.catalogue.models import CompositionStatement
from exovigil.cli import clocks
from exovigil.governance.action import AlreadySubmitted, Refused
from exovigil.governance.actors import NotAllowed, system
from exovigil.governance.models import AuditEvent
from exovigil.vigilance import actions, queries
from exovigil.vigilance.actions import duties as duty_actions
from exovigil.vigilance.duty_models import CaseSubmission, DutyFacts, DutyReminder
from exovigil.vigilance.regimes.scales import own_questions

pytestmark = pytest.mark.django_db

FACTS = {"status": "cosmetic", "claim": "cosmetic", "role": "responsible_person"}
OWN = {q.code: "no" for q in own_questions()}
PAGE_FACTS = {**FACTS, "region": "GB", "day_zero": "", "expected": "unknown", "compared_with": "", **OWN}


def url(name, *args):
    return reverse(f"vigilance:{name}", args=args)


def stored(case):
    with scopes_disabled():
        return queries.case(case.pk)


def duties_of(case):
    with scopes_disabled():
        return queries.duties(queries.case(case.pk))


def rules_of(case):
    return {line.duty.rule.key for line in duties_of(case).lines}


def count(model):
    with scopes_disabled():
        return model.objects.count()


def receipt(name="receipt.pdf", content=b"%PDF received"):
    return SimpleUploadedFile(name, content)


def send(by, site, case, **changes):
    given = {"rule": "uk_clinician_medicine", "sent_on": dt.date(2026, 5, 1), "sent_to": "MHRA"}
    return actions.record_submission(by=by, site=site, case=case, **(given | changes))


@pytest.fixture
def safety_page(client_of, safety_officer):
    return client_of(safety_officer)


# --- what is owed ----------------------------------------------------------------------------------


def test_a_case_whose_product_says_nothing_is_filed_under_medicine(full_case):
    found = duties_of(full_case)
    assert rules_of(full_case) == {"uk_clinician_medicine"}
    assert found.routing.filings[0].is_flagged
    assert found.situation.day_zero == full_case.received_on


@pytest.mark.parametrize(
    ("basis", "rule"),
    [
        ("cosmetic_notification", "uk_human_cosmetic"),
        ("device_mark", "uk_clinician_device"),
        ("investigational", "uk_investigator"),
    ],
)
def test_the_legal_basis_of_the_catalogue_decides(full_case, basis, rule):
    CompositionStatement.objects.create(
        product=full_case.product, attribute="regulatory_basis", value=basis, basis="declared"
    )
    assert rule in rules_of(full_case)


def test_the_newest_statement_of_the_catalogue_counts(full_case):
    for value, day in (("device_mark", dt.date(2026, 1, 1)), ("licence", dt.date(2025, 1, 1))):
        CompositionStatement.objects.create(
            product=full_case.product,
            attribute="regulatory_basis",
            value=value,
            basis="declared",
            stated_on=day,
        )
    assert duties_of(full_case).situation.status == "device"


def test_facts_recorded_for_the_case_go_before_the_catalogue(clinician, site, full_case):
    CompositionStatement.objects.create(
        product=full_case.product, attribute="regulatory_basis", value="device_mark", basis="declared"
    )
    actions.record_duty_facts(by=clinician, site=site, case=full_case, **FACTS, answers=OWN)
    assert "uk_cosmetic_file" in rules_of(full_case)
    assert "uk_clinician_device" not in rules_of(full_case)


def test_day_0_can_be_later_than_the_first_word(clinician, site, full_case):
    later = full_case.received_on + dt.timedelta(days=7)
    before = duties_of(full_case).lines[0].duty.aim_on
    actions.record_duty_facts(
        by=clinician, site=site, case=full_case, **FACTS | {"role": "clinician"}, day_zero=later
    )
    [line] = [x for x in duties_of(full_case).lines if x.duty.rule.key == "uk_clinician_medicine"]
    assert line.duty.aim_on - before == dt.timedelta(days=7)


def test_what_is_unexpected_follows_from_the_comparison(clinician, site, full_case):
    for expected, answer in (
        ("listed", "no"),
        ("not_listed", "yes"),
        ("none", "yes"),
        ("unknown", "unknown"),
    ):
        actions.record_duty_facts(
            by=clinician, site=site, case=full_case, **FACTS, expected=expected, compared_with="Leaflet 2025"
        )
        assert duties_of(full_case).situation.unexpected == answer


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "herbal"}, "status"),
        ({"claim": "all"}, "claim"),
        ({"role": "friend"}, "role"),
        ({"region": "Mars"}, "region"),
        ({"expected": "perhaps"}, "expected"),
        ({"expected": "listed"}, "compared_with"),
        ({"answers": {"infection": "perhaps"}}, "infection"),
        ({"answers": {"death": "yes"}}, None),
        ({"day_zero": dt.date(2026, 1, 1)}, "day_zero"),
        ({"day_zero": dt.date(2999, 1, 1)}, "day_zero"),
    ],
)
def test_facts_that_cannot_be_are_refused_and_nothing_is_kept(clinician, site, full_case, changes, field):
    with pytest.raises(Refused) as refused:
        actions.record_duty_facts(by=clinician, site=site, case=full_case, **(FACTS | changes))
    assert refused.value.field == field
    assert count(DutyFacts) == 0


def test_facts_are_for_members_who_open_cases_at_the_site(actor, other_site, reviewer, site, full_case):
    with pytest.raises(NotAllowed):
        actions.record_duty_facts(by=reviewer, site=site, case=full_case, **FACTS)
    with pytest.raises(Refused):
        actions.record_duty_facts(by=actor("clinician", other_site), site=other_site, case=full_case, **FACTS)


# --- submissions -----------------------------------------------------------------------------------


def test_a_submission_is_recorded_with_its_sealed_proof(safety_officer, site, full_case):
    row = send(safety_officer, site, full_case, reference="GB-1", proof=receipt())
    assert (row.title, row.proof_kind) == ("Yellow Card, medicines", "pdf")
    assert b"received" not in bytes(row.proof)
    read = actions.read_proof(by=safety_officer, site=site, submission=row)
    assert read == b"%PDF received"
    assert AuditEvent.objects.filter(action="vigilance.submission.proof_read").count() == 1
    [line] = duties_of(full_case).lines
    assert line.state(timezone.localdate()) == ("Sent", "good")


def test_a_submission_sent_after_the_date_of_law_says_so(safety_officer, clinician, site, full_case):
    facts = FACTS | {"status": "licensed", "role": "holder"}
    actions.record_duty_facts(by=clinician, site=site, case=full_case, **facts)
    row = send(safety_officer, site, full_case, rule="uk_holder_serious", sent_on=dt.date(2026, 5, 6))
    assert row.due_on == dt.date(2026, 5, 5)
    [line] = duties_of(full_case).lines
    assert line.state(timezone.localdate())[0] == "Sent late"


def test_a_proof_that_was_changed_is_refused(safety_officer, site, full_case):
    row = send(safety_officer, site, full_case, proof=receipt())
    row.proof_sha256 = "0" * 64
    with pytest.raises(Refused, match="not the one"):
        actions.read_proof(by=safety_officer, site=site, submission=row)


def test_a_submission_without_proof_has_none_to_read(safety_officer, site, full_case):
    row = send(safety_officer, site, full_case)
    with pytest.raises(Refused, match="no proof"):
        actions.read_proof(by=safety_officer, site=site, submission=row)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": "nonsense"}, "rule"),
        ({"sent_on": dt.date(2999, 1, 1)}, "sent_on"),
        ({"sent_on": dt.date(2026, 4, 19)}, "sent_on"),
        ({"sent_to": " "}, "sent_to"),
        ({"proof": "evil.html"}, "proof"),
        ({"proof": "empty.pdf"}, "proof"),
    ],
)
def test_a_submission_that_cannot_be_is_refused(safety_officer, site, full_case, changes, field):
    if name := changes.get("proof"):
        changes = {"proof": receipt(name, b"" if "empty" in name else b"x")}
    with pytest.raises(Refused) as refused:
        send(safety_officer, site, full_case, **changes)
    assert refused.value.field == field
    assert count(CaseSubmission) == 0


def test_a_proof_too_large_is_refused(safety_officer, site, full_case, monkeypatch):
    monkeypatch.setattr(duty_actions, "PROOF_LIMIT", 10)
    with pytest.raises(Refused, match="5 MB"):
        send(safety_officer, site, full_case, proof=receipt())


def test_a_clinician_does_not_report(clinician, site, full_case):
    with pytest.raises(NotAllowed):
        send(clinician, site, full_case)


def test_sending_the_form_twice_records_one_submission(safety_officer, site, full_case):
    key = str(uuid.uuid4())
    first = send(safety_officer, site, full_case, key=key, proof=receipt())
    again = send(safety_officer, site, full_case, key=key, proof=receipt())
    assert first.pk == again.pk
    assert count(CaseSubmission) == 1
    with pytest.raises(AlreadySubmitted):
        send(safety_officer, site, full_case, key=key, proof=receipt(content=b"other"))


def test_what_was_sent_for_a_duty_that_no_longer_applies_stays_on_the_page(
    safety_page, safety_officer, clinician, site, full_case
):
    send(safety_officer, site, full_case, proof=receipt())
    actions.record_duty_facts(
        by=clinician, site=site, case=full_case, **FACTS | {"status": "device", "role": "manufacturer"}
    )
    page = safety_page.get(url("case", full_case.pk)).content.decode()
    assert "Sent for duties that no longer apply" in page
    assert "Yellow Card, medicines: 1 May 2026 to MHRA" in page


# --- reminders -------------------------------------------------------------------------------------


def remind(site, day):
    return actions.remind(by=system("Clocks"), site=site, as_of=day)


def test_one_reminder_for_each_duty_and_stage(safety_officer, site, full_case):
    aim = duties_of(full_case).lines[0].duty.aim_on
    assert remind(site, aim - dt.timedelta(days=4)) == []
    assert len(remind(site, aim - dt.timedelta(days=3))) == 1
    assert remind(site, aim) == []
    assert len(remind(site, aim + dt.timedelta(days=1))) == 1
    assert remind(site, aim + dt.timedelta(days=30)) == []
    assert [m.to for m in mail.outbox] == [["safety_officer@oak.example"]] * 2
    assert "reminder was 1 day ago" in mail.outbox[1].subject
    assert count(DutyReminder) == 2


def test_a_reminder_names_no_patient_and_says_what_is_not_law(safety_officer, site, full_case):
    remind(site, dt.date(2026, 5, 30))
    [sent] = mail.outbox
    assert "OAK-2026-0001" in sent.body
    assert "not a date of law" in sent.body
    assert full_case.patient.pseudonym not in sent.body
    assert full_case.words not in sent.body


def test_no_reminder_once_it_was_sent(safety_officer, site, full_case):
    send(safety_officer, site, full_case)
    assert remind(site, dt.date(2026, 6, 30)) == []
    assert mail.outbox == []


def test_without_anybody_to_remind_nothing_is_noted_as_reminded(site, full_case, safety_officer, member):
    from exovigil.governance.models import Membership

    with scopes_disabled():
        Membership.objects.filter(role="safety_officer").delete()
    assert remind(site, dt.date(2026, 6, 30)) == []
    assert count(DutyReminder) == 0


def test_a_mail_that_cannot_be_sent_is_tried_again(safety_officer, site, full_case, monkeypatch):
    def broken(*args):
        raise OSError("no mail server")

    monkeypatch.setattr(duty_actions, "send_mail", broken)
    with pytest.raises(OSError, match="no mail server"):
        remind(site, dt.date(2026, 6, 30))
    assert count(DutyReminder) == 0
    monkeypatch.undo()
    assert len(remind(site, dt.date(2026, 6, 30))) == 1


def test_the_command_reminds_every_site_once(safety_officer, site, other_site, full_case, capsys):
    assert clocks.run("2026-06-30", True) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(r["site"], r["case"], r["stage"]) for r in found["reminders"]] == [
        ("oak", "OAK-2026-0001", "late")
    ]
    assert clocks.run("2026-06-30", True) == 0
    assert json.loads(capsys.readouterr().out)["reminders"] == []


# --- pages -----------------------------------------------------------------------------------------


def test_the_case_page_says_who_must_hear_with_reasons_and_sources(safety_page, full_case):
    page = safety_page.get(url("case", full_case.pk)).content.decode()
    for said in (
        "Who must hear, by when, how",
        "Yellow Card to MHRA",
        "Its status in law is not known; it is filed under medicine until somebody finds out.",
        "What is the product in law: medicine, cosmetic, device?",
        "no date in law; this registry reminds on <strong>5 May 2026</strong>",
        "US cosmetics: MoCRA, section 605",
        "NHS formulary on what health professionals report",
    ):
        assert said in page


def test_what_was_only_recalled_is_shown_as_unverified(safety_page, clinician, site, full_case):
    facts = FACTS | {"status": "licensed", "role": "holder", "region": "US", "expected": "none"}
    actions.record_duty_facts(by=clinician, site=site, case=full_case, **facts)
    page = safety_page.get(url("case", full_case.pk)).content.decode()
    assert "15-day alert report" in page
    assert "Unverified" in page
    assert "21 CFR 600.80 and 314.80, recalled" in page


def test_facts_are_recorded_on_their_page(safety_page, full_case):
    answer = safety_page.post(url("edit-duty-facts", full_case.pk), PAGE_FACTS)
    assert answer.status_code == 302
    facts = stored(full_case).duty_facts
    assert (facts.status, facts.role, facts.answers) == ("cosmetic", "responsible_person", OWN)


def test_bad_facts_are_shown_beside_the_field_and_change_nothing(safety_page, full_case):
    answer = safety_page.post(url("edit-duty-facts", full_case.pk), PAGE_FACTS | {"expected": "listed"})
    assert answer.status_code == 422
    assert "Name the leaflet" in answer.content.decode()
    assert count(DutyFacts) == 0


def test_a_submission_is_recorded_on_its_page_and_its_proof_handed_out(safety_page, full_case):
    page = safety_page.get(url("add-submission", full_case.pk) + "?rule=uk_clinician_medicine")
    assert '<option value="uk_clinician_medicine" selected>' in page.content.decode()
    answer = safety_page.post(
        url("add-submission", full_case.pk),
        {
            "rule": "uk_clinician_medicine",
            "sent_on": "2026-05-01",
            "sent_to": "MHRA",
            "reference": "GB-77",
            "proof": receipt(),
        },
    )
    assert answer.status_code == 302
    with scopes_disabled():
        row = CaseSubmission.objects.get()
    page = safety_page.get(url("case", full_case.pk)).content.decode()
    assert "GB-77" in page
    assert row.proof_sha256 in page
    proof = safety_page.get(url("submission-proof", row.pk))
    assert proof.content == b"%PDF received"
    assert proof["Content-Disposition"] == f'attachment; filename="OAK-2026-0001-{row.pk}.pdf"'


def test_a_bad_submission_changes_nothing(safety_page, full_case):
    answer = safety_page.post(url("add-submission", full_case.pk), {"rule": "", "sent_on": "", "sent_to": ""})
    assert answer.status_code == 422
    assert "Choose the duty that this submission meets." in answer.content.decode()
    assert count(CaseSubmission) == 0


def test_no_proof_is_not_found(safety_page, safety_officer, site, full_case):
    row = send(safety_officer, site, full_case)
    assert safety_page.get(url("submission-proof", row.pk)).status_code == 404


def test_the_worklist_by_due_date_shows_the_next_first_and_drops_what_is_met(
    safety_page, safety_officer, clinician, site, full_case
):
    actions.record_duty_facts(
        by=clinician, site=site, case=full_case, **FACTS | {"role": "clinician"}, answers=OWN
    )
    page = safety_page.get(url("due")).content.decode()
    assert "Some are overdue" not in page  # a reminder of ours is no date of law
    places = [page.index(words) for words in ("5 May 2026", "No date")]
    assert places == sorted(places)
    for rule in rules_of(full_case):
        send(safety_officer, site, full_case, rule=rule)
    assert "Nothing is owed" in safety_page.get(url("due")).content.decode()


def test_the_worklist_by_due_date_says_when_a_date_of_law_has_passed(safety_page, clinician, site, full_case):
    actions.record_duty_facts(
        by=clinician, site=site, case=full_case, **FACTS | {"status": "licensed", "role": "holder"}
    )
    page = safety_page.get(url("due")).content.decode()
    assert "Some are overdue" in page
    assert "Overdue by" in page


def test_another_site_sees_neither_the_duties_nor_the_proof(
    client_of, actor, other_site, safety_officer, site, full_case
):
    row = send(safety_officer, site, full_case, proof=receipt())
    elsewhere = client_of(actor("safety_officer", other_site))
    assert "OAK-2026-0001" not in elsewhere.get(url("due")).content.decode()
    assert elsewhere.get(url("submission-proof", row.pk)).status_code == 404


def test_the_worklist_by_due_date_needs_the_same_queries_for_many_cases(
    safety_page, clinician, site, make_treatment, make_answer, django_assert_max_num_queries
):
    for number in range(12):
        treatment = make_treatment(site, pseudonym=f"P-{number:04d}x")
        actions.open_case(
            by=clinician, site=site, treatment=treatment, term="nodule", words="lump",
            received_on=dt.date(2026, 4, 20),
        )  # fmt: skip
    with django_assert_max_num_queries(16):
        page = safety_page.get(url("due"))
    assert page.content.decode().count('#duties"') == 12


def test_open_duties_are_those_of_the_scope(full_case, site, other_site):
    with scope(site=[site.pk]):
        assert len(queries.open_duties()) == 1
    with scope(site=[other_site.pk]):
        assert queries.open_duties() == []
