"""The nights: each job once, whatever is restarted, killed in the middle, run twice or by two workers."""

import datetime as dt
import smtplib
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.utils import timezone
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from exovigil.cli import worker
from exovigil.governance.actors import system
from exovigil.governance.models import AuditEvent
from exovigil.signals import actions, queries, tasks
from exovigil.signals.actions import nightly
from exovigil.signals.models import Alarm, NightlyJob, Notice, WatchRun
from exovigil.signals.queries.nightly import HOLD
from tests.signals.world import World

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
NOW = dt.datetime(2026, 9, 30, 4, 0, tzinfo=LONDON)
NIGHT = NOW.date()


class Killed(BaseException):
    """What ends a program at once: no clearing up."""


def kill(*_, **__):
    raise Killed


@pytest.fixture
def world(site, other_site) -> World:
    made = World([site, other_site])
    made.quiet_treatments(30)
    made.cluster()
    return made


@pytest.fixture
def clock(monkeypatch):
    """Sets the time of everything that asks Django for it."""

    def at(moment: dt.datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    at(NOW)
    return at


@pytest.fixture(autouse=True)
def in_the_tests_process(monkeypatch):
    """Leave the signals of the process alone, and the connection that holds the test's transaction open."""
    monkeypatch.setattr(worker, "_stop_on_signals", lambda stop: None)
    for module in (worker, db_worker):
        monkeypatch.setattr(module, "close_old_connections", lambda: None)


def alarm_mails() -> list[str]:
    return [message.subject for message in mail.outbox if message.subject.startswith("Exovigil alarm")]


def turn() -> int:
    return worker.run(once=True, interval=1)


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        (dt.datetime(2026, 9, 30, 2, 59, tzinfo=LONDON), dt.date(2026, 9, 29)),
        (dt.datetime(2026, 9, 30, 3, 0, tzinfo=LONDON), dt.date(2026, 9, 30)),
        (dt.datetime(2026, 9, 30, 23, 59, tzinfo=LONDON), dt.date(2026, 9, 30)),
        (dt.datetime(2026, 9, 30, 1, 30, tzinfo=dt.UTC), dt.date(2026, 9, 29)),  # half past two in summer
        (dt.datetime(2026, 9, 30, 2, 0, tzinfo=dt.UTC), dt.date(2026, 9, 30)),
        (
            dt.datetime(2026, 10, 25, 2, 0, tzinfo=dt.UTC),
            dt.date(2026, 10, 24),
        ),  # the clocks went back: two o'clock
        (dt.datetime(2026, 10, 25, 3, 0, tzinfo=dt.UTC), dt.date(2026, 10, 25)),
        (
            dt.datetime(2026, 3, 29, 2, 0, tzinfo=dt.UTC),
            dt.date(2026, 3, 29),
        ),  # forward: three o'clock at once
    ],
)
def test_a_night_is_due_at_its_local_hour(moment, night):
    assert nightly.night_due(moment) == night


def test_another_hour_may_be_set(settings):
    settings.NIGHT_HOUR = 23
    assert nightly.night_due(NOW) == NIGHT - dt.timedelta(days=1)


def test_one_night_runs_the_watch_and_the_clocks_and_tells_the_officer_once(world, clock, safety_officer):
    assert turn() == 0
    run = WatchRun.objects.get()
    assert run.as_of == NIGHT
    assert NightlyJob.objects.get(job="watch").run == run
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {
        "signals.night.done",
        "vigilance.clocks.run",
        "signals.notice.sent",
    }
    told = [message for message in mail.outbox if "Exovigil alarm" in message.subject]
    assert len(told) == Alarm.objects.count() == Notice.objects.filter(recipients=1).count()
    alarm = Alarm.objects.get(lot=world.lot)
    assert any(f"/watch/alarms/{alarm.pk}/" in message.body for message in told)


def test_the_same_night_again_does_nothing(world, clock, safety_officer):
    turn()
    written, events = len(mail.outbox), AuditEvent.objects.count()
    clock(NOW + dt.timedelta(hours=20))
    assert turn() == 0
    assert (WatchRun.objects.count(), len(mail.outbox), AuditEvent.objects.count()) == (1, written, events)


def test_the_next_night_runs_again_and_alarms_nobody_twice(world, clock, safety_officer):
    turn()
    alarms = alarm_mails()
    clock(NOW + dt.timedelta(days=1))
    turn()
    assert [run.as_of for run in WatchRun.objects.all()] == [NIGHT + dt.timedelta(days=1), NIGHT]
    assert alarm_mails() == alarms


def test_after_a_week_down_one_run_catches_up(world, clock):
    turn()
    clock(NOW + dt.timedelta(days=7, hours=-2))
    turn()
    assert [run.as_of for run in WatchRun.objects.all()] == [NIGHT + dt.timedelta(days=6), NIGHT]


