"""Running the watch over a network, deciding alarms and duplicates."""

import dataclasses
import uuid

import pytest
from django.core import mail
from django.utils import timezone
from django_scopes import scopes_disabled

from exovigil.governance.action import Refused
from exovigil.governance.actors import NotAllowed, system
from exovigil.governance.models import AuditEvent
from exovigil.signals import actions, queries
from exovigil.signals.models import Alarm, AlarmDecision, DuplicateDecision, Stream, StreamRank, WatchRun
from exovigil.signals.watch import StreamKey
from exovigil.vigilance import queries as vigilance
from tests.signals.world import AS_OF, World, day

pytestmark = pytest.mark.django_db
NOTE = "Two biopsies show granuloma; the maker is told today."


@pytest.fixture
def world(site, other_site) -> World:
    return World([site, other_site])


@pytest.fixture
def cluster(world) -> World:
    world.quiet_treatments(60)
    world.cases = world.cluster()
    return world


@pytest.fixture
def run(django_capture_on_commit_callbacks):
    def go(as_of=AS_OF, by=None, **more) -> WatchRun:
        with django_capture_on_commit_callbacks(execute=True):
            return actions.run_watch(by=by or system(), as_of=as_of, **more)

    return go


def lot_stream(found: WatchRun, world: World) -> Stream:
    return queries.lot_stream(found, world.lot.pk)


def test_the_cluster_alarms_at_the_third_report_over_both_sites(cluster, run, safety_officer):
    stream = lot_stream(run(), cluster)
    assert (stream.treatments, stream.events_raw, stream.events_deduplicated) == (68, 8, 8)
    assert (stream.state, stream.alarmed_on) == ("alarm", day(61))
    assert stream.alarmed_on_deduplicated == day(61)
    alarm = Alarm.objects.get(lot=cluster.lot)
    assert (alarm.alarmed_on, alarm.events, alarm.state) == (day(61), 3, "open")
    path = queries.replay(stream)
    assert (path.raw.marked.on, path.raw.marked_number, path.raw.days_gained) == (day(170), 8, 109)
    assert queries.counted_once(path) == ""
    assert queries.sentence(path.raw) == (
        "Would have alarmed on 7 Mar 2026 at the 3rd case; "
        "the 8th and latest was reported on 24 Jun 2026, 109 days later."
    )


def test_running_twice_raises_one_alarm_and_writes_one_mail(cluster, run, safety_officer):
    run()
    written = len(mail.outbox)
    run()
    assert Alarm.objects.filter(lot=cluster.lot).count() == 1
    assert len(mail.outbox) == written == Alarm.objects.count()
    message = next(m for m in mail.outbox if "lot VX-1" in m.subject)
    assert message.bcc == ["safety_officer@oak.example"]
    assert message.to == []
    assert "7 Mar 2026" in message.body
    for case in cluster.cases:
        assert case.number not in message.body
        assert case.patient.pseudonym not in message.body


def test_a_mail_that_cannot_be_sent_undoes_nothing(cluster, run, safety_officer, settings):
    settings.EMAIL_BACKEND = "tests.signals.test_actions.NoMail"
    run()
    assert Alarm.objects.filter(lot=cluster.lot).exists()


class NoMail:
    def __init__(self, *_, **__):
        raise OSError("no mail server")


def test_an_early_second_report_by_one_woman_alarms_raw_sooner_and_both_dates_show(cluster, run):
    first = cluster.cases[0]
    cluster.case(first.treatment, onset=31, received=40, term="papule")  # she writes; her clinic had reported
    stream = lot_stream(run(), cluster)
    assert (stream.events_raw, stream.events_deduplicated) == (9, 8)
    assert (stream.alarmed_on, stream.alarmed_on_deduplicated) == (day(55), day(61))
    assert Alarm.objects.get(lot=cluster.lot).alarmed_on == day(55)
    path = queries.replay(stream)
    assert "the 8th was reported on 4 Jun 2026" in queries.sentence(path.raw)
    assert queries.counted_once(path) == (
        "With double reports counted once: would have alarmed on 7 Mar 2026 at the 3rd case; "
        "the 8th and latest was reported on 24 Jun 2026, 109 days later."
    )


