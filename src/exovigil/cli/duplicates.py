"""``exovigil signals duplicates``: pairs of reports of a store that may be one case, with the reasons."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from exovigil.cli.setup import console, refuse


def duplicates_of_store(
    store: Annotated[Path, typer.Option(help="Directory of the report store.", file_okay=False)],
    out: Annotated[Path, typer.Option(help="Table to write, .csv or .parquet.", dir_okay=False)],
    min_chance: Annotated[
        float | None,
        typer.Option(
            help="Least chance of a pair, 0 to 1; default 0.5. A shared number is always listed.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """List the pairs of reports that may be one case, with chance and reasons; nothing is merged."""
    from exovigil.signals.duplicates.from_store import list_duplicates  # Arrow and DuckDB load slowly

    try:
        found = list_duplicates(store, out, min_chance)
    except ValueError as error:
        refuse(str(error), code=2)
    except OSError as error:
        refuse(str(error))
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(found)))
        return
    lines = [
        f"{out}: pairs that may be one case: {found.pairs:,}, of them certain: {found.certain:,}",
        f"among {found.reports:,} reports, {found.compared:,} pairs compared; snapshot {found.snapshot}",
        *(
            f"not compared by {left.rule}: {left.reports:,} reports too much alike"
            f" (groups: {left.blocks:,}, the fullest of {left.fullest:,})"
            for left in found.left_out
        ),
        "Weights are in bits (each doubles the odds); a person decides.",
    ]
    for line in lines:
        console.print(line, markup=False)
