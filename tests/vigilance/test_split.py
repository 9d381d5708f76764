"""The cause split: every set of answers against the rules written a second time, and what the record calls up."""

import datetime as dt
import itertools

import pytest
from django.urls import reverse
from django_scopes import scopes_disabled

from exovigil.catalogue.models import LotOverride, Product, ReleaseTest
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.vigilance import actions, queries
from exovigil.vigilance.icsr_of import icsr_of
from exovigil.vigilance.models import Assessment
from exovigil.vigilance.narrative import draft_narrative
from exovigil.vigilance.split import Cause, SplitFacts, causes, prompt_rules, prompts, questions, split
from exovigil.vigilance.split_facts import split_facts

PRODUCT = {
    "timing": "fits",
    "product": "yes",
    "defect": "none found",
    "administration": "no",
    "anxiety": "no",
    "other_cause": "excluded",
    "information": "sufficient",
}


def _by_hand(a: dict[str, str]) -> str:
    """The rules, written a second time as plain conditions."""
    if a["information"] == "insufficient":
        return "unclassifiable"
    fits = a["timing"] == "fits"
    found = []
    if (
        fits
        and a["product"] == "yes"
        and (a["defect"], a["administration"], a["anxiety"], a["other_cause"])
        == ("none found", "no", "no", "excluded")
    ):
        found.append("product")
    if fits and a["defect"] == "shown":
        found.append("quality defect")
    if fits and a["administration"] == "shown":
        found.append("administration")
    if fits and a["anxiety"] == "yes":
        found.append("anxiety")
    if a["other_cause"] == "shown" or a["timing"] == "does not fit":
        found.append("coincidental")
    return found[0] if len(found) == 1 else "unclassifiable"


def test_every_set_of_answers_follows_the_rules():
    keys = [q.key for q in questions()]
    seen = dict.fromkeys(Cause, 0)
    for combination in itertools.product(*(q.answers for q in questions())):
        answers = dict(zip(keys, combination, strict=True))
        found = split(answers)
        assert found.cause == _by_hand(answers), answers
        assert bool(found.why) == (found.cause is Cause.UNCLASSIFIABLE)
        seen[found.cause] += 1
    assert sum(seen.values()) == 3 * 3 * 4 * 4 * 3 * 4 * 2
    assert all(seen.values())


def test_two_causes_shown_are_named_and_neither_is_preferred():
    found = split(PRODUCT | {"defect": "shown", "administration": "shown"})
    assert found.cause is Cause.UNCLASSIFIABLE
    assert found.why == "More than one cause is shown: quality defect, administration."


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({k: v for k, v in PRODUCT.items() if k != "timing"}, "timing"),
        (PRODUCT | {"weather": "fine"}, "weather"),
        (PRODUCT | {"timing": "perhaps"}, "perhaps"),
    ],
)
def test_a_missing_or_impossible_answer_is_named(answers, named):
    with pytest.raises(ValueError, match=named):
        split(answers)


def test_the_six_causes_cite_who_and_every_prompt_has_its_source():
    assert [row.cause for row in causes()] == list(Cause)
    assert all("WHO" in row.source.citation for row in causes())
    assert "10.1097/DSS.0000000000004450" in prompt_rules()["microneedling"].source.link
    assert {rule.question for rule in prompt_rules().values()} <= {q.key for q in questions()}


def test_a_record_that_says_nothing_calls_up_nothing():
    assert prompts(SplitFacts()) == ()
    assert prompts(SplitFacts(nodule=True, mycobacteria="negative")) == ()


FULL = SplitFacts(
    nodule=True,
    microneedling=True,
    topical_agents="lidocaine",
    mycobacteria="awaited",
    other_products=("Other on 1 Mar 2026",),
    lot_faults=("Mycoplasma missing",),
    lot_override="somebody said so",
    off_label=True,
    route="topical with microneedling",
)


def test_everything_that_the_record_may_say_is_called_up_with_what_it_says():
    found = {prompt.rule.code: prompt.because for prompt in prompts(FULL)}
    assert list(found) == list(prompt_rules())
    assert "lidocaine" in found["topical_agents"]
    assert "awaited" in found["ntm_window"]
    assert "Mycoplasma missing" in found["lot_failed"]
    assert "somebody said so" in found["lot_override"]


# ---- the record ----


def _codes(case):
    with scopes_disabled():
        return {prompt.rule.code: prompt.because for prompt in prompts(split_facts(queries.case(case.pk)))}


