"""Pages of the watch: what each shows, to whom, and that bad input changes nothing."""

import re
import uuid

import pytest
from django.urls import reverse
from django_scopes import scopes_disabled

from exovigil.governance.actors import system
from exovigil.signals import actions, queries
from exovigil.signals.models import Alarm, DuplicateDecision, WatchRun
from tests.signals.world import AS_OF, World

pytestmark = pytest.mark.django_db
WATCH = "/watch/"


@pytest.fixture
def world(site, other_site) -> World:
    made = World([site, other_site])
    made.quiet_treatments(60)
    made.cases = made.cluster()
    return made


@pytest.fixture
def run(world) -> WatchRun:
    first = world.cases[0]
    world.double = world.case(first.treatment, onset=31, received=40)
    world.unknown = world.case(world.cases[1].treatment, onset=None, received=80, patient=None)
    return actions.run_watch(by=system(), as_of=AS_OF)


@pytest.fixture
def officer(client_of, safety_officer):
    return client_of(safety_officer)


def page(client, url, status=200):
    response = client.get(url)
    assert response.status_code == status
    return response.content.decode()


def test_before_the_first_run_the_page_says_what_to_do(officer, client_of, reviewer):
    assert "Press “Run the watch now”" in page(officer, WATCH)
    assert "Ask a safety officer" in page(client_of(reviewer), WATCH)


def test_the_button_runs_the_watch_once_for_one_form(officer, world):
    key = {"key": str(uuid.uuid4())}
    assert officer.post("/watch/run/", key).headers["Location"] == WATCH
    officer.post("/watch/run/", {"key": str(uuid.uuid4())})
    officer.post("/watch/run/", {"key": str(uuid.uuid4())})
    assert WatchRun.objects.count() == 3
    before = page(officer, WATCH)
    assert "The watch ran as of" in before
    twice = {"key": str(uuid.uuid4())}
    officer.post("/watch/run/", twice)
    officer.post("/watch/run/", twice)
    assert WatchRun.objects.count() == 4


def test_a_damaged_form_runs_nothing_and_says_so(officer, world):
    officer.post("/watch/run/", {"key": "broken"})
    assert not WatchRun.objects.exists()
    assert "This form is damaged" in page(officer, WATCH)


@pytest.mark.parametrize("role", ["clinician", "reviewer"])
def test_only_a_safety_officer_runs_and_decides(role, actor, client_of, run):
    client, alarm = client_of(actor(role)), Alarm.objects.first()
    assert client.post("/watch/run/").status_code == 403
    for end in ("decide", "close", "reopen"):
        assert client.get(f"/watch/alarms/{alarm.pk}/{end}/").status_code == 403
    assert client.get("/watch/duplicates/").status_code == 403
    text = page(client, WATCH)
    assert "Run the watch now" not in text
    assert "/decide/" not in text
    assert "Decide</a>" not in page(client, f"/watch/alarms/{alarm.pk}/")


def test_an_administrator_sees_no_watch(administrator, client_of):
    assert client_of(administrator).get(WATCH).status_code == 403


def test_the_alarm_comes_first_and_tells_third_and_eighth(officer, world, run):
    text = page(officer, WATCH)
    story = (
        "Would have alarmed on 1 Mar 2026 at the 3rd case; the 8th was reported on 4 Jun 2026, 95 days later."
    )
    assert story in text
    assert text.index(story) < text.index("Every lot and product")
    assert "Events now, de-duplicated" in text
    assert "would have alarmed 7 Mar 2026" in text
    assert "design choice of this project" in text
    assert "<strong>unverified</strong>" in text


def test_the_list_filters_sorts_and_exports(officer, world, run):
    only = page(officer, WATCH + "?kind=lot&sort=-expected")
    assert "1–1 of 1" in only
    assert "No lot or product matches" in page(officer, WATCH + "?state=exhausted")
    rows = page(officer, WATCH + "?export=csv").splitlines()
    assert len(rows) == 3
    assert rows[0].startswith("Lot or product,Kind,Treatments")
    assert "<span" not in rows[1]
    assert "Alarm,2026-03-01,2026-03-07" in rows[1]


def test_pages_ask_the_database_a_bounded_number_of_times(officer, world, run, django_assert_max_num_queries):
    stream = queries.lot_stream(run, world.lot.pk)
    for url, most in ((WATCH, 15), (f"/watch/streams/{stream.pk}/", 14), ("/watch/duplicates/", 10)):
        officer.get(url)
        with django_assert_max_num_queries(most):
            assert officer.get(url).status_code == 200


