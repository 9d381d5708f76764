"""Running the watch: compute without a lock, then keep the run and raise its alarms in one transaction."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

import exovigil
from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission
from exovigil.signals import record
from exovigil.signals.actions.notices import send_after_commit
from exovigil.signals.models import Alarm, Notice, Stream, StreamRank, WatchRun
from exovigil.signals.queries.night import Night, Watched, compute
from exovigil.signals.queries.runs import ranks
from exovigil.signals.watch import StreamState

_BUSY = "Another run of the watch finished a moment ago. Open the watch to see it, or run it again."


def run_watch(*, by: Actor, as_of: dt.date, key: str = "") -> WatchRun:
    """Run the watch over every lot and product of the network, on what was known by the end of ``as_of``.

    The computing takes seconds on a large registry and holds no lock; ``keep_run`` then writes everything at
    once. Alarms are raised once for a stream and event class, however often the watch runs.
    """
    by.must(Permission.RUN_WATCH)
    if as_of > timezone.localdate():
        raise Refused("The watch looks back, not ahead. Give today or an earlier day.", "as_of")
    keep: Callable[..., WatchRun] = keep_run  # it takes an idempotency key too, as every action does
    return keep(by=by, night=compute(as_of), key=key)


@action(Permission.RUN_WATCH)
def keep_run(*, by: Actor, night: Night) -> WatchRun:
    """Keep what a night's watch found, give new streams their ranks and raise new alarms."""
    if ranks() != night.known_ranks:
        raise Refused(_BUSY)
    try:
        with transaction.atomic():
            _give_ranks(night)
    except IntegrityError as error:  # another run gave out the same ranks at the same moment
        raise Refused(_BUSY) from error
    run = WatchRun.objects.create(
        as_of=night.as_of,
        design=[record.plain_design(design) for design in night.designs],
        inputs=night.summary,
        snapshot_sha256=night.snapshot_sha256,
        version=exovigil.__version__,
    )
    Stream.objects.bulk_create((_row(run, stream) for stream in night.streams), batch_size=500)
    raised = [alarm for stream in night.streams for alarm in _raise(by, run, stream)]
    audit.record(
        "signals.watch.ran",
        by=by,
        target=run,
        as_of=night.as_of,
        streams=len(night.streams),
        alarms=len(raised),
        snapshot=night.snapshot_sha256,
    )
    return run


def _give_ranks(night: Night) -> None:
    StreamRank.objects.bulk_create(
        (
            StreamRank(
                event_class=s.design.key,
                kind=s.opened.key.kind,
                product_id=s.product_id,
                lot_id=s.lot_id,
                rank=s.opened.rank,
            )
            for s in night.streams
            if s.opened.key not in night.known_ranks.get(s.design.key, {})
        ),
        batch_size=500,
    )


def _row(run: WatchRun, watched: Watched) -> Stream:
    result = watched.result
    states = {StreamState.ALARM: Stream.State.ALARM, StreamState.EXHAUSTED: Stream.State.EXHAUSTED}
    return Stream(
        run=run,
        event_class=watched.design.key,
        kind=watched.opened.key.kind,
        product_id=watched.product_id,
        lot_id=watched.lot_id,
        state=states.get(result.state, Stream.State.WATCHING),
        treatments=result.treatments,
        expected=result.expected,
        events_raw=result.raw.events,
        events_deduplicated=result.deduplicated.events,
        alarmed_on=result.raw.alarm_on,
        alarmed_on_deduplicated=result.deduplicated.alarm_on,
        result=watched.plain,
    )


def _raise(by: Actor, run: WatchRun, watched: Watched) -> list[Alarm]:
    """Raise the alarm of a stream unless it was raised before; the raw count decides, for it is never later."""
    path = record.replay(watched.plain, watched.result.expected) if watched.result.raw.alarm_on else None
    if path is None or path.raw.alarm is None:
        return []
    stream: dict[str, Any] = {"product_id": watched.product_id, "lot_id": watched.lot_id}
    alarm, is_new = Alarm.objects.get_or_create(
        event_class=watched.design.key,
        **stream,
        defaults={
            "alarmed_on": path.raw.alarm.on,
            "events": path.raw.number,
            "expected": path.raw.alarm.expected,
        },
    )
    if not is_new:
        return []
    audit.record(
        "signals.alarm.raised",
        by=by,
        target=alarm,
        run=run.pk,
        product=alarm.product_id,
        lot=alarm.lot_id,
        alarmed_on=alarm.alarmed_on,
        events=alarm.events,
    )
    send_after_commit([Notice.objects.create(alarm=alarm)])
    return [alarm]
