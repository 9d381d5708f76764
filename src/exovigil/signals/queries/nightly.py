"""What the worker has to do, and did, at night."""

import datetime as dt

from exovigil.signals.models import NightlyJob

HOLD = dt.timedelta(
    minutes=30
)  # how long a job stays in the queue or in one worker's hands; the watch takes seconds


def undone(night: dt.date, now: dt.datetime) -> list[str]:
    """Jobs of a night that are neither done nor in the queue or in somebody's hands."""
    rows = {row.job: row for row in NightlyJob.objects.filter(night=night)}
    return [str(job) for job in NightlyJob.Job if job not in rows or not rows[job].is_in_hand(now, HOLD)]


def not_done(night: dt.date) -> list[NightlyJob]:
    """Jobs of a night that were planned and are not done."""
    return list(NightlyJob.objects.filter(night=night, done_at__isnull=True))


def latest_night() -> NightlyJob | None:
    """Return the watch's latest night that is done, or None before the first."""
    return NightlyJob.objects.filter(job=NightlyJob.Job.WATCH, done_at__isnull=False).first()
