"""Writes of the signals room."""

from exovigil.signals.actions.alarms import decide_alarm
from exovigil.signals.actions.duplicates import decide_duplicate
from exovigil.signals.actions.watch import keep_run, run_watch

__all__ = ["decide_alarm", "decide_duplicate", "keep_run", "run_watch"]
