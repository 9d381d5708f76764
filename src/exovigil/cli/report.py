"""``exovigil report``: check files before anyone sends them. Needs no registry."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from exovigil.cli.setup import complaints, console
from exovigil.vigilance.e2b.checker import Finding, check
from exovigil.vigilance.e2b.schema import SchemasMissing

app = typer.Typer(help="Reports for regulators.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Check reports for regulators."""


@app.command("check")
def check_files(
    files: Annotated[list[Path], typer.Argument(help="E2B(R3) files.", exists=True, dir_okay=False)],
    schemas: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the ICH schema set; then XSD validity is checked too.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check E2B(R3) files; exit 1 when there is a finding."""
    found: list[tuple[Path, Finding]] = []
    for file in files:
        try:
            found += [(file, finding) for finding in check(file, schemas=schemas)]
        except (SchemasMissing, OSError) as error:
            complaints.print(f"{file}: {error}", style="red", markup=False)
            raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps([{"file": str(file), **dataclasses.asdict(f)} for file, f in found]))
    else:
        _tell(files, found)
    raise typer.Exit(1 if found else 0)


def _tell(files: list[Path], found: list[tuple[Path, Finding]]) -> None:
    for file, finding in found:
        rule = f"{finding.severity} {finding.element} [{finding.rule}]"
        console.print(f"{file}: {rule} {finding.message} ({finding.path})", markup=False)
    console.print(f"{len(files)} file{'s' * (len(files) != 1)} checked, {len(found)} findings")