@pytest.mark.parametrize("where", ["compute", "keep_run", "finish_job"])
def test_a_worker_killed_in_the_middle_leaves_the_night_to_the_next(world, clock, monkeypatch, where):
    nightly.plan_night(by=system(), now=NOW, enqueue=tasks.nightly_job.enqueue)
    with monkeypatch.context() as patch:
        patch.setattr(nightly, where, kill)
        with pytest.raises(Killed):
            nightly.run_job(by=system(), night=NIGHT, job="watch")
    DBTaskResult.objects.all().delete()  # whoever took it from the queue is dead
    assert (WatchRun.objects.count(), Alarm.objects.count()) == (0, 0)
    clock(NOW + dt.timedelta(minutes=5))
    assert turn() == 0
    assert not WatchRun.objects.exists()  # it may still be at work
    clock(NOW + HOLD + dt.timedelta(minutes=1))
    assert turn() == 0
    assert WatchRun.objects.count() == 1
    assert NightlyJob.objects.get(job="watch").attempts == 2


def test_a_worker_killed_before_its_mail_leaves_the_mail_to_the_next(
    world, clock, safety_officer, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(actions, "send_what_is_left", kill)
        with pytest.raises(Killed):
            turn()
    assert Alarm.objects.exists()
    assert not alarm_mails()
    turn()
    turn()
    assert len(alarm_mails()) == Alarm.objects.count()


def test_a_mail_server_that_is_away_is_asked_again(world, clock, safety_officer, settings):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.signals.test_nightly.NoMail"
    assert turn() == 1
    assert WatchRun.objects.count() == 1
    assert not Notice.objects.filter(sent_at__isnull=False).exists()
    settings.EMAIL_BACKEND = working
    clock(NOW + HOLD + dt.timedelta(seconds=1))
    assert turn() == 0
    assert len(alarm_mails()) == Alarm.objects.count()


class NoMail:
    def __init__(self, *_, **__):
        raise smtplib.SMTPConnectError(421, b"no mail server")


def test_a_job_that_fails_is_told_and_tried_again_after_a_while(world, clock, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr(nightly, "compute", lambda day: 1 / 0)
        assert turn() == 1
    assert NightlyJob.objects.get(job="clocks").done_at is not None  # one job's fault stops no other
    assert turn() == 1
    clock(NOW + HOLD + dt.timedelta(seconds=1))
    assert turn() == 0
    assert WatchRun.objects.count() == 1
    assert AuditEvent.objects.filter(action="signals.night.failed").count() == 1


def test_of_two_workers_one_does_each_job(world, clock, monkeypatch):
    """The second asks while the first computes, and again in the moment before the first keeps its run."""
    compute, asked = nightly.compute, []

    def meanwhile(day):
        asked.append(tasks.plan(NOW))
        asked.append(nightly.run_job(by=system(), night=NIGHT, job="watch"))
        return compute(day)

    monkeypatch.setattr(nightly, "compute", meanwhile)
    assert turn() == 0
    assert asked == [[], False]
    assert WatchRun.objects.count() == 1


def test_a_worker_whose_time_was_over_undoes_its_run_when_another_finished(world, clock, monkeypatch):
    compute = nightly.compute

    def slow(day):
        found = compute(day)
        NightlyJob.objects.filter(job="watch").update(done_at=NOW)
        return found

    nightly.plan_night(by=system(), now=NOW, enqueue=tasks.nightly_job.enqueue)
    monkeypatch.setattr(nightly, "compute", slow)
    assert nightly.run_job(by=system(), night=NIGHT, job="watch") is False
    assert not WatchRun.objects.exists()


def test_a_run_by_hand_at_the_same_moment_makes_the_night_compute_again(world, clock, monkeypatch):
    compute, times = nightly.compute, []

    def interrupted(day):
        found = compute(day)
        times.append(day)
        if len(times) == 1:
            actions.run_watch(by=system(), as_of=NIGHT)
        return found

    monkeypatch.setattr(nightly, "compute", interrupted)
    assert turn() == 0
    assert (len(times), WatchRun.objects.count()) == (2, 2)
    assert queries.latest_night().run == WatchRun.objects.first()


def test_what_waits_in_the_queue_holds_no_patient(world, clock):
    tasks.plan(NOW)
    assert sorted(row.args_kwargs["args"] for row in DBTaskResult.objects.all()) == [
        ["2026-09-30", "clocks"],
        ["2026-09-30", "watch"],
    ]


def test_a_job_nobody_planned_is_not_done(world, clock):
    assert nightly.run_job(by=system(), night=NIGHT, job="watch") is False
