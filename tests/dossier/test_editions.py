"""Editions: built once from what is known, never changed, refused while nothing is new."""

import json
import uuid

import pytest

from exovigil.dossier import body, queries
from exovigil.dossier.models import Edition
from exovigil.evidence import queries as evidence
from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed
from exovigil.governance.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_an_edition_freezes_facts_with_their_sources_and_is_audited(build, reviewer):
    edition = build(by=reviewer)
    facts = edition.body["facts"]
    assert (edition.number, edition.built_by_id) == (1, reviewer.user_id)
    assert [row["key"] for row in facts["set_aside"]] == ["liang2022_cm"]
    for row in facts["studies"] + facts["set_aside"]:
        assert row["link"].startswith("http")
        assert row["read_depth"]
    event = AuditEvent.objects.get(action="dossier.edition.built")
    assert (event.actor, json.loads(event.data)["sha256"]) == (reviewer.identity, edition.sha256)


def test_the_digests_can_be_checked_from_what_is_stored(build):
    edition = Edition.objects.get(pk=build().pk)
    assert queries.intact(edition)
    assert edition.body["built"]["registry_sha256"] == edition.body["facts"]["registry"]["sha256"]
    named = {row["name"] for row in edition.body["built"]["files"]}
    assert {"evidence/studies.csv", "evidence/harms.csv", "catalogue/legal.toml"} <= named
    edition.body["facts"]["totals"]["studies"] = 99
    assert not queries.intact(edition)


def test_building_again_with_nothing_new_makes_no_edition_and_says_so(build):
    build()
    with pytest.raises(Refused, match="Nothing has changed since edition 1"):
        build()
    assert Edition.objects.count() == 1
    assert AuditEvent.objects.filter(action="dossier.edition.built").count() == 1


def test_newer_facts_make_the_next_edition_and_the_old_one_stays(build, world):
    first = build()
    world.treat_for("skin_ageing", 2, answered=1)
    assert queries.fresh([first]) == {first.pk: False}
    second = build()
    assert queries.fresh([second]) == {second.pk: True}
    assert (second.number, Edition.objects.get(pk=first.pk).body) == (2, first.body)
    newest, oldest = queries.revisions(queries.editions_of("skin_ageing", "human"))
    assert newest.changes == (
        "Treatments in the registry: 0, now 2.",
        "Answered follow-ups in the registry: 0, now 1.",
        "Treatments of the class in the registry: 0, now 2.",
    )
    assert oldest.changes == ()


def test_other_wording_alone_makes_no_new_edition(build, monkeypatch):
    edition = build()
    monkeypatch.setattr(body.plain, "for_clinicians", lambda facts: ["Said otherwise."])
    assert queries.fresh([edition]) == {edition.pk: True}
    with pytest.raises(Refused, match="Nothing has changed"):
        build()


def test_another_way_of_reckoning_makes_a_new_edition(build, monkeypatch):
    build()
    monkeypatch.setattr(body, "METHOD", "dossier 2")
    assert build().number == 2


def test_changes_name_the_studies_that_came_went_and_changed(build):
    older = build().body
    newer = json.loads(json.dumps(older))
    gone, changed, *_ = newer["facts"]["studies"]
    newer["facts"]["studies"].remove(gone)
    newer["facts"]["studies"].append({**gone, "key": "new1", "label": "Newly N 2027"})
    changed["participants"] = 77
    assert body.changes(older, newer) == [
        "Studies added: Newly N 2027.",
        f"Studies removed: {gone['label']}.",
        f"Studies changed: {changed['label']}.",
    ]
    assert body.changes(older, older) == ["Wording only."]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"condition": "warts"}, "condition"), ({"product_class": "unicorn"}, "product_class")],
)
def test_what_is_not_on_the_list_is_refused_beside_its_field(build, changes, field):
    with pytest.raises(Refused) as refusal:
        build(**changes)
    assert refusal.value.field == field
    assert not Edition.objects.exists()


@pytest.mark.parametrize("role", ["clinician", "safety_officer", "administrator"])
def test_only_reviewers_build(build, actor, role):
    with pytest.raises(NotAllowed):
        build(by=actor(role))
    assert not Edition.objects.exists()


def test_the_same_form_twice_makes_one_edition(build, reviewer):
    key = str(uuid.uuid4())
    assert build(by=reviewer, key=key) == build(by=reviewer, key=key)
    assert Edition.objects.count() == 1


def test_every_pair_can_be_built_said_and_printed(build):
    for condition in evidence.conditions():
        for chosen in evidence.PRODUCT_CLASSES:
            made = queries.current_body(condition.key, chosen.key)
            assert made["facts"]["clinicians"]
            assert "None" not in json.dumps(made["facts"]["patients"])
    assert queries.paper(build("wound_healing")).startswith(b"%PDF-")


def test_without_a_study_it_says_so_plainly_and_still_tells_harms_and_law(build):
    facts = build("vulvar_lichen_sclerosus").body["facts"]
    assert facts["clinicians"][0] == "No human study was found."
    assert facts["patients"][1]["sentences"][0] == "No human study was found."
    assert facts["unknown"][0] == "Whether it helps: no human study was found."
    assert facts["harms"]["clinical"]
    assert facts["legal"]


def test_a_harm_of_unstated_source_is_kept_and_marked(build):
    harms = {row["key"]: row for row in build("melasma", "plant").body["facts"]["harms"]["clinical"]}
    assert not harms["nahm2024"]["source_known"]
    assert harms["nahm2024"]["denominator"] is None
    assert "no denominator" in harms["nahm2024"]["how_often"]
    assert "nebraska2019" not in harms


def test_contradicting_statements_of_the_law_stay_together(build):
    places = {row["place"]: row for row in build().body["facts"]["legal"]}
    assert places["UK"]["contradicts"]
    contradicted = {row["key"] for row in places["UK"]["statements"] if row["contradicted"]}
    assert contradicted == {"uk_business_department", "uk_clinic_director", "uk_eu_maker_summary"}


def test_patients_read_short_sentences_with_the_home_law_first(build, settings):
    settings.COUNTRY = "GB"
    parts = build().body["facts"]["patients"]
    assert [part["heading"][-1] for part in parts] == ["?"] * 4
    told = [sentence for part in parts[:3] for sentence in part["sentences"]]
    assert max(len(sentence.split()) for sentence in told) <= 25
    licence = parts[3]["sentences"]
    assert licence[0].startswith("UK: ")
    assert "UK: the sources contradict each other." in licence
    assert "Nobody counted how many people had the treatment. So nobody knows how often this happens." in told


def test_no_study_result_is_pooled(build):
    direction = build("wound_healing").body["facts"]["direction"]
    assert direction["why_not_pooled"].startswith("No pooled estimate is given.")
    assert {row["word"]: row["count"] for row in direction["counts"]} == {
        "favours exosome": 2,
        "no difference": 2,
        "improved, no comparator": 1,
    }
    assert "4 of 5 studies compare two arms" in direction["summary"]
