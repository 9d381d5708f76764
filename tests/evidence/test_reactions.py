"""Reactions by attribute on the page: declared and verified apart, free text kept in, literature beside."""

import datetime as dt
import re

import pytest
from django_scopes import scopes_disabled

from exovigil.catalogue import actions as catalogue
from exovigil.clinic.models import Treatment
from exovigil.evidence.attributes import literature
from exovigil.evidence.harms import exosome_harms
from exovigil.governance.actors import system
from exovigil.signals import queries as signals
from tests.signals.world import AS_OF, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(site, other_site) -> World:
    made = World([site, other_site])
    made.quiet_treatments(40)
    made.cluster()
    return made


@pytest.fixture
def browser(client_of, reviewer):
    return client_of(reviewer)


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_source_stands_declared_and_not_verified_beside_the_literature(browser, world):
    text = text_of(browser.get("/evidence/reactions/source_species/"))
    declared, verified = text.split("As verified by a test or an inspection")
    assert "Human 1 weigh as 1.0 48" in declared
    assert "Human" not in verified.split("What these numbers rest on")[0].split("Published harms")[0]
    assert "Not stated 1 weigh as 1.0 48" in verified
    assert "one lot carries all 8 affected treatments, and it is the level" in declared
    assert "no denominator, so how often cannot be known" in text


def test_a_verified_answer_is_counted_apart_and_the_newest_counts(world):
    for value, on in (("plant", dt.date(2026, 2, 1)), ("human", dt.date(2026, 1, 1))):
        catalogue.state_composition(
            by=system(),
            product=world.product,
            attribute="source_species",
            value=value,
            basis="verified",
            stated_by="Invented laboratory",
            stated_on=on,
            source="Invented report",
        )
    declared, verified = signals.by_attribute("source_species", AS_OF).comparisons
    assert [row.key for row in declared.rows] == ["human"]
    assert [row.key for row in verified.rows] == ["plant"]


def test_what_was_written_of_a_device_never_leaves_as_written(browser, world):
    with scopes_disabled():
        rows = list(Treatment.objects.values_list("pk", flat=True)[:3])
        Treatment.objects.filter(pk=rows[0]).update(
            device="Pen 0.5 mm", topical_agents="vitamin C, lidocaine"
        )
        Treatment.objects.filter(pk__in=rows[1:]).update(device="the one Mrs Inventedname likes")
    text = text_of(browser.get("/evidence/reactions/device/"))
    assert "Microneedling pen, roller or stamp" in text
    assert "Other, in words" in text
    assert "Inventedname" not in text
    assert "Several" in text_of(browser.get("/evidence/reactions/adjunct/"))


def test_a_case_whose_treatment_is_not_known_is_in_no_row_and_is_told(browser, world):
    treatment = world.treat(world.patient(world.sites[0]), 3)
    world.case(treatment, onset=20, received=40, treatment=None)
    found = signals.by_attribute("route", AS_OF)
    assert found.without_treatment == 1
    assert sum(row.affected for row in found.comparisons[0].rows) == 8
    assert "1 case of this event names no recorded treatment" in text_of(
        browser.get("/evidence/reactions/route/")
    )


def test_two_cases_of_one_treatment_are_one_affected_treatment(world):
    treatment = world.treat(world.patient(world.sites[0]), 3)
    world.case(treatment, onset=20, received=40)
    world.case(treatment, onset=25, received=60, term="papule")
    (row,) = signals.by_attribute("route", AS_OF).comparisons[0].rows
    assert (row.treatments, row.affected) == (49, 9)


def test_saline_has_no_attribute_and_is_in_no_row(world):
    world.product.kind = "carrier"
    world.product.save()
    for found in signals.by_attribute("route", AS_OF).comparisons:
        assert [row for row in found.rows if row.treatments] == []


def test_an_attribute_that_is_none_is_not_found(browser):
    assert browser.get("/evidence/reactions/zodiac/").status_code == 404


def test_without_treatments_the_page_says_what_to_do(browser):
    assert "Record the first one at a clinic" in text_of(browser.get("/evidence/reactions/"))


def test_an_administrator_sees_none_of_it(client_of, administrator):
    assert client_of(administrator).get("/evidence/reactions/").status_code == 403


def test_every_published_harm_is_beside_a_level_or_among_those_that_do_not_say():
    said = literature("route", ["intradermal", "microneedling"])
    shown = {row.key for rows in said.by_level.values() for row in rows} | {row.key for row in said.not_said}
    assert shown == {row.key for row in exosome_harms()}
    assert "tawanwongsri2024" in {row.key for row in said.by_level["intradermal"]}
    assert said.by_level["microneedling"] == ()
    assert literature("isolation", ["affinity"]).by_level == {"affinity": ()}