def test_a_report_without_onset_never_swallows_the_one_that_has_it(world, run):
    treatment = world.treat(world.patient(world.sites[0]), 0)
    world.case(treatment, onset=None, received=30)
    world.case(treatment, onset=28, received=40)
    stream = lot_stream(run(), world)
    assert (stream.events_raw, stream.events_deduplicated) == (1, 1)
    standings = {e["standing"]: e["counted_once"] for e in stream.result["events"]}
    assert standings == {"unknown": False, "inside": True}


def test_distinct_women_of_one_lot_are_never_proposed(cluster, safety_officer, member):
    with scopes_disabled():
        assert (
            queries.pairs(dataclasses.replace(safety_officer, site_ids=tuple(s.pk for s in cluster.sites)))
            == []
        )
    assert len(vigilance.reactions(timezone.localdate())) == 8


def test_ranks_once_given_stay_when_a_treatment_is_back_dated(cluster, run):
    run()
    before = {(r.kind, r.product_id, r.lot_id): r.rank for r in StreamRank.objects.all()}
    late = cluster.another_lot("VX-0")
    cluster.treat(cluster.patient(cluster.sites[0]), -20, late)
    found = run()
    after = {(r.kind, r.product_id, r.lot_id): r.rank for r in StreamRank.objects.all()}
    assert {key: after[key] for key in before} == before
    assert queries.ranks()["delayed-nodule"][StreamKey("lot", str(late.pk))] == 2
    assert lot_stream(found, cluster).result["rank"] == 1
    assert lot_stream(found, cluster).alarmed_on == day(61)


def test_a_run_that_started_before_another_ended_keeps_nothing(cluster, run):
    night = queries.compute(AS_OF)
    run()
    with pytest.raises(Refused, match="Another run"):
        actions.keep_run(by=system(), night=night)
    assert WatchRun.objects.count() == 1


def test_the_snapshot_names_the_inputs(cluster, run):
    first, second = run(), run()
    assert first.snapshot_sha256 != second.snapshot_sha256  # ranks were given in between
    assert run().snapshot_sha256 == second.snapshot_sha256
    cluster.case(cluster.cases[0].treatment, onset=None, received=200, term="erythema")
    assert run().snapshot_sha256 != second.snapshot_sha256


def test_a_watch_back_in_time_knows_only_what_was_known(cluster, run):
    stream = lot_stream(run(day(60)), cluster)
    assert (stream.state, stream.events_raw) == ("watching", 2)
    assert not Alarm.objects.exists()


def test_other_reactions_and_cases_without_product_are_told_and_not_counted(world, run):
    treatment = world.treat(world.patient(world.sites[0]), 0)
    world.case(treatment, onset=30, received=31, term="erythema")
    lost = world.case(
        treatment,
        onset=30,
        received=31,
        treatment=None,
        product=None,
        product_status="unknown",
        lot=None,
        lot_status="not_asked",
    )
    found = run()
    assert lot_stream(found, world).events_raw == 0
    assert found.inputs["cases"] == 2
    (homeless,) = found.inputs["unassigned"]["delayed-nodule"]
    assert (homeless["case"], homeless["site"]) == (lost.pk, "oak")


def test_events_before_any_treatment_are_kept_without_infinity(world, run):
    """PostgreSQL refuses infinity in JSON; the alarm must stand and be readable again."""
    early = world.another_lot("VX-9")
    ghost = world.treat(world.patient(world.sites[0]), 0, early)
    for number in range(3):
        world.case(ghost, onset=20, received=30 + number, patient=world.patient(world.sites[0]))
    with scopes_disabled():
        type(ghost).objects.filter(pk=ghost.pk).update(lot=world.lot)
    stream = queries.lot_stream(run(), early.pk)
    assert (stream.state, stream.treatments, stream.result["expected_missing"]) == ("alarm", 0, True)
    assert queries.replay(stream).steps[-1].llr_raw == float("inf")


