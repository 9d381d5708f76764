"""``exovigil signals``: statistics on their own. Needs no registry."""

import dataclasses
import json
from typing import Annotated

import typer

from exovigil.cli.setup import complaints, console
from exovigil.cli.signals_import import import_reports
from exovigil.statistics.maxsprt import ConvergenceError, poisson_critical_value

app = typer.Typer(help="Statistics of the watch and the scans.", no_args_is_help=True)
app.command("import")(import_reports)


@app.callback()
def _group() -> None:
    """Statistics of the watch and the scans."""


@app.command("critical-value")
def critical_value(
    upper_limit: Annotated[float, typer.Option(help="Expected events at which the watch ends (T).")],
    alpha: Annotated[float, typer.Option(help="Probability of a false alarm.")] = 0.05,
    min_events: Annotated[int, typer.Option(help="Events needed before any alarm (M).")] = 1,
    model: Annotated[str, typer.Option(help="Only 'poisson' for now.")] = "poisson",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Exact MaxSPRT critical value of the log-likelihood ratio."""
    if model != "poisson":
        raise typer.BadParameter("only 'poisson' is available", param_hint="--model")
    try:
        found = poisson_critical_value(upper_limit=upper_limit, alpha=alpha, min_events=min_events)
    except ConvergenceError as error:
        complaints.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(found)))
    else:
        console.print(f"{found.value:.6f}")
