"""``exovigil report``: check, rewrite and read the answers to reports; only ``ack --site`` needs a registry."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from exovigil.cli.setup import DATA_HELP, complaints, console, open_registry, require_tables
from exovigil.vigilance.e2b.acknowledgement import Acknowledgement, Answer, read_acknowledgement
from exovigil.vigilance.e2b.checker import Finding, check
from exovigil.vigilance.e2b.rewrite import Rewritten, rewrite
from exovigil.vigilance.e2b.schema import SchemasMissing

app = typer.Typer(help="Reports for regulators.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Check reports, write them again, read acknowledgements."""


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


@app.command("rewrite")
def rewrite_file(
    source: Annotated[Path, typer.Argument(metavar="IN", help="E2B file.", exists=True, dir_okay=False)],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="E2B(R3) file to write.", dir_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print what was lost as JSON.")] = False,
) -> None:
    """Read a report (R3 or R2) and write it as R3; lists what could not be held and exits 1 then."""
    if target.exists() and target.samefile(source):
        complaints.print(f"{target}: give another file to write to than the one that is read", style="red")
        raise typer.Exit(2)
    try:
        result = rewrite(source)
        target.write_bytes(result.content)
    except (OSError, ValueError) as error:
        complaints.print(f"{source}: {error}", style="red", markup=False)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "file": str(target),
                    "upgraded": result.upgraded,
                    "lost": [dataclasses.asdict(loss) for loss in result.losses],
                    "changed": [dataclasses.asdict(change) for change in result.changes],
                }
            )
        )
    else:
        _tell_rewritten(target, result)
    raise typer.Exit(1 if result.losses else 0)


def _tell_rewritten(target: Path, result: Rewritten) -> None:
    for change in result.changes:
        why = f" ({change.note})" if change.note else ""
        console.print(f"upgraded: {change.path} = {change.value} -> {change.element}{why}", markup=False)
    for loss in result.losses:
        times = f" ({loss.times} times)" if loss.times > 1 else ""
        why = f": {loss.note}" if loss.note else ""
        console.print(f"not held: {loss.path} = {loss.value}{times}{why}", markup=False)
    upgraded = f", upgraded from E2B(R2) with {len(result.changes)} values changed" if result.upgraded else ""
    kinds = f"{len(result.losses)} kind{'s' * (len(result.losses) != 1)} of value not held"
    console.print(f"{target} written{upgraded}, {kinds}", markup=False)


@app.command("ack")
def read_acks(
    files: Annotated[list[Path], typer.Argument(help="Acknowledgements.", exists=True, dir_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the acknowledgements as JSON.")] = False,
    site: Annotated[
        str, typer.Option(help="Short code of a site: match them to its reports, and keep them there.")
    ] = "",
    data: Annotated[Path | None, typer.Option("--data", help=DATA_HELP)] = None,
) -> None:
    """Read acknowledgements; exit 1 when a batch or report was not accepted.

    With --site they are matched to the reports that the site sent, and change the state of its cases.
    """
    if site:
        open_registry(data)
        require_tables()
        from exovigil.cli.acknowledgements import run

        raise typer.Exit(run(files, site))
    read: list[tuple[Path, Acknowledgement]] = []
    for file in files:
        try:
            read.append((file, read_acknowledgement(file)))
        except (OSError, ValueError) as error:
            complaints.print(f"{file}: {error}", style="red", markup=False)
            raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps([{"file": str(file), **dataclasses.asdict(ack)} for file, ack in read]))
    else:
        for file, ack in read:
            _answer(f"{file}: batch", ack.batch)
            for message in ack.messages:
                _answer(f"{file}: report", message)
    refused = [a for _, ack in read for a in (ack.batch, *ack.messages) if not a.accepted]
    raise typer.Exit(1 if refused else 0)


def _answer(about: str, answer: Answer) -> None:
    reason = f" — {answer.reason}" if answer.reason else ""
    console.print(f"{about} {answer.identifier}: {answer.state} {answer.meaning}{reason}", markup=False)
