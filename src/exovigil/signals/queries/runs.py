"""Runs of the watch and the streams in them."""

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from exovigil.foundation.marks import day_words
from exovigil.signals import record
from exovigil.signals.models import Alarm, Stream, StreamRank, WatchRun
from exovigil.signals.watch import StreamKey, StreamKind


def latest_run() -> WatchRun | None:
    """Return the run that ran last, or None when the watch never ran."""
    return WatchRun.objects.first()


def run(run_id: int) -> WatchRun:
    """One run by key; raises WatchRun.DoesNotExist."""
    return WatchRun.objects.get(pk=run_id)


def streams_of(run: WatchRun) -> QuerySet[Stream]:
    """Streams of a run with their products and lots: those in alarm first, then by events and expected count."""
    return streams().filter(run=run).order_by("state", "-events_raw", "-expected", "pk")


def picked_streams(run: WatchRun, event_class: str) -> QuerySet[Stream]:
    """Streams of one design that e-BH picks out of all, by the second opinion that the run kept."""
    found = streams_of(run).filter(event_class=event_class, events_deduplicated__gt=0)
    return found.filter(result__second_opinion__picked=True)


def streams() -> QuerySet[Stream]:
    """Every stream of every run, with its run, product and lot read along."""
    return Stream.objects.select_related("run", "product", "lot__product")


def stream(stream_id: int) -> Stream:
    """One stream by key; raises Stream.DoesNotExist."""
    return streams().get(pk=stream_id)


def lot_stream(run: WatchRun, lot_id: int) -> Stream:
    """Stream of a lot in a run, of the design that found most; raises Stream.DoesNotExist."""
    found = streams_of(run).filter(lot=lot_id).first()
    if found is None:
        raise Stream.DoesNotExist(f"lot {lot_id} has no stream in this run; it had no treatment by then")
    return found


def ranks() -> dict[str, dict[StreamKey, int]]:
    """Ranks given out so far, by design; products and lots go by their keys."""
    held: dict[str, dict[StreamKey, int]] = {}
    rows = StreamRank.objects.values_list("event_class", "kind", "product_id", "lot_id", "rank")
    for design, kind, product, lot, rank in rows:
        held.setdefault(design, {})[stream_key(kind, product, lot)] = rank
    return held


def stream_key(kind: str, product_id: int, lot_id: int | None) -> StreamKey:
    """Name a stream as the watch does."""
    known: StreamKind = "lot" if kind == Stream.Kind.LOT else "product"
    return StreamKey(known, str(product_id if lot_id is None else lot_id))


def replay(stream: Stream) -> record.Replay:
    """Give the path of a stream: every day with a report, the ratio against the boundary, and the alarm."""
    return record.replay(stream.result, stream.expected)


def sentence(track: record.Track, alarm: Alarm | None = None) -> str:
    """Say when the alarm was or would have been, against the eighth (or latest) case; empty without one.

    With an ``alarm`` raised on the day or the day after, it is told as having happened.
    """
    if track.alarm is None:
        return ""
    live = alarm is not None and timezone.localdate(alarm.raised_at) - track.alarm.on <= dt.timedelta(days=1)
    verb = "Alarmed" if live else "Would have alarmed"
    text = f"{verb} on {day_words(track.alarm.on)} at the {ordinal(track.number)} case"
    if track.marked is None:
        return f"{text}; no further case has been reported."
    days = track.days_gained
    latest = " and latest" if track.marked_number == track.latest else ""
    return (
        f"{text}; the {ordinal(track.marked_number)}{latest} was reported on {day_words(track.marked.on)}, "
        f"{days} day{'' if days == 1 else 's'} later."
    )


def counted_once(path: record.Replay) -> str:
    """Say the same of the de-duplicated count where it differs from the raw one; empty where it does not."""
    if path.raw.alarm is None or path.raw == path.deduplicated:
        return ""
    told = sentence(path.deduplicated)
    return (
        f"With double reports counted once: {told[:1].lower()}{told[1:]}"
        if told
        else ("With double reports counted once there is no alarm.")
    )


def ordinal(number: int) -> str:
    """Write 1st, 2nd, 3rd, 4th.

    >>> [ordinal(n) for n in (1, 2, 3, 8, 11, 22, 113)]
    ['1st', '2nd', '3rd', '8th', '11th', '22nd', '113th']
    """
    tail = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{tail}"
