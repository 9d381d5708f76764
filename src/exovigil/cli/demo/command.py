"""``exovigil demo``: build the world once, tell in ten lines what was done, and serve it.

The world is built in a directory beside its own and moved into place when it is whole, so that an interrupted build
leaves nothing that looks finished.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from exovigil.cli.setup import console, open_registry, refuse

NOTE = "demo.json"


def run(data: Path, *, port: int, seed: int, once: bool, browser: bool, as_json: bool) -> None:
    """Build if needed, tell, and unless ``once`` serve."""
    data = data.resolve()
    os.environ.pop("DATABASE_URL", None)  # it lives in its own directory, never in a registry's database
    if not (data / NOTE).exists():
        if data.exists() and (not data.is_dir() or any(data.iterdir())):
            refuse(f"{data} holds something that is no demonstration. Name another directory with --data.")
        build(data, seed)
    note = json.loads((data / NOTE).read_text(encoding="utf-8"))
    if as_json:
        print(json.dumps(note))
    else:
        tell(note, port)
    if not once:
        serve(data, port, browser)


def build(data: Path, seed: int) -> None:
    """Build the world beside ``data`` and move it there."""
    draft = data.with_name(f"{data.name}.building")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    os.environ["EXOVIGIL_EMAIL_BACKEND"] = "django.core.mail.backends.dummy.EmailBackend"
    open_registry(draft)
    from exovigil.cli.demo.story import build_world

    note = build_world(seed)
    from django.db import connections

    connections.close_all()
    (draft / NOTE).write_text(json.dumps(note, indent=1, default=str), encoding="utf-8")
    draft.rename(data)  # onto nothing or an empty directory; anything else fails


def tell(note: dict[str, object], port: int) -> None:
    """Print what was done, where it is and how to get in."""
    console.print()
    for line in note["lines"]:  # type: ignore[attr-defined]
        console.print(f"  {line}", markup=False)
    console.print(f"\n  Open http://localhost:{port}/ and sign in:", style="bold")
    for login in note["logins"]:  # type: ignore[attr-defined]
        console.print(f"    {login['role']:<15} {login['email']:<30} {login['password']}", markup=False)
    if note["patient_link"]:
        console.print(f"    {'Patient':<15} http://localhost:{port}{note['patient_link']}", markup=False)
    console.print()


def serve(data: Path, port: int, browser: bool) -> None:
    """Hand this process over to the server, with its settings read afresh from the finished world."""
    if browser and sys.stdout.isatty():
        import webbrowser

        webbrowser.open(f"http://localhost:{port}/")
    os.environ["EXOVIGIL_DATA"] = str(data)
    os.environ.pop("EXOVIGIL_EMAIL_BACKEND", None)
    sys.stdout.flush()
    command = [sys.executable, "-m", "exovigil", "serve", "--data", str(data), "--port", str(port)]
    os.execv(sys.executable, command)  # noqa: S606 - our own server
