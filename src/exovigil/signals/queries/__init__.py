"""Reads of the signals room."""

from exovigil.signals.attributes import LevelRow, attributes
from exovigil.signals.models import Stream
from exovigil.signals.queries.alarms import (
    AlarmView,
    alarm,
    alarm_views,
    alarms,
    in_hand,
    notices_to,
    open_alarms,
)
from exovigil.signals.queries.comparisons import ByAttribute, by_attribute
from exovigil.signals.queries.duplicates import (
    Pair,
    decided,
    history_of_pair,
    pair,
    pairs,
)
from exovigil.signals.queries.night import Night, Watched, compute
from exovigil.signals.queries.nightly import latest_night, not_done
from exovigil.signals.queries.runs import (
    counted_once,
    latest_run,
    lot_stream,
    picked_streams,
    ranks,
    replay,
    run,
    sentence,
    stream,
    streams_of,
)
from exovigil.signals.queries.scan import (
    Scan,
    latest_scan,
    opened_pair,
    reports_of_pair,
    scan_counts,
    scanned_pair,
)

__all__ = [
    "AlarmView",
    "ByAttribute",
    "LevelRow",
    "Night",
    "Pair",
    "Scan",
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
    "in_hand",
    "latest_night",
    "latest_run",
    "latest_scan",
    "lot_stream",
    "not_done",
    "notices_to",
    "open_alarms",
    "opened_pair",
    "pair",
    "pairs",
    "picked_streams",
    "ranks",
    "replay",
    "reports_of_pair",
    "run",
    "scan_counts",
    "scanned_pair",
    "sentence",
    "stream",
    "streams_of",
]
