"""Writes of the signals room."""

from exovigil.signals.actions.alarms import close_alarm, decide_alarm, reopen_alarm
from exovigil.signals.actions.duplicates import decide_duplicate
from exovigil.signals.actions.nightly import night_due
from exovigil.signals.actions.notices import send_notice, send_what_is_left
from exovigil.signals.actions.watch import keep_run, run_watch

__all__ = [
    "close_alarm",
    "decide_alarm",
    "decide_duplicate",
    "keep_run",
    "night_due",
    "reopen_alarm",
    "run_watch",
    "send_notice",
    "send_what_is_left",
]
