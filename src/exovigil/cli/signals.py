"""``exovigil signals``: statistics on their own. Needs no registry."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from exovigil.cli.duplicates import duplicates_of_store
from exovigil.cli.setup import complaints, console, refuse
from exovigil.cli.signals_import import import_reports
from exovigil.statistics.maxsprt import ConvergenceError, poisson_critical_value

app = typer.Typer(help="Statistics of the watch and the scans.", no_args_is_help=True)
app.command("import")(import_reports)
app.command("duplicates")(duplicates_of_store)


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


@app.command("scan")
def scan_store(
    store: Annotated[Path, typer.Option(help="Directory of the report store.", file_okay=False)],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Table to write, .csv or .parquet; default: into the store, where the scan page shows it.",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    engine: Annotated[
        str, typer.Option(help="kernel, duckdb or spark; auto takes the fastest that fits.")
    ] = "auto",
    role: Annotated[
        list[str] | None,
        typer.Option(help="Role of the products counted, repeatable; default suspect.", show_default=False),
    ] = None,
    stratum: Annotated[
        list[str] | None,
        typer.Option(help="Expected counts within sex, age or year, repeatable.", show_default=False),
    ] = None,
    min_n: Annotated[int, typer.Option("--min-n", help="Fewest reports of a pair that is listed.")] = 1,
    no_ebgm: Annotated[bool, typer.Option("--no-ebgm", help="Leave the shrunken ratios empty.")] = False,
    spark_master: Annotated[str, typer.Option(help="Where Spark runs: spark://HOST:PORT.")] = "local[*]",
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Measure every pair of product and reaction in a report store; exit 1 when EBGM is refused."""
    from exovigil.cli.scan import run, tell

    try:
        summary = run(
            store,
            out,
            engine=engine,
            roles=role or ["suspect"],
            strata=stratum or [],
            min_n=min_n,
            ebgm=not no_ebgm,
            spark_master=spark_master,
        )
    except ValueError as error:
        refuse(str(error), code=2)
    except (OSError, RuntimeError) as error:
        refuse(str(error))
    tell(summary, as_json)
    raise typer.Exit(1 if summary.refused else 0)
