"""``exovigil worker``: does the jobs of the night and sends what waits, until it is stopped."""

import logging
import signal
import threading
from types import FrameType

from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from exovigil.cli.setup import complaints, console
from exovigil.governance.actors import system
from exovigil.signals import actions, queries, tasks

log = logging.getLogger("exovigil.worker")


def run(*, once: bool, interval: float) -> int:
    """Work until stopped, or ``once`` until nothing is due; returns the exit code: 1 when a job of this night failed.

    Stopping lets the job in hand come to its end. A worker that is killed leaves its job to the next one.
    """
    stop = threading.Event()
    _stop_on_signals(stop)
    if not once:
        console.print("Working: the watch and the reminders run every night. Stop with Ctrl+C.")
    while True:
        try:
            _turn()
        except (DatabaseError, OSError):  # the database or the mail server is away: try again
            log.exception("the worker could not do what is due; it tries again")
            if once:
                return 1
        if once:
            return _told()
        if stop.wait(interval):
            return 0


def _turn() -> None:
    close_old_connections()
    tasks.plan()
    Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    ).run()
    actions.send_what_is_left(by=system("Worker"))


def _told() -> int:
    """Say what of this night is not done, and how to find out why."""
    now = timezone.now()
    night = actions.night_due(now)
    left = queries.not_done(night)
    failed = [job for job in left if job.attempts and job.held_until is None]
    for job in left:
        why = (
            "The log says why; it is tried again in half an hour"
            if job in failed
            else "It waits or is in other hands"
        )
        complaints.print(f"Not done: {job}. {why}.", markup=False)
    if not left:
        console.print(f"The night of {night} is done.")
    return 1 if failed else 0


def _stop_on_signals(stop: threading.Event) -> None:
    def asked(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, asked)
