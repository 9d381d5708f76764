"""``exovigil watch``: the nightly run, by hand."""

import datetime as dt
import json

import typer
from django.utils import timezone
from rich.table import Table

from exovigil.cli.setup import console, refuse
from exovigil.governance.action import Refused
from exovigil.governance.actors import system
from exovigil.signals import actions, queries


def run(as_of: str, as_json: bool) -> int:
    """Run the watch as of a day; returns the exit code: 1 when a stream is in alarm."""
    try:
        day = dt.date.fromisoformat(as_of) if as_of else timezone.localdate()
    except ValueError as error:
        raise typer.BadParameter("write the day as 2026-03-12", param_hint="--as-of") from error
    try:
        watch_run = actions.run_watch(by=system("Watch"), as_of=day)
    except Refused as refusal:  # not 1, which means an alarm
        refuse(refusal.message, code=2)
    streams = list(queries.streams_of(watch_run))
    alarmed = [s for s in streams if s.alarmed_on]
    if as_json:
        typer.echo(json.dumps({"as_of": str(day), "streams": [_plain(s) for s in streams]}))
        return 1 if alarmed else 0
    table = Table("Stream", "Treatments", "Expected", "Raw", "De-duplicated", "Alarm")
    for stream in alarmed:
        table.add_row(
            str(stream),
            str(stream.treatments),
            f"{stream.expected:.3f}",
            str(stream.events_raw),
            str(stream.events_deduplicated),
            str(stream.alarmed_on),
        )
    console.print(f"{len(streams)} lots and products watched as of {day}; {len(alarmed)} in alarm.")
    if alarmed:
        console.print(table)
    return 1 if alarmed else 0


def _plain(stream: queries.Stream) -> dict[str, object]:
    return {
        "kind": stream.kind,
        "name": str(stream),
        "treatments": stream.treatments,
        "expected": stream.expected,
        "events_raw": stream.events_raw,
        "events_deduplicated": stream.events_deduplicated,
        "alarmed_on": str(stream.alarmed_on) if stream.alarmed_on else None,
    }
