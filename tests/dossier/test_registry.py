"""What the registry has seen: exact counts over every clinic, exact intervals, and no clinic or person in them."""

import json

import pytest
from scipy import stats

from exovigil.dossier import registry
from exovigil.evidence.queries import product_class
from exovigil.signals.models import Alarm
from tests.signals.world import day

pytestmark = pytest.mark.django_db
HUMAN, PLANT, UNKNOWN = (product_class(key) for key in ("human", "plant", "unknown"))


def seen(condition="skin_ageing", of=HUMAN):
    return registry.facts(registry.read(), condition, of)


def test_an_empty_registry_has_no_rate_and_says_so():
    found = seen()
    assert (found["treatments"], found["total"]["per_1000"], found["share"]["percent"]) == (0, None, None)
    assert found["reactions"] == found["alarms"] == []


def test_treatments_and_answers_are_counted_by_condition_over_all_clinics(world):
    world.treat_for("skin_ageing", 7, answered=3)
    world.treat_for("melasma", 2, answered=2)
    found = seen()
    assert (found["treatments"], found["answered"], found["answers"]) == (7, 3, 3)
    assert found["treatments_any"] == 9
    assert seen("melasma")["treatments"] == 2
    assert seen(of=PLANT)["treatments_any"] == 0


def test_only_exosome_products_of_the_class_count(world):
    world.another_product("human", kind="prp")
    world.treat_for("skin_ageing", 4)
    world.another_product("plant")
    world.treat_for("skin_ageing", 3)
    world.another_product("unknown")
    world.treat_for("skin_ageing", 2)
    assert [seen(of=c)["treatments"] for c in (HUMAN, PLANT, UNKNOWN)] == [0, 3, 2]


def test_cases_carry_the_exact_poisson_interval(world):
    first, *_ = world.treat_for("skin_ageing", 50)
    world.treat_for("melasma", 30)
    world.case(first, onset=20, received=40)
    row = seen()["reactions"][0]
    assert (row["term"], row["here"]["events"], row["here"]["of"]) == ("nodule", 1, 50)
    assert row["here"]["per_1000"] == pytest.approx(20)
    assert row["here"]["low"] == pytest.approx(stats.chi2.ppf(0.025, 2) / 2 / 0.050, abs=0.001)
    assert row["here"]["high"] == pytest.approx(stats.chi2.ppf(0.975, 4) / 2 / 0.050, abs=0.001)
    assert (row["any"]["events"], row["any"]["of"]) == (1, 80)


def test_a_reaction_never_seen_here_still_has_an_upper_limit(world):
    world.treat_for("skin_ageing", 40)
    other, *_ = world.treat_for("melasma", 10)
    world.case(other, onset=20, received=40)
    here = seen()["reactions"][0]["here"]
    assert (here["events"], here["low"]) == (0, 0)
    assert here["high"] == pytest.approx(stats.chi2.ppf(0.975, 2) / 2 / 0.040, abs=0.001)


def test_treatments_with_any_case_count_once_and_carry_the_exact_binomial_interval(world):
    first, second, *_ = world.treat_for("skin_ageing", 20)
    for treatment, term in ((first, "nodule"), (first, "papule"), (second, "nodule")):
        world.case(treatment, onset=20, received=40, term=term)
    found = seen()
    assert found["total"]["events"] == 3
    assert (found["share"]["events"], found["share"]["of"]) == (2, 20)
    exact = stats.binomtest(2, 20).proportion_ci(method="exact")
    assert (found["share"]["low"], found["share"]["high"]) == pytest.approx(
        (100 * exact.low, 100 * exact.high), abs=0.001
    )


def test_a_case_without_a_known_product_is_told_apart_and_put_nowhere(world):
    first, *_ = world.treat_for("skin_ageing", 5)
    world.case(first, onset=20, received=40, product=None, product_status="unknown")
    found = seen()
    assert (found["total_any"]["events"], found["unattributed"]) == (0, 1)


def test_a_case_without_a_treatment_counts_for_the_class_but_for_no_condition(world):
    first, *_ = world.treat_for("skin_ageing", 5)
    world.case(first, onset=20, received=40)
    world.case(first, onset=20, received=41, treatment=None)
    found = seen()
    assert (found["total"]["events"], found["total_any"]["events"]) == (1, 2)


def test_nothing_of_a_clinic_or_a_person_crosses(world):
    treatments = world.treat_for("skin_ageing", 3, answered=1)
    case = world.case(treatments[0], onset=20, received=40)
    text = json.dumps(seen())
    for word in (case.number, treatments[0].patient.pseudonym, case.words, *(s.name for s in world.sites)):
        assert word not in text


def test_alarms_of_the_class_are_shown_with_their_state(world):
    Alarm.objects.create(
        event_class="delayed-nodule",
        product=world.product,
        lot=world.lot,
        alarmed_on=day(66),
        events=3,
        expected=0.0312,
    )
    (alarm,) = seen()["alarms"]
    assert (alarm["lot"], alarm["events"], alarm["is_open"]) == ("VX-1", 3, True)
    assert "papule or nodule" in alarm["event"]
    assert seen(of=PLANT)["alarms"] == []


def test_the_digest_follows_the_counts_and_nothing_else(world):
    world.treat_for("skin_ageing", 2)
    first = seen()["sha256"]
    assert seen()["sha256"] == first
    world.treat_for("skin_ageing", 1)
    assert seen()["sha256"] != first


def test_invented_products_are_declared(world):
    assert not seen()["synthetic"]
    world.another_product("human", is_synthetic=True)
    assert seen()["synthetic"]
    assert not seen(of=PLANT)["synthetic"]


def test_the_registry_is_counted_in_a_fixed_number_of_queries(world, django_assert_max_num_queries):
    world.treat_for("skin_ageing", 12, answered=6)
    with django_assert_max_num_queries(8):
        registry.read()
