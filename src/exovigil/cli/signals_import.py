"""``exovigil signals import``: spontaneous reports into a report store."""

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from exovigil.cli.setup import DATA_HELP, console, open_registry, refuse, require_tables
from exovigil.signals.store import READERS, Flat, Import, Manifest, StoreError, import_files, import_sources

_FORMATS = (*sorted(READERS), "registry", "table")


def import_reports(
    store: Annotated[
        Path, typer.Option(help="Folder of the store; made when it is not there.", file_okay=False)
    ],
    format_: Annotated[str, typer.Option("--format", help=f"One of {', '.join(_FORMATS)}.")],
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files; none for the registry.", exists=True)
    ] = None,
    report: Annotated[str, typer.Option(help="table: column of the report's number.")] = "",
    product: Annotated[str, typer.Option(help="table: column of the product.")] = "",
    reaction: Annotated[str, typer.Option(help="table: column of the reaction.")] = "",
    lot: Annotated[str, typer.Option(help="table: column of the lot.")] = "",
    date: Annotated[str, typer.Option(help="table: column of the day of the event.")] = "",
    sex: Annotated[str, typer.Option(help="table: column of the sex.")] = "",
    age: Annotated[str, typer.Option(help="table: column of the age in years.")] = "",
    source: Annotated[str, typer.Option(help="table: name that keeps its report numbers apart.")] = "",
    data: Annotated[Path | None, typer.Option("--data", help=f"registry: {DATA_HELP}")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what became of every row as JSON.")] = False,
) -> None:
    """Import reports, all of the files or none; says what was odd, what was rejected and why."""
    if format_ not in _FORMATS:
        raise typer.BadParameter(f"give one of {', '.join(_FORMATS)}", param_hint="--format")
    if bool(paths) == (format_ == "registry"):
        raise typer.BadParameter("give the files; a registry takes none", param_hint="PATHS")
    if format_ == "table" and not (report and product and reaction):
        raise typer.BadParameter("a table needs --report, --product and --reaction", param_hint="--format")
    try:
        if format_ == "registry":
            manifest = _from_registry(store, data)
        else:
            name = source or (paths[0].stem if paths else "")
            flat = Flat(name, report, product, reaction, lot, date, sex, age)
            manifest = import_files(store, format_, paths or [], flat=flat)
    except StoreError as error:
        refuse(str(error))
    done = manifest.imports[-1]
    if as_json:
        typer.echo(json.dumps({"snapshot": manifest.snapshot, "rows": manifest.rows, **asdict(done)}))
    else:
        _tell(store, manifest, done)


def _from_registry(store: Path, data: Path | None) -> Manifest:
    open_registry(data)
    require_tables()
    from exovigil.signals.queries.for_store import FORMAT, registry_source

    return import_sources(store, FORMAT, [registry_source(dt.date.today())])


def _tell(store: Path, manifest: Manifest, done: Import) -> None:
    for file in done.files:
        _say(f"{file['file']}: {file['read']:,} rows read, {file['kept']:,} kept")
        for reason, times in file["rejected"].items():
            _say(f"  rejected: {times:,} × {reason} (first on line {file['first_lines'][reason]:,})")
        for quirk in file["quirks"]:
            note = f" ({quirk['note']})" if quirk["note"] else ""
            _say(f"  met: {quirk['times']:,} × {quirk['quirk']}{note} — {quirk['does']}")
    for name in done.not_read:
        _say(f"{name}: not read, no file of this format")
    _say(f"reports: {_sentence(done.reports)}")
    if done.alike:
        _say(f"{done.alike:,} of them look like another report and are kept")
    rows = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in manifest.rows.items())
    _say(f"{store}: {done.added:,} reports added, {done.removed:,} taken out; now {rows}")
    _say(f"snapshot {manifest.snapshot}")


def _sentence(reports: dict[str, Any]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in reports.items())


def _say(text: str) -> None:
    console.print(text, markup=False)
