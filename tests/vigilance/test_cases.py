"""Opening a case and recording into it: every rule, and nothing changed when one is broken."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent
from exovigil.vigilance import actions, queries, seriousness
from exovigil.vigilance.facts import is_serious, missing_minimum, onset_latency, warnings_of
from exovigil.vigilance.labels import region_labels
from exovigil.vigilance.latency import Latency, latency
from exovigil.vigilance.models import Case, Investigation, Management
from exovigil.vigilance.narrative import draft_narrative
from exovigil.vigilance.seriousness import Answer
from exovigil.vigilance.timeline import timeline
from tests.vigilance.conftest import ANSWERED, TREATED

pytestmark = pytest.mark.django_db


def count(model):
    with scopes_disabled():
        return model.objects.count()


def file_of(case):
    with scopes_disabled():
        return queries.case(case.pk)


# --- opening ---------------------------------------------------------------------------------------


def test_an_answer_becomes_a_case_that_knows_patient_product_and_lot(clinician, site, answer, treatment):
    case = actions.open_case(
        by=clinician, site=site, answer=answer, term="nodule", words="lumps", reporter="1"
    )
    assert case.number == "OAK-2026-0001"
    assert (case.patient, case.treatment, case.product, case.lot) == (
        treatment.patient,
        treatment,
        treatment.product,
        treatment.lot,
    )
    assert (case.product_status, case.lot_status) == ("known", "known")
    assert (case.received_on, case.informed_on) == (ANSWERED, ANSWERED)
    assert case.source == "patient"
    assert case.reporter == "5", "who answers by the patient's link is the patient, whatever was chosen"
    assert set(case.seriousness.values()) == {"not_asked"}
    event = AuditEvent.objects.get(action="vigilance.case.opened")
    assert event.target_id == str(case.pk)
    assert "lumps" not in event.data


def test_an_answer_becomes_one_case_only(clinician, site, case, answer):
    with pytest.raises(Refused, match="already case OAK-2026-0001"):
        actions.open_case(by=clinician, site=site, answer=answer, term="nodule", words="again")
    assert count(Case) == 1


def test_the_same_form_twice_opens_one_case(clinician, site, answer):
    form = {"site": site, "answer": answer, "term": "nodule", "words": "lumps", "key": str(uuid.uuid4())}
    assert actions.open_case(by=clinician, **form) == actions.open_case(by=clinician, **form)
    assert count(Case) == 1


def test_numbers_count_up_by_site_and_year(clinician, actor, site, other_site, make_treatment):
    def opened(by, at, treatment, day):
        return actions.open_case(
            by=by, site=at, treatment=treatment, term="pain", words="it hurts", received_on=day
        ).number

    here, there = make_treatment(site), make_treatment(other_site)
    earlier = make_treatment(site, "P-0002", treated_on=dt.date(2025, 12, 1))
    assert opened(clinician, site, here, dt.date(2026, 4, 1)) == "OAK-2026-0001"
    assert opened(clinician, site, here, dt.date(2026, 3, 5)) == "OAK-2026-0002"
    assert opened(clinician, site, earlier, dt.date(2025, 12, 24)) == "OAK-2025-0001"
    elsewhere = actor("clinician", other_site)
    assert opened(elsewhere, other_site, there, dt.date(2026, 4, 1)) == "ELM-2026-0001"
    assert opened(clinician, site, here, dt.date(2026, 4, 2)) == "OAK-2026-0003"


def test_without_a_treatment_the_product_is_missing_for_a_reason(clinician, site):
    case = actions.open_case(
        by=clinician, site=site, term="fever", words="fever", product_status="refused", lot_status="not_asked"
    )
    assert (case.product_status, case.lot_status) == ("refused", "not_asked")
    assert (case.product, case.lot, case.patient) == (None, None, None)
    assert len(missing_minimum(case)) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"term": "moonburn"}, "term"),
        ({"words": "  "}, "words"),
        ({"onset": "2026-13"}, "onset"),
        ({"onset": "2026-02"}, "onset"),  # wholly before the treatment
        ({"onset": "2026-04-21"}, "onset"),  # after it was reported
        ({"regions": ["left_wing"]}, "regions"),
    ],
)
def test_a_reaction_that_cannot_be_is_refused_and_no_case_opened(clinician, site, answer, change, field):
    form = {"term": "nodule", "words": "lumps", "onset": "2026-03"} | change
    with pytest.raises(Refused) as refused:
        actions.open_case(by=clinician, site=site, answer=answer, **form)
    assert refused.value.field == field
    assert count(Case) == 0
    assert not AuditEvent.objects.filter(action="vigilance.case.opened").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"received_on": TREATED - dt.timedelta(days=1)},
        {"received_on": dt.date(2099, 1, 1)},
        {"reporter": "lawyer"},
        {"product_status": "known", "treatment": None},
    ],
)
def test_a_contradictory_opening_is_refused(clinician, site, treatment, change):
    form = {"treatment": treatment, "term": "nodule", "words": "lumps"} | change
    with pytest.raises(Refused):
        actions.open_case(by=clinician, site=site, **form)
    assert count(Case) == 0


def test_a_lot_must_be_one_of_the_product(clinician, site, lot):
    with pytest.raises(Refused, match="another product") as refused:
        actions.open_case(by=clinician, site=site, term="fever", words="fever", lot=lot)
    assert refused.value.field == "lot"


def test_another_sites_treatment_is_out_of_reach(clinician, actor, site, other_site, make_treatment):
    foreign = make_treatment(other_site)
    with pytest.raises(Refused, match="another site"):
        actions.open_case(by=clinician, site=site, treatment=foreign, term="pain", words="pain")
    with pytest.raises(NotAllowed):
        actions.open_case(by=clinician, site=other_site, treatment=foreign, term="pain", words="pain")
    assert count(Case) == 0


@pytest.mark.parametrize("role", ["reviewer", "administrator"])
def test_roles_without_the_permission_open_no_case(actor, site, treatment, role):
    with pytest.raises(NotAllowed):
        actions.open_case(by=actor(role), site=site, treatment=treatment, term="pain", words="pain")
    assert count(Case) == 0


# --- recording -------------------------------------------------------------------------------------


def test_what_happened_is_corrected_and_the_day_of_the_news_kept(clinician, site, case):
    actions.record_what_happened(
        by=clinician, site=site, case=case, term="papule", words="red lumps", onset="2026-04", lesion=" firm "
    )
    case = file_of(case)
    assert (case.term, case.words, case.onset, case.lesion, case.regions) == (
        "papule",
        "red lumps",
        "2026-04",
        "firm",
        [],
    )
    assert case.informed_on == timezone.localdate()
    assert case.received_on == ANSWERED
    event = AuditEvent.objects.get(action="vigilance.case.described")
    assert "term" in event.data
    assert "red lumps" not in event.data


def test_the_day_of_the_latest_news_never_moves_back(clinician, site, case):
    actions.record_outcome(by=clinician, site=site, case=case, outcome="3", informed_on=dt.date(2026, 5, 2))
    actions.record_outcome(by=clinician, site=site, case=case, outcome="1", informed_on=dt.date(2026, 5, 1))
    assert file_of(case).informed_on == dt.date(2026, 5, 2)


def test_a_correction_that_breaks_a_rule_changes_nothing(clinician, site, case):
    with pytest.raises(Refused):
        actions.record_what_happened(
            by=clinician, site=site, case=case, term="papule", words="x", onset="2026-01"
        )
    assert file_of(case).term == "nodule"


def test_seriousness_keeps_not_asked_apart_from_no(clinician, site, case):
    none = {c.code: "no" for c in seriousness.criteria()}
    actions.record_seriousness(by=clinician, site=site, case=case, answers=none)
    assert is_serious(file_of(case)) is Answer.NO
    actions.record_seriousness(by=clinician, site=site, case=case, answers=none | {"disability": "not_asked"})
    assert is_serious(file_of(case)) is Answer.UNKNOWN
    assert file_of(case).seriousness["disability"] == "not_asked"
    actions.record_seriousness(by=clinician, site=site, case=case, answers=none | {"hospitalisation": "yes"})
    assert is_serious(file_of(case)) is Answer.YES


@pytest.mark.parametrize("change", [{"death": "perhaps"}, {"death": None}, {"boredom": "yes"}])
def test_seriousness_with_a_wrong_answer_is_refused(clinician, site, case, change):
    answers = {c.code: "no" for c in seriousness.criteria()} | change
    with pytest.raises(Refused):
        actions.record_seriousness(by=clinician, site=site, case=case, answers=answers)
    assert set(file_of(case).seriousness.values()) == {"not_asked"}


def test_a_fatal_outcome_and_no_death_contradict_each_other(clinician, site, case):
    none = {c.code: "no" for c in seriousness.criteria()}
    actions.record_seriousness(by=clinician, site=site, case=case, answers=none)
    with pytest.raises(Refused, match="Correct the seriousness"):
        actions.record_outcome(by=clinician, site=site, case=case, outcome="5")
    actions.record_seriousness(by=clinician, site=site, case=case, answers=none | {"death": "yes"})
    actions.record_outcome(by=clinician, site=site, case=case, outcome="5")
    with pytest.raises(Refused, match="fatal"):
        actions.record_seriousness(by=clinician, site=site, case=case, answers=none)
    assert file_of(case).outcome == "5"
    with pytest.raises(Refused):
        actions.record_outcome(by=clinician, site=site, case=case, outcome="9")


def test_an_investigation_is_recorded_once_and_completed_later(clinician, site, case):
    to = {"by": clinician, "site": site, "case": case, "kind": "biopsy", "taken_on": dt.date(2026, 4, 22)}
    first = actions.record_investigation(**to, result="pending")
    second = actions.record_investigation(
        **to, result="positive", resulted_on=dt.date(2026, 4, 29), finding="Granuloma"
    )
    assert first == second
    assert (second.result, second.finding) == ("positive", "Granuloma")
    assert count(Investigation) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "horoscope"}, "kind"),
        ({"result": "fine"}, "result"),
        ({"taken_on": TREATED - dt.timedelta(days=1)}, "taken_on"),
        ({"taken_on": dt.date(2099, 1, 1)}, "taken_on"),
        ({"resulted_on": dt.date(2099, 1, 1)}, "resulted_on"),
        ({"taken_on": dt.date(2026, 4, 22), "resulted_on": dt.date(2026, 4, 21)}, "resulted_on"),
        ({"taken_on": None, "resulted_on": TREATED - dt.timedelta(days=1)}, "resulted_on"),
        ({"result": "not_done"}, "result"),
        ({"result": "pending", "resulted_on": dt.date(2026, 4, 30)}, "resulted_on"),
    ],
)
def test_an_investigation_out_of_order_is_refused(clinician, site, case, change, field):
    form = {"kind": "biopsy", "result": "negative", "taken_on": dt.date(2026, 4, 22)} | change
    with pytest.raises(Refused) as refused:
        actions.record_investigation(by=clinician, site=site, case=case, **form)
    assert refused.value.field == field
    assert count(Investigation) == 0


def test_a_treatment_tried_is_recorded_and_its_response_completed(clinician, site, case):
    to = {"by": clinician, "site": site, "case": case, "kind": "antibiotic", "started_on": ANSWERED}
    row = actions.record_management(**to)
    assert row.response == "unknown"
    again = actions.record_management(**to, response="none", management=row)
    assert (again.pk, again.response) == (row.pk, "none")
    assert count(Management) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "leeches"}, "kind"),
        ({"response": "wow"}, "response"),
        ({"started_on": TREATED - dt.timedelta(days=1)}, "started_on"),
        ({"started_on": dt.date(2099, 1, 1)}, "started_on"),
    ],
)
def test_a_treatment_tried_that_cannot_be_is_refused(clinician, site, case, change, field):
    form = {"kind": "antibiotic", "started_on": None} | change
    with pytest.raises(Refused) as refused:
        actions.record_management(by=clinician, site=site, case=case, **form)
    assert refused.value.field == field
    assert count(Management) == 0


def test_another_sites_case_cannot_be_written_into(actor, other_site, case):
    stranger = actor("clinician", other_site)
    with pytest.raises(NotAllowed):
        actions.record_outcome(by=stranger, site=case.site, case=case, outcome="1")
    with pytest.raises(Refused, match="another site"):
        actions.record_outcome(by=stranger, site=other_site, case=case, outcome="1")
    assert file_of(case).outcome == "0"


def test_a_treatment_tried_belongs_to_its_case(clinician, site, case, make_treatment):
    other = actions.open_case(
        by=clinician, site=site, treatment=make_treatment(site, "P-0002"), term="pain", words="pain"
    )
    row = actions.record_management(by=clinician, site=site, case=case, kind="antibiotic")
    with pytest.raises(Refused, match="another case"):
        actions.record_management(by=clinician, site=site, case=other, kind="excision", management=row)


# --- what follows from the record ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("onset", "expected"),
    [
        ("2026-04-08", "37 days"),
        ("2026-03-03", "1 day"),
        ("2026-04", "30–59 days"),
        ("2026-03", "0–29 days"),
        ("2026", "0–304 days"),
        ("", "None"),
        ("2026-02", "None"),
    ],
)
def test_latency_is_as_exact_as_the_onset(onset, expected):
    assert str(latency(TREATED, onset)) == expected


def test_latency_needs_a_treatment(case):
    assert latency(None, "2026-04") is None
    assert onset_latency(file_of(case)) == Latency(37, 37)


def codes(case):
    return [warning.rule.code for warning in warnings_of(file_of(case))]


def test_a_steroid_before_the_mycobacterial_sample_is_cautioned_with_its_source(clinician, site, case):
    to = {"by": clinician, "site": site, "case": case}
    assert "steroid_before_mycobacterial_test" not in codes(case)
    actions.record_management(**to, kind="intralesional_steroid", started_on=dt.date(2026, 4, 21))
    found = next(w for w in warnings_of(file_of(case)) if w.rule.code == "steroid_before_mycobacterial_test")
    assert found.rule.source.link
    sample = {"kind": "mycobacterial_culture", "result": "pending"}
    actions.record_investigation(**to, **sample, taken_on=dt.date(2026, 4, 22))
    assert "steroid_before_mycobacterial_test" in codes(case)
    actions.record_investigation(**to, **sample, taken_on=dt.date(2026, 4, 20))
    assert "steroid_before_mycobacterial_test" not in codes(case)


def test_one_undated_steroid_may_have_been_the_first(clinician, site, case):
    to = {"by": clinician, "site": site, "case": case}
    actions.record_investigation(
        **to, kind="mycobacterial_pcr", result="negative", taken_on=dt.date(2026, 4, 20)
    )
    actions.record_management(**to, kind="oral_steroid", started_on=dt.date(2026, 5, 1))
    assert "steroid_before_mycobacterial_test" not in codes(case)
    actions.record_management(**to, kind="topical_steroid")
    assert "steroid_before_mycobacterial_test" in codes(case)


def test_a_culture_not_done_is_no_sample(clinician, site, case):
    to = {"by": clinician, "site": site, "case": case}
    actions.record_management(**to, kind="oral_steroid", started_on=dt.date(2026, 5, 1))
    actions.record_investigation(**to, kind="mycobacterial_culture", result="not_done")
    assert "steroid_before_mycobacterial_test" in codes(case)


def test_a_granuloma_needs_histology_that_names_one(clinician, site, case):
    to = {"by": clinician, "site": site, "case": case}
    actions.record_what_happened(**to, term="granuloma", words="lumps", onset="2026-04-08")
    assert {"granuloma_without_histology", "delayed_nodule_without_biopsy"} <= set(codes(case))
    biopsy = {"kind": "biopsy", "taken_on": dt.date(2026, 4, 22)}
    actions.record_investigation(**to, **biopsy, result="positive", finding="Oedema; no true granuloma seen")
    assert "granuloma_without_histology" in codes(case)
    assert "delayed_nodule_without_biopsy" not in codes(case)
    actions.record_investigation(**to, **biopsy, result="positive", finding="Necrotising granulomas")
    assert "granuloma_without_histology" not in codes(case)


def test_calling_other_causes_excluded_needs_a_complete_culture(clinician, safety_officer, site, case):
    to = {"site": site, "case": case}
    code = "infection_excluded_without_mycobacterial_test"
    assert code not in codes(case)
    answers = {str(n): "unknown" for n in range(1, 11)} | {"5": "no"}
    actions.assess_causality(by=safety_officer, **to, method="naranjo", answers=answers)
    assert code in codes(case)
    culture = {"kind": "mycobacterial_culture", "result": "negative", "taken_on": dt.date(2026, 4, 20)}
    actions.record_investigation(by=clinician, **to, **culture, resulted_on=dt.date(2026, 4, 25))
    assert code in codes(case)
    actions.record_investigation(by=clinician, **to, **culture, resulted_on=dt.date(2026, 6, 1))
    assert code not in codes(case)


def test_the_timeline_is_in_order_and_what_is_undated_comes_last(full_case):
    moments = timeline(full_case)
    dated = [moment.when for moment in moments if moment.when]
    assert dated == sorted(dated)
    assert [moment.title for moment in moments][:3] == [
        "Treated with Inventa E1 (lot LX-01)",
        "Granuloma (shown by histology) began",
        "Reported by the patient, by link",
    ]
    assert moments[-1].when == ""


def test_the_narrative_tells_the_record_and_names_nobody(full_case):
    text = draft_narrative(full_case)
    for said in (
        "A woman, born in 1984",
        "2 Mar 2026: Treated with Inventa E1 (lot LX-01)",
        "2.5 mL",
        "37 days after treatment",
        "hard lumps on my cheek",
        "29 Apr 2026: Biopsy with histology: positive / abnormal. Necrotising granuloma.",
        "Recorded as not done: fungal culture.",
        "4 May 2026: Oral steroid started. Partial response. 20 mg.",
        "Serious in the ICH sense: other medically important condition.",
        "Outcome at last observation: recovering.",
        "WHO-UMC: probable",
        "Naranjo: probable, score 5",
    ):
        assert said in text
    assert full_case.patient.pseudonym not in text


def test_labels_of_the_regions_are_the_clinics(case):
    assert region_labels(["cheek_left", "gone"])[1] == "gone"
    assert region_labels(["cheek_left"])[0] != "cheek_left"


# --- reads -----------------------------------------------------------------------------------------


def test_a_case_is_seen_within_its_site_only(case, other_site):
    with scope(site=[case.site_id]):
        assert queries.case(case.pk) == case
        assert list(queries.cases()) == [case]
    with scope(site=[other_site.pk]):
        assert not queries.cases().exists()
        assert queries.counts() == queries.CaseCounts(0, 0, 0, 0)


def test_counts_and_waiting_red_flags(clinician, site, answer, make_answer, make_treatment):
    quiet = make_answer(make_treatment(site, "P-0002"), red_flags=[], all_well=True)
    with scope(site=[site.pk]):
        assert list(queries.answers_without_case()) == [answer]
        assert quiet not in queries.answers_without_case()
        actions.open_case(by=clinician, site=site, answer=answer, term="nodule", words="lumps")
        assert queries.counts() == queries.CaseCounts(open=1, reported=0, reports=0, incoming=0)


def test_the_watch_reads_across_sites_without_patients(clinician, actor, site, other_site, make_treatment):
    here = actions.open_case(
        by=clinician,
        site=site,
        treatment=make_treatment(site),
        term="nodule",
        words="lumps",
        received_on=dt.date(2026, 4, 1),
    )
    elsewhere = actor("clinician", other_site)
    there = actions.open_case(
        by=elsewhere,
        site=other_site,
        treatment=make_treatment(other_site, agrees=False),
        term="pain",
        words="sore",
        onset="2026-03",
        received_on=dt.date(2026, 4, 9),
    )
    unknown = actions.open_case(
        by=clinician, site=site, term="fever", words="fever", received_on=dt.date(2026, 4, 10)
    )
    with scope(site=[]):
        rows = queries.reactions(dt.date(2026, 4, 10))
        assert [row.case_id for row in rows] == [here.pk, there.pk, unknown.pk]
        assert len(queries.reactions(dt.date(2026, 4, 8))) == 1
    assert rows[0] == queries.ReactionRow(
        case_id=here.pk,
        case_number="OAK-2026-0001",
        site_id=site.pk,
        site_code="oak",
        product_id=here.product_id,
        lot_id=here.lot_id,
        term="nodule",
        treated_on=TREATED,
        onset="",
        received_on=dt.date(2026, 4, 1),
        patient_key=here.patient_id,
        sex="female",
        birth_year=1984,
    )
    assert (rows[1].sex, rows[1].birth_year) == ("unknown", None), "she did not agree to the registry"
    assert (rows[2].product_id, rows[2].lot_id, rows[2].treated_on, rows[2].patient_key) == (None,) * 4