def test_a_day_to_come_is_refused(run, safety_officer):
    with pytest.raises(Refused, match="not ahead"):
        run(day(9999))
    assert not WatchRun.objects.exists()


def test_a_clinician_may_not_run_the_watch_or_decide(clinician, cluster, run):
    with pytest.raises(NotAllowed):
        actions.run_watch(by=clinician, as_of=AS_OF)
    with pytest.raises(NotAllowed):
        actions.keep_run(by=clinician, night=queries.compute(AS_OF))
    run()
    alarm = Alarm.objects.first()
    with pytest.raises(NotAllowed):
        actions.decide_alarm(by=clinician, alarm=alarm, decision="no_action", note=NOTE)
    assert WatchRun.objects.count() == 1
    assert not AlarmDecision.objects.exists()


def test_the_same_key_twice_keeps_one_run(cluster, run):
    run()
    key = str(uuid.uuid4())
    assert run(key=key) == run(key=key)
    assert WatchRun.objects.count() == 2


def _double(world):
    treatment = world.treat(world.patient(world.sites[0]), 0)
    return world.case(treatment, onset=30, received=31), world.case(treatment, onset=32, received=45)


def test_the_latest_decision_counts_and_can_be_undone(world, run, safety_officer, site):
    first, second = _double(world)
    decide = {"by": safety_officer, "site": site, "reason": "The clinic says these are two lumps."}
    assert lot_stream(run(), world).events_deduplicated == 1
    actions.decide_duplicate(first=second, second=first, decision="different", **decide)
    assert lot_stream(run(), world).events_deduplicated == 2
    actions.decide_duplicate(first=first, second=second, decision="same", **decide)
    stream = lot_stream(run(), world)
    assert (stream.events_raw, stream.events_deduplicated) == (2, 1)
    with scopes_disabled():
        assert DuplicateDecision.objects.count() == 2
    event = AuditEvent.objects.filter(action="signals.duplicate.decided").first()
    assert '"before":"different"' in event.data
    assert "lumps" not in event.data


def test_a_pair_with_another_sites_case_needs_a_role_at_both(world, safety_officer, site, member):
    one = world.case(world.treat(world.patient(world.sites[0]), 0), onset=30, received=31)
    other = world.case(world.treat(world.patient(world.sites[1]), 0), onset=30, received=31)
    pair = {
        "site": site,
        "first": one,
        "second": other,
        "decision": "same",
        "reason": "One woman, two clinics.",
    }
    with pytest.raises(NotAllowed):
        actions.decide_duplicate(by=safety_officer, **pair)
    with scopes_disabled():
        assert not DuplicateDecision.objects.exists()
    both = dataclasses.replace(safety_officer, site_ids=(one.site_id, other.site_id))
    assert actions.decide_duplicate(by=both, **pair).first_id == one.pk


@pytest.mark.parametrize(
    ("change", "field"), [({"decision": "maybe"}, "decision"), ({"reason": "  "}, "reason")]
)
def test_a_duplicate_decision_without_grounds_is_refused(world, safety_officer, site, change, field):
    first, second = _double(world)
    answer = {"decision": "same", "reason": "Same woman, same lump.", **change}
    with pytest.raises(Refused) as refusal:
        actions.decide_duplicate(by=safety_officer, site=site, first=first, second=second, **answer)
    assert refusal.value.field == field
    with pytest.raises(Refused, match="itself"):
        actions.decide_duplicate(
            by=safety_officer, site=site, first=first, second=first, decision="same", reason="x" * 20
        )
    with scopes_disabled():
        assert not DuplicateDecision.objects.exists()
