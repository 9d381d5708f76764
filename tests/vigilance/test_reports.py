"""The file of a case: valid, checked, masked, kept; refused while a minimum criterion is missing."""

import datetime as dt
import hashlib
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone
from django_scopes import scopes_disabled

from exovigil.catalogue.models import Lot
from exovigil.clinic.models import Patient, PatientIdentity
from exovigil.foundation.partial_date import PartialDate
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent
from exovigil.vigilance import actions, queries
from exovigil.vigilance.e2b.checker import check
from exovigil.vigilance.e2b.model import NullFlavor
from exovigil.vigilance.icsr_of import icsr_of
from exovigil.vigilance.models import Case, Report
from tests.vigilance.conftest import ANSWERED

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 10, 9, 0, tzinfo=dt.UTC)


def icsr(case):
    with scopes_disabled():
        return icsr_of(queries.case(case.pk), created=NOW)


def count():
    with scopes_disabled():
        return Report.objects.count()


def test_the_checker_finds_nothing_in_the_file_of_a_full_case(safety_officer, site, full_case):
    report = actions.write_report(by=safety_officer, site=site, case=full_case)
    assert report.findings == []
    assert (report.number, report.is_draft) == (1, True)
    assert report.sha256 == hashlib.sha256(report.content.encode()).hexdigest()
    assert check(report.content.encode()) == ()
    with scopes_disabled():
        assert queries.case(full_case.pk).state == Case.State.REPORTED
    event = AuditEvent.objects.get(action="vigilance.report.written")
    assert report.sha256 in event.data


def test_the_file_is_valid_by_the_ich_schema(shared, safety_officer, site, full_case):
    schemas = shared / "data" / "e2b" / "schemas"
    if not schemas.is_dir():
        pytest.skip("the ICH schema set is not on this machine")
    report = actions.write_report(by=safety_officer, site=site, case=full_case)
    assert check(report.content.encode(), schemas=schemas) == ()


def test_a_case_just_opened_gives_a_file_without_findings_too(safety_officer, site, case):
    assert actions.write_report(by=safety_officer, site=site, case=case).findings == []


def test_reports_are_numbered_and_the_earlier_one_stays_as_it_was(safety_officer, site, case):
    first = actions.write_report(by=safety_officer, site=site, case=case)
    before = first.content
    actions.write_narrative(by=safety_officer, site=site, case=case, narrative="A new telling.")
    second = actions.write_report(by=safety_officer, site=site, case=case)
    assert second.number == 2
    assert "A new telling." in second.content
    first.refresh_from_db()
    assert first.content == before


def test_the_same_press_twice_writes_one_report(safety_officer, site, case):
    key = str(uuid.uuid4())
    first = actions.write_report(by=safety_officer, site=site, case=case, key=key)
    assert actions.write_report(by=safety_officer, site=site, case=case, key=key) == first
    assert count() == 1


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "a patient"),
        ({}, "a suspect product"),
        ({"with_patient": True}, "a suspect product"),
    ],
)
def test_a_missing_minimum_criterion_is_named_and_nothing_written(
    clinician, safety_officer, site, treatment, given, named
):
    patient = treatment.patient if given else None
    case = actions.open_case(by=clinician, site=site, patient=patient, term="fever", words="fever")
    with pytest.raises(Refused, match=named) as refused:
        actions.write_report(by=safety_officer, site=site, case=case)
    assert ("a patient" in refused.value.message) is (patient is None)
    assert count() == 0
    with scopes_disabled():
        assert queries.case(case.pk).state == Case.State.OPEN


def test_only_a_safety_officer_writes_reports(clinician, site, case):
    with pytest.raises(NotAllowed):
        actions.write_report(by=clinician, site=site, case=case)
    assert count() == 0


def test_the_patient_is_masked_and_no_pseudonym_leaves(safety_officer, site, full_case):
    with scopes_disabled():
        PatientIdentity.objects.create(site=site, patient=full_case.patient, name="Testa Notreal")
    content = actions.write_report(by=safety_officer, site=site, case=full_case).content
    assert full_case.patient.pseudonym not in content
    assert "Notreal" not in content
    assert icsr(full_case).patient.initials is NullFlavor.MASKED


def test_the_report_says_what_the_record_says(full_case):
    found = icsr(full_case)
    assert found.report_id == f"GB-EXOVIGIL-{full_case.number}"
    assert (found.first_received, found.most_recent) == (ANSWERED, timezone.localdate())
    assert found.expedited is NullFlavor.NO_INFORMATION
    assert (found.sender.organisation, found.sender.department) == ("EXOVIGIL", "Oakfield Skin Clinic")
    assert (found.reporters[0].qualification, found.reporters[0].country) == ("5", "GB")
    assert (found.patient.sex, found.patient.age) == ("2", 42)
    reaction = found.reactions[0]
    assert (reaction.words, reaction.outcome) == ("hard lumps on my cheek", "2")
    assert reaction.serious == {"f"}
    assert reaction.term is not None
    assert reaction.term.code == "C3064"
    assert reaction.start == PartialDate(2026, 4, 8)
    assert reaction.confirmed is True
    drug = found.drugs[0]
    assert (drug.name, drug.role, drug.action, drug.rechallenge) == (
        "Inventa E1",
        "1",
        "9",
        (("reaction", "4"),),
    )
    dosage = drug.dosages[0]
    assert (dosage.lot, dosage.dose, dosage.unit) == ("LX-01", Decimal("2.5"), "mL")
    assert (dosage.start, dosage.route) == (PartialDate(2026, 3, 2), "Topical with microneedling")
    assert "lidocaine cream" in (dosage.text or "")
    assert [(a.method, a.result) for a in drug.assessments] == [
        ("WHO-UMC", "Probable"),
        ("Naranjo", "Probable (score 5)"),
    ]
    tests = {test.name: test for test in found.tests}
    assert "Fungal culture" not in tests, "what was not done is no test"
    assert tests["Biopsy with histology"].code is None
    assert tests["Biopsy with histology"].text == "Necrotising granuloma"
    assert tests["Mycobacterial culture"].code == "2"
    assert tests["Ultrasound"].more_available is True
    assert tests["Ultrasound"].date is NullFlavor.UNKNOWN
    assert "Necrotising granuloma" in found.narrative


