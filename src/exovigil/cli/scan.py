"""What ``exovigil signals scan`` does and says; loaded only then, as Ibis is slow to import."""

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

import typer

from exovigil.cli.setup import complaints, console
from exovigil.signals.scan.population import Population
from exovigil.signals.scan.run import Choice, Summary, scan


def run(
    store: Path,
    out: Path | None,
    *,
    engine: str,
    roles: Iterable[str],
    strata: Iterable[str],
    min_n: int,
    ebgm: bool,
    spark_master: str,
) -> Summary:
    """Scan as the command line asks for it."""
    choice = Choice(Population.of(roles, strata), engine, min_n, ebgm, spark_master)
    return scan(store, out, choice)


def tell(summary: Summary, as_json: bool) -> None:
    """Say what was done and what it rests on; a refused fit is said on standard error too."""
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(summary)))
    else:
        for line in _lines(summary):
            console.print(line, markup=False)
    if summary.ebgm["state"] in ("refused", "too few pairs"):
        complaints.print(f"No EBGM: {summary.ebgm['reason']}", style="red", markup=False)


def _lines(summary: Summary) -> Iterable[str]:
    yield f"{summary.out}: {summary.rows:,} of {summary.pairs:,} pairs among {summary.reports:,} reports"
    strata = f", expected within {' and '.join(summary.strata)}" if summary.strata else ""
    yield f"products in the role of {' or '.join(summary.roles)}{strata}; snapshot {summary.snapshot}"
    yield f"engine {summary.engine} ({summary.engine_because}); {summary.counts}"
    fit = summary.ebgm
    if fit["state"] == "fitted":
        yield f"EBGM from {fit['likelihood']}: {fit['agreeing']} of {fit['starts']} starts agree; {fit['rule']}"
        yield f"EB05 at or above 2: {summary.eb05_at_least_2:,} of the {summary.rows:,} pairs listed"
        if fit["other"]:
            yield f"not used: {fit['other']}"
