"""What the worker runs: the jobs of the night, from the queue in the database."""

import datetime as dt

from django.utils import timezone
from django_tasks import task

from exovigil.governance.actors import system
from exovigil.signals.actions import nightly
from exovigil.signals.models import NightlyJob


@task()
def nightly_job(night: str, job: str) -> bool:
    """Do one job of a night (ISO date); returns whether this call did it."""
    return nightly.run_job(by=system("Worker"), night=dt.date.fromisoformat(night), job=job)


def plan(now: dt.datetime | None = None) -> list[NightlyJob]:
    """Put the jobs of the latest night that is due into the queue, once."""
    return nightly.plan_night(by=system("Worker"), now=now or timezone.now(), enqueue=nightly_job.enqueue)