@pytest.mark.parametrize(
    ("sex", "sent"),
    [
        ("male", "1"),
        ("other", None),
        ("unknown", NullFlavor.UNKNOWN),
        ("not_asked", NullFlavor.NOT_ASKED),
        ("refused", NullFlavor.ASKED_BUT_UNKNOWN),
    ],
)
def test_why_the_sex_is_missing_is_sent(case, sex, sent):
    with scopes_disabled():
        Patient.objects.filter(pk=case.patient_id).update(sex=sex, birth_year=None)
    found = icsr(case)
    assert (found.patient.sex, found.patient.age) == (sent, None)


@pytest.mark.parametrize(("reporter", "sent"), [("1", "1"), ("unknown", NullFlavor.UNKNOWN)])
def test_the_clinic_reports_under_its_own_name(clinician, site, treatment, reporter, sent):
    case = actions.open_case(
        by=clinician,
        site=site,
        treatment=treatment,
        term="pain",
        words="sore",
        reporter=reporter,
        received_on=ANSWERED,
    )
    found = icsr(case).reporters[0]
    assert (found.qualification, found.organisation) == (sent, "Oakfield Skin Clinic")


def test_long_words_are_cut_in_their_element_and_given_whole_beside_it(safety_officer, clinician, site, case):
    words = "lump " * 80
    actions.record_what_happened(by=clinician, site=site, case=case, term="nodule", words=words)
    found = icsr(case)
    assert len(found.reactions[0].words) == 250
    assert found.reporter_comments == words.strip()
    assert actions.write_report(by=safety_officer, site=site, case=case).findings == []


def test_a_lot_past_its_expiry_and_a_dose_in_vials_are_told(clinician, site, make_treatment, lot):
    Lot.objects.filter(pk=lot.pk).update(expires_on=dt.date(2026, 2, 1))
    lot.refresh_from_db()
    treatment = make_treatment(site, dose=Decimal(1), dose_unit="vial", route="unknown", lot=lot)
    case = actions.open_case(
        by=clinician, site=site, treatment=treatment, term="pain", words="sore", received_on=ANSWERED
    )
    drug = icsr(case).drugs[0]
    assert drug.information == ("4",)
    assert drug.action == "0", "when it began is not known, so nor is whether the treatment was over"
    assert (drug.dosages[0].dose, drug.dosages[0].unit) == (None, None)
    assert (drug.dosages[0].text or "").startswith("1 vial")
    assert drug.dosages[0].route is NullFlavor.UNKNOWN


def test_the_saved_narrative_goes_out_instead_of_the_draft(safety_officer, site, case):
    actions.write_narrative(by=safety_officer, site=site, case=case, narrative="As I would tell it.")
    assert icsr(case).narrative == "As I would tell it."


def test_a_file_that_leaves_is_noted(clinician, actor, site, other_site, safety_officer, case):
    report = actions.write_report(by=safety_officer, site=site, case=case)
    assert actions.hand_out_report(by=clinician, site=site, report=report) == report
    event = AuditEvent.objects.get(action="vigilance.report.downloaded")
    assert event.actor == clinician.identity
    with pytest.raises(Refused, match="another site"):
        actions.hand_out_report(by=actor("clinician", other_site), site=other_site, report=report)


def test_news_after_a_report_opens_the_case_again(clinician, safety_officer, site, case):
    def state_after(act, **values):
        actions.write_report(by=safety_officer, site=site, case=case)
        with scopes_disabled():
            reported = queries.case(case.pk)
            assert reported.state == Case.State.REPORTED
            act(site=site, case=reported, **values)
            return queries.case(case.pk).state

    assert state_after(actions.record_outcome, by=clinician, outcome="1") == Case.State.OPEN
    assert state_after(actions.write_narrative, by=safety_officer, narrative="New.") == Case.State.OPEN
    biopsy = {"kind": "biopsy", "result": "pending"}
    assert state_after(actions.record_investigation, by=clinician, **biopsy) == Case.State.OPEN
    answers = {str(n): "unknown" for n in range(1, 11)}
    judged = {"method": "naranjo", "answers": answers}
    assert state_after(actions.assess_causality, by=safety_officer, **judged) == Case.State.OPEN