def test_a_needled_nodule_calls_up_the_sitting_the_lot_and_mycobacteria(case, lot, site, clinician):
    found = _codes(case)
    assert {"microneedling", "topical_agents", "lot_failed", "ntm_window"} <= set(found)
    assert "lidocaine cream" in found["topical_agents"]
    assert "not recorded" in found["ntm_window"]
    assert "other_products" not in found
    assert "off_label" not in found


@pytest.mark.parametrize(
    ("result", "taken", "resulted", "says"),
    [
        ("not_done", None, None, "not done"),
        ("pending", dt.date(2026, 4, 22), None, "awaited"),
        ("negative", None, None, "negative, without dates"),
        ("positive", dt.date(2026, 4, 22), dt.date(2026, 5, 22), "positive"),
        ("negative", dt.date(2026, 4, 22), dt.date(2026, 6, 3), None),
    ],
)
def test_only_a_negative_test_with_dates_settles_mycobacteria(
    case, clinician, site, result, taken, resulted, says
):
    actions.record_investigation(
        by=clinician,
        site=site,
        case=case,
        kind="mycobacterial_pcr",
        result=result,
        taken_on=taken,
        resulted_on=resulted,
    )
    found = _codes(case).get("ntm_window")
    assert found == (says and f"Mycobacterial tests: {says}.")


def test_other_products_an_off_label_route_a_failed_lot_and_an_override_are_called_up(
    case, treatment, make_treatment, site, lot, clinician
):
    with scopes_disabled():
        other = Product.objects.create(name="Inventa PRP", kind="prp", source_class="human")
        later = make_treatment(site, pseudonym="P-0002", treated_on=dt.date(2026, 3, 20), product=other)
        type(later).objects.filter(pk=later.pk).update(patient=treatment.patient)
        type(treatment).objects.filter(pk=treatment.pk).update(route_standing="off_label")
        ReleaseTest.objects.create(lot=lot, test="sterility", outcome="failed")
        faults = _codes(case)["lot_failed"]
    assert "terility" in faults
    found = _codes(case)
    assert found["other_products"] == "Also given before the reaction began: Inventa PRP on 20 Mar 2026."
    assert "topical with microneedling" in found["off_label"]
    assert "lot_override" not in found
    with scopes_disabled():
        from exovigil.catalogue.queries import lot_check, lots
        from exovigil.catalogue.queries.checks import fault_keys

        check = lot_check(lots().get(pk=lot.pk), site, treatment.treated_on)
        LotOverride.objects.create(
            site=site, lot=lot, reason="None other was left.", covers=fault_keys(check.decision)
        )
    assert "None other was left." in _codes(case)["lot_override"]


# ---- judging ----


def test_the_split_is_kept_as_a_judgement_and_told_in_report_and_narrative(full_case, safety_officer, site):
    made = actions.assess_causality(
        by=safety_officer, site=site, case=full_case, method="split", answers=PRODUCT
    )
    assert (made.method, made.result, made.score) == ("split", "product", None)
    with scopes_disabled():
        case = queries.case(full_case.pk)
        assert "Cause, by this registry's own split: product." in draft_narrative(case)
        told = icsr_of(case, created=dt.datetime(2026, 6, 1, tzinfo=dt.UTC)).drugs[0].assessments
    assert [(a.method, a.result) for a in told][-1] == ("Cause split (Exovigil)", "Product")


def test_an_unanswered_question_is_refused_beside_its_field(case, safety_officer, clinician, site):
    with pytest.raises(Refused) as refused:
        actions.assess_causality(
            by=safety_officer, site=site, case=case, method="split", answers=PRODUCT | {"defect": ""}
        )
    assert refused.value.field == "defect"
    with pytest.raises(NotAllowed):
        actions.assess_causality(by=clinician, site=site, case=case, method="split", answers=PRODUCT)
    with scopes_disabled():
        assert not Assessment.objects.exists()


def test_the_page_shows_what_to_weigh_and_judges(
    client_of, safety_officer, full_case, django_assert_max_num_queries
):
    client, url = client_of(safety_officer), reverse("vigilance:split", args=[full_case.pk])
    with django_assert_max_num_queries(18):
        page = client.get(url).content.decode()
    assert "Microneedling alone" in page
    assert "lidocaine cream" in page
    assert "Friedmann" in page
    missing = client.post(url, PRODUCT | {"anxiety": ""})
    assert missing.status_code == 422
    done = client.post(url, PRODUCT | {"defect": "shown", "administration": "shown"}, follow=True)
    text = done.content.decode()
    assert "More than one cause is shown: quality defect, administration." in text
    assert "Cause split (Exovigil): unclassifiable" in text