def test_a_stream_shows_its_numbers_and_hides_the_cases_of_other_sites(officer, world, run):
    stream = queries.lot_stream(run, world.lot.pk)
    text = page(officer, f"/watch/streams/{stream.pk}/")
    own, foreign = world.cases[0], world.cases[1]
    assert reverse("vigilance:case", args=[own.pk]) in text
    assert own.number in text
    assert foreign.number not in text
    assert reverse("vigilance:case", args=[foreign.pk]) not in text
    assert text.count("At another site") == 5
    assert "Counted with another case" in text
    assert "Cases that do not count, and why" in text
    assert run.snapshot_sha256 in text
    assert "1 in 1\u202f000 (the design)" in text
    assert "1 in 100 (upper bound)" in text
    assert "Release tests of the lot" in text
    assert reverse("catalogue:lot", args=[world.lot.pk]) in text
    assert text.count("<svg role=") == 2


def test_a_reviewer_sees_no_case_numbers_at_all(reviewer, client_of, world, run):
    stream = queries.lot_stream(run, world.lot.pk)
    text = page(client_of(reviewer), f"/watch/streams/{stream.pk}/")
    assert not [case.number for case in world.cases if case.number in text]


def test_a_product_and_an_earlier_run_have_their_pages(officer, world, run):
    later = actions.run_watch(by=system(), as_of=AS_OF)
    old = queries.streams_of(run).get(kind="product")
    text = page(officer, f"/watch/streams/{old.pk}/")
    assert "This is an earlier run" in text
    assert f"/watch/streams/{queries.streams_of(later).get(kind='product').pk}/" in text
    assert "Release tests" not in text
    assert officer.get("/watch/streams/999999/").status_code == 404


def test_the_proposed_pair_is_shown_decided_and_undone(officer, world, run):
    text = page(officer, "/watch/duplicates/")
    first, second = world.cases[0], world.double
    assert f"{first.number} and {second.number}" in text
    assert text.count("Counted as one") == 1
    assert "Weight of evidence: over 99 % that they are one" in text
    url = f"/watch/duplicates/{first.pk}/{second.pk}/"
    shown = page(officer, url)
    assert "same patient of the registry" in shown
    assert re.search(r"<dt>Same patient of the registry</dt><dd>\+\d+\.\d</dd>", shown)
    assert "same lot (Vesiculin (invented), VX-1)" in shown  # names, not keys
    assert "delayed-nodule" not in shown
    for decision, shown in (("different", "Counted as two"), ("same", "Counted as one")):
        answer = {"decision": decision, "reason": "Two lumps on two sides.", "key": str(uuid.uuid4())}
        assert officer.post(url, answer).status_code == 302
        officer.post(url, answer)
        assert shown in page(officer, "/watch/duplicates/")
    with scopes_disabled():
        assert DuplicateDecision.objects.count() == 2
    assert page(officer, url).count("Two lumps on two sides.") == 2


def test_pairs_that_a_number_ties_come_first_in_the_order_of_the_elements(officer, world, run):
    stranger = {"onset": None, "patient": None, "term": "nodule"}
    treatment = world.treat(world.patient(world.sites[0]), 3)
    told = [world.case(treatment, received=90 + n, **stranger) for n in range(6)]
    numbers = [
        {"linked": "GB-OTHER-0009"}, {"sender": "GB OTHER 0009"},
        {"other": "GB-OTHER-0008"}, {"sender": "gb-other-0008"},
        {"worldwide": "GB-OTHER-0007"}, {"worldwide": "GB/OTHER/0007"},
    ]  # fmt: skip
    for case, named in zip(told, numbers, strict=True):
        world.named_by_others(case, 95, **named)
    text = page(officer, "/watch/duplicates/")
    reasons = [
        "the same worldwide case identification (GBOTHER0007, C.1.8.1)",
        "the same case number (GBOTHER0008, C.1.9.1)",
        "one report names the other as linked (GBOTHER0009, C.1.10)",
        "same patient of the registry",
    ]
    assert sorted(reasons, key=text.index) == reasons
    row = text[text.index(reasons[2]) :]
    assert row.index("Counted as two") < row.index("</tr>")


def test_a_duplicate_decision_without_reason_changes_nothing(officer, world, run):
    url = f"/watch/duplicates/{world.cases[0].pk}/{world.double.pk}/"
    for wrong in ({"reason": ""}, {"reason": "yes"}, {"decision": "perhaps"}):
        answer = {"decision": "same", "reason": "The same woman and lump.", "key": str(uuid.uuid4()), **wrong}
        assert officer.post(url, answer).status_code == 422
    with scopes_disabled():
        assert not DuplicateDecision.objects.exists()


def test_pairs_of_another_site_do_not_exist_here(client_of, actor, other_site, world, run):
    other = client_of(actor("safety_officer", other_site))
    assert "No pair is waiting" in page(other, "/watch/duplicates/")
    assert other.get(f"/watch/duplicates/{world.cases[0].pk}/{world.double.pk}/").status_code == 404
    assert other.get(f"/watch/duplicates/{world.cases[1].pk}/{world.cases[3].pk}/").status_code == 404
