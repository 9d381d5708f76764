"""Getting Django ready for a command that needs the registry."""

import os
from pathlib import Path
from typing import NoReturn

import django
import typer
from rich.console import Console

console = Console(highlight=False, soft_wrap=True)
complaints = Console(stderr=True, highlight=False)

DATA_HELP = "Directory of the registry: database, secrets, photographs."


def open_registry(data: Path | None) -> None:
    """Point the settings at a data directory and load Django; must come before any room is imported."""
    if data is not None:
        os.environ["EXOVIGIL_DATA"] = str(data.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exovigil.web.settings")
    django.setup()


def require_tables() -> None:
    """Stop with the way out when the database has not been prepared, or is older than this program."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        refuse("The registry here is not prepared for this version. Run: exovigil init DIRECTORY")


def refuse(message: str, code: int = 1) -> NoReturn:
    """Say why nothing was done, and stop."""
    complaints.print(message, style="red", markup=False, soft_wrap=True)  # a path stays one piece
    raise typer.Exit(code)
