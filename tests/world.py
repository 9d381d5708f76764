"""The demonstration world, built by its own command and served by its own server, for journeys and benchmarks."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EXOVIGIL = [sys.executable, "-m", "exovigil"]


@dataclass(frozen=True)
class Served:
    """A running demonstration."""

    address: str
    data: Path
    note: dict

    @property
    def password(self) -> str:
        return self.note["logins"][0]["password"]

    def email_of(self, role: str) -> str:
        return next(login["email"] for login in self.note["logins"] if login["role"].lower() == role)


@contextmanager
def demonstration() -> Iterator[Served]:
    """Build the demonstration in a temporary directory, or use EXOVIGIL_TEST_WORLD, and serve it."""
    named = os.environ.get("EXOVIGIL_TEST_WORLD")
    with tempfile.TemporaryDirectory(prefix="exovigil-world-") as folder:
        data = Path(named or folder) / "demo"
        build(data)
        with serve(data) as address:
            yield Served(address, data, json.loads((data / "demo.json").read_text(encoding="utf-8")))


def environment() -> dict[str, str]:
    """The tests' environment without what would point a child at the tests' own data or database."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("EXOVIGIL_", "DATABASE_URL", "DJANGO_"))}


def build(data: Path) -> subprocess.CompletedProcess[str]:
    """Run ``exovigil demo --once``."""
    command = [*EXOVIGIL, "demo", "--once", "--no-browser", "--data", str(data)]
    return subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)


@contextmanager
def serve(data: Path) -> Iterator[str]:
    """Run ``exovigil serve`` until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*EXOVIGIL, "serve", "--data", str(data), "--port", str(port)]
    server = subprocess.Popen(command, env=environment())
    address = f"http://localhost:{port}"
    try:
        _wait_for(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        if server.poll() is not None:
            raise RuntimeError("the server stopped before it answered")
        try:
            with urllib.request.urlopen(f"{address}/health/", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not answer within 30 seconds")
