"""``exovigil clocks``: remind by e-mail of what is due, site by site."""

import datetime as dt
import json

import typer
from django.utils import timezone

from exovigil.cli.setup import console
from exovigil.governance.actors import system
from exovigil.governance.models import Site
from exovigil.vigilance import actions


def run(as_of: str, as_json: bool) -> int:
    """Send the reminders of a day; returns the exit code 0."""
    try:
        day = dt.date.fromisoformat(as_of) if as_of else timezone.localdate()
    except ValueError as error:
        raise typer.BadParameter("write the day as 2026-03-12", param_hint="--as-of") from error
    by = system("Clocks")
    sent = {site: actions.remind(by=by, site=site, as_of=day) for site in Site.objects.all()}
    if as_json:
        rows = [
            {
                "site": site.code,
                "case": row.case.number,
                "rule": row.rule,
                "due_on": str(row.due_on),
                "stage": row.stage,
            }
            for site, made in sent.items()
            for row in made
        ]
        typer.echo(json.dumps({"as_of": str(day), "reminders": rows}))
        return 0
    count = sum(len(made) for made in sent.values())
    console.print(f"Looked at the clocks of {len(sent)} sites as of {day}: {count} reminders sent.")
    for site, made in sent.items():
        for row in made:
            console.print(
                f"  {site.code} {row.case.number}: {row.get_stage_display()}, {row.due_on}", markup=False
            )
    return 0
