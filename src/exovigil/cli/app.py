"""The commands; each is a thin door to a room."""

import json
from pathlib import Path
from typing import Annotated

import typer

from exovigil import __version__
from exovigil.cli import report, signals
from exovigil.cli.setup import DATA_HELP, console, open_registry, refuse, require_tables

app = typer.Typer(
    name="exovigil",
    help="A living evidence and vigilance registry for exosome therapies in dermatology.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.add_typer(report.app, name="report")
app.add_typer(signals.app, name="signals")

Data = Annotated[Path | None, typer.Option("--data", help=DATA_HELP)]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def version() -> None:
    """Print the version."""
    console.print(__version__)


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(help=DATA_HELP)],
    site: Annotated[str, typer.Option(prompt="Name of the first site", help="Name of the first site.")],
    code: Annotated[str, typer.Option(prompt="Short code of the site, such as OAK", help="Short code.")],
    email: Annotated[str, typer.Option(prompt="Administrator's e-mail address", help="Administrator.")],
    password: Annotated[
        str,
        typer.Option(prompt=True, confirmation_prompt=True, hide_input=True, help="12 characters or more."),
    ],
    country: Annotated[str, typer.Option(help="ISO 3166 two-letter code.")] = "GB",
) -> None:
    """Prepare a registry: tables, reference content, the first site and its administrator."""
    open_registry(directory)
    from exovigil.cli.install import Installation, install

    wrong = install(Installation(site, code, country, email, password))
    if wrong:
        refuse(wrong)
    console.print(f"Prepared {directory}. Start it with: exovigil serve --data {directory}", markup=False)


@app.command()
def serve(
    data: Data = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve the registry."""
    open_registry(data)
    require_tables()
    from exovigil.cli.server import run

    run(host, port)


@app.command()
def verify(data: Data = None, as_json: Json = False) -> None:
    """Walk the audit trail and name the first break; exit 1 if there is one."""
    open_registry(data)
    require_tables()
    from exovigil.governance import audit

    verdict = audit.verify()
    if as_json:
        result = {
            "intact": verdict.intact,
            "events": verdict.events,
            "head": verdict.head,
            "broken_at": verdict.broken_at,
            "reason": verdict.reason,
        }
        typer.echo(json.dumps(result))
    elif verdict.intact:
        console.print(f"The audit trail is whole: {verdict.events} events, head {verdict.head}", markup=False)
    else:
        where = f" at event {verdict.broken_at}" if verdict.broken_at else ""
        console.print(f"The audit trail is broken{where}: {verdict.reason}", style="red", markup=False)
    raise typer.Exit(0 if verdict.intact else 1)


@app.command()
def watch(
    data: Data = None,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="Look from this day; default today.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Run the watch on lots and products; exit 1 when a stream is in alarm."""
    open_registry(data)
    require_tables()
    from exovigil.cli.watch import run

    raise typer.Exit(run(as_of, as_json))


@app.command()
def worker(
    data: Data = None,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due now and stop; exit 1 when a job failed.")
    ] = False,
    interval: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds between looking for something to do.")
    ] = 30,
) -> None:
    """Run the nightly watch, reminders and notices, each night once, until stopped."""
    open_registry(data)
    require_tables()
    from exovigil.cli.worker import run

    raise typer.Exit(run(once=once, interval=interval))


@app.command("import-meddra")
def import_meddra(
    source: Annotated[
        Path, typer.Argument(help="MedAscii folder of your own licence, or a zip.", exists=True)
    ],
    site: Annotated[str, typer.Option(help="Short code of the site whose licence it is.")],
    data: Data = None,
) -> None:
    """Import a MedDRA release for one site, all of it or nothing."""
    open_registry(data)
    require_tables()
    from exovigil.cli.meddra import run

    run(source, site)


@app.command()
def clocks(
    data: Data = None,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="Look from this day; default today.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Remind by e-mail of reports that are due soon or overdue, once for each duty and stage."""
    open_registry(data)
    require_tables()
    from exovigil.cli.clocks import run

    raise typer.Exit(run(as_of, as_json))


@app.command()
def demo(
    data: Annotated[Path, typer.Option("--data", help="Where the demonstration world lives.")] = Path(
        "var/demo"
    ),
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8000,
    seed: Annotated[int, typer.Option(help="Another seed gives another world.")] = 20260101,
    once: Annotated[bool, typer.Option("--once", help="Build and tell, do not serve.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
    as_json: Json = False,
) -> None:
    """Build the demonstration world once, tell what happened in it, and serve it."""
    from exovigil.cli.demo.command import run

    run(data, port=port, seed=seed, once=once, browser=not no_browser, as_json=as_json)
