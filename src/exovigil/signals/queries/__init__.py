"""Reads of the signals room."""

from exovigil.signals.attributes import LevelRow, attributes
from exovigil.signals.models import Stream
from exovigil.signals.queries.alarms import AlarmView, alarm, alarm_views, alarms, open_alarms
from exovigil.signals.queries.comparisons import ByAttribute, by_attribute
from exovigil.signals.queries.duplicates import (
    Pair,
    decided,
    history_of_pair,
    pair,
    pairs,
)
from exovigil.signals.queries.night import Night, Watched, compute
from exovigil.signals.queries.runs import (
    counted_once,
    latest_run,
    lot_stream,
    ranks,
    replay,
    run,
    sentence,
    stream,
    streams_of,
)

__all__ = [
    "AlarmView",
    "ByAttribute",
    "LevelRow",
    "Night",
    "Pair",
    "Stream",
    "Watched",
    "alarm",
    "alarm_views",
    "alarms",
    "attributes",
    "by_attribute",
    "compute",
    "counted_once",
    "decided",
    "history_of_pair",
    "latest_run",
    "lot_stream",
    "open_alarms",
    "pair",
    "pairs",
    "ranks",
    "replay",
    "run",
    "sentence",
    "stream",
    "streams_of",
]
