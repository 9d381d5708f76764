"""What the worker does every night: each job planned once and done once, whatever is restarted in between.

A night is a local day; its jobs are due at ``NIGHT_HOUR``. Only the latest night that is due is planned, so a
registry that was down for a week catches up with one run. Planning writes the job's row and its place in the queue
in one transaction, which a unique constraint lets happen once. A job's work is kept in one transaction with the
word that it is done (the watch), or is by itself done once (reminders, notices).
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.roles import Permission
from exovigil.signals.actions.watch import keep_run
from exovigil.signals.models import NightlyJob, WatchRun
from exovigil.signals.queries.night import compute
from exovigil.signals.queries.nightly import HOLD, undone
from exovigil.vigilance import actions as vigilance

TRIES = 3  # to keep a run although somebody pressed the button meanwhile
Enqueue = Callable[[str, str], Any]


def night_due(now: dt.datetime) -> dt.date:
    """Return the latest night whose hour has come."""
    local = timezone.localtime(now)
    return local.date() if local.hour >= settings.NIGHT_HOUR else local.date() - dt.timedelta(days=1)


def plan_night(*, by: Actor, now: dt.datetime, enqueue: Enqueue) -> list[NightlyJob]:
    """Plan what is due and put it in the queue; what somebody took and never finished is put there again."""
    night, planned = night_due(now), []
    for job in undone(night, now):
        try:
            planned.append(plan_job(by=by, night=night, job=job, now=now, enqueue=enqueue))
        except (Refused, IntegrityError):  # another worker planned it at the same moment
            continue
    return planned


@action(Permission.RUN_WATCH)
def plan_job(*, by: Actor, night: dt.date, job: str, now: dt.datetime, enqueue: Enqueue) -> NightlyJob:
    """Put one job of a night into the queue, unless it is there already, in hand, or done."""
    row = NightlyJob.objects.select_for_update().filter(night=night, job=job).first()
    if row is None:
        row = NightlyJob.objects.create(night=night, job=job, queued_at=now)
    elif row.is_in_hand(now, HOLD):
        raise Refused("This job is planned already.")
    else:
        row.queued_at = now
        row.save(update_fields=["queued_at"])
    enqueue(night.isoformat(), str(job))
    audit.record("signals.night.planned", by=by, target=row, night=night, job=str(job))
    return row


def run_job(*, by: Actor, night: dt.date, job: str) -> bool:
    """Do one job of a night; returns whether this call did it, False when it was done or is in other hands."""
    try:
        row = take_job(by=by, night=night, job=job)
    except Refused:
        return False
    work = _watch if row.job == NightlyJob.Job.WATCH else _clocks
    try:
        return work(by, row)
    except Exception:
        drop_job(by=by, job=row)
        raise


@action(Permission.RUN_WATCH)
def take_job(*, by: Actor, night: dt.date, job: str) -> NightlyJob:
    """Take a planned job for oneself; refused when it is done, or in the hands of somebody whose time is not over."""
    now = timezone.now()
    row = NightlyJob.objects.select_for_update().filter(night=night, job=job).first()
    if row is None:
        raise Refused("This job was never planned.")
    if row.done_at is not None or (row.held_until is not None and row.held_until > now):
        raise Refused("This job is done, or another worker is at it.")
    row.held_until, row.attempts = now + HOLD, row.attempts + 1
    row.save(update_fields=["held_until", "attempts"])
    audit.record("signals.night.taken", by=by, target=row, night=night, job=str(job), attempt=row.attempts)
    return row


@action(Permission.RUN_WATCH)
def finish_job(*, by: Actor, job: NightlyJob, run: WatchRun | None = None) -> NightlyJob:
    """Say that a job is done; refused the second time, which undoes the work it is kept together with."""
    row = NightlyJob.objects.select_for_update().get(pk=job.pk)
    if row.done_at is not None:
        raise Refused("This job is done already.")
    row.done_at, row.held_until, row.run = timezone.now(), None, run
    row.save(update_fields=["done_at", "held_until", "run"])
    audit.record("signals.night.done", by=by, target=row, night=row.night, job=row.job)
    return row


@action(Permission.RUN_WATCH)
def drop_job(*, by: Actor, job: NightlyJob) -> NightlyJob:
    """Let go of a job that failed; it goes into the queue again when its time there is over."""
    row = NightlyJob.objects.select_for_update().get(pk=job.pk)
    row.held_until = None
    row.save(update_fields=["held_until"])
    audit.record("signals.night.failed", by=by, target=row, night=row.night, job=row.job)
    return row


def _watch(by: Actor, row: NightlyJob) -> bool:
    for left in reversed(range(TRIES)):
        night = compute(row.night)  # takes seconds on a large registry, and no lock
        try:
            with transaction.atomic():
                finish_job(by=by, job=row, run=keep_run(by=by, night=night))
        except Refused:
            if NightlyJob.objects.get(pk=row.pk).done_at is not None:
                return False
            if not left:
                raise
        else:
            return True
    return False


def _clocks(by: Actor, row: NightlyJob) -> bool:
    """Remind at every site; one whose mail cannot be sent keeps no other from being reminded."""
    failed: list[Exception] = []
    for site in Site.objects.order_by("pk"):
        try:
            vigilance.remind(by=by, site=site, as_of=row.night)
        except OSError as error:  # what a mail server does wrong, smtplib's errors included
            failed.append(error)
    if failed:
        raise failed[0]
    finish_job(by=by, job=row)
    return True
