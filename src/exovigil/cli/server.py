"""Serving the registry with granian, one process: SQLite has one writer and a clinic has few readers."""

import os

from granian import Granian
from granian.constants import Interfaces


def run(host: str, port: int) -> None:
    """Serve until stopped."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exovigil.web.settings")
    Granian(
        "exovigil.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        log_enabled=False,
        websockets=False,
    ).serve()
