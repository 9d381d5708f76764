"""Causality: results follow from answers; the narrative is kept as it was written."""

import uuid

import pytest
from django_scopes import scopes_disabled

from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent
from exovigil.vigilance import actions, queries
from exovigil.vigilance.facts import latest_assessment
from exovigil.vigilance.models import Assessment
from tests.vigilance.conftest import NARANJO_FIVE, UMC_PROBABLE

pytestmark = pytest.mark.django_db


def count():
    with scopes_disabled():
        return Assessment.objects.count()


def test_naranjo_is_computed_and_its_answers_kept(safety_officer, site, case):
    row = actions.assess_causality(
        by=safety_officer, site=site, case=case, method="naranjo", answers=NARANJO_FIVE
    )
    assert (row.result, row.score) == ("probable", 5)
    assert row.answers == NARANJO_FIVE
    assert row.assessed_by_id == safety_officer.user_id
    assert AuditEvent.objects.filter(action="vigilance.case.assessed", target_id=str(case.pk)).count() == 1


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({}, "probable"),
        ({"other_causes": "plausible"}, "possible"),
        ({"timing": "improbable", "other_causes": "plausible"}, "unlikely"),
        ({"information": "more expected"}, "conditional"),
        ({"information": "cannot be supplemented"}, "unassessable"),
        ({"other_causes": "excluded", "definitive": "yes", "rechallenge": "not necessary"}, "certain"),
    ],
)
def test_who_umc_follows_from_its_answers(safety_officer, site, case, change, result):
    row = actions.assess_causality(
        by=safety_officer, site=site, case=case, method="who_umc", answers=UMC_PROBABLE | change
    )
    assert (row.result, row.score) == (result, None)


@pytest.mark.parametrize(
    ("method", "answers", "field"),
    [
        ("naranjo", {k: v for k, v in NARANJO_FIVE.items() if k != "7"}, "q7"),
        ("naranjo", NARANJO_FIVE | {"3": "not_asked"}, "q3"),
        ("who_umc", UMC_PROBABLE | {"timing": "lovely"}, "timing"),
        ("who_umc", {}, "timing"),
        ("tea_leaves", {}, "method"),
    ],
)
def test_an_incomplete_judgement_is_refused_beside_its_question(
    safety_officer, site, case, method, answers, field
):
    with pytest.raises(Refused) as refused:
        actions.assess_causality(by=safety_officer, site=site, case=case, method=method, answers=answers)
    assert refused.value.field == field
    assert count() == 0


def test_a_new_judgement_counts_and_the_earlier_one_stays(safety_officer, site, case):
    to = {"by": safety_officer, "site": site, "case": case, "method": "who_umc"}
    actions.assess_causality(**to, answers=UMC_PROBABLE)
    actions.assess_causality(**to, answers=UMC_PROBABLE | {"other_causes": "plausible"})
    with scopes_disabled():
        found = queries.case(case.pk)
        assert latest_assessment(found, "who_umc").result == "possible"
        assert [row.result for row in found.assessments.all()] == ["possible", "probable"]
        assert latest_assessment(found, "naranjo") is None


def test_the_same_judgement_sent_twice_is_one(safety_officer, site, case):
    form = {
        "site": site,
        "case": case,
        "method": "who_umc",
        "answers": UMC_PROBABLE,
        "key": str(uuid.uuid4()),
    }
    first = actions.assess_causality(by=safety_officer, **form)
    assert actions.assess_causality(by=safety_officer, **form) == first
    assert count() == 1


def test_a_clinician_judges_nothing(clinician, site, case):
    with pytest.raises(NotAllowed):
        actions.assess_causality(by=clinician, site=site, case=case, method="who_umc", answers=UMC_PROBABLE)
    with pytest.raises(NotAllowed):
        actions.write_narrative(by=clinician, site=site, case=case, narrative="mine")
    assert count() == 0


def test_the_narrative_is_kept_and_may_be_given_up_for_the_draft(safety_officer, site, case):
    to = {"by": safety_officer, "site": site, "case": case}
    assert actions.write_narrative(**to, narrative=" As told. ").narrative == "As told."
    event = AuditEvent.objects.get(action="vigilance.case.narrative_written")
    assert "told" not in event.data
    with pytest.raises(Refused, match="Shorten") as refused:
        actions.write_narrative(**to, narrative="x" * 100_001)
    assert refused.value.field == "narrative"
    assert actions.write_narrative(**to, narrative="").narrative == ""
