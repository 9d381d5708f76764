"""Serving the registry with granian, one process: SQLite has one writer and a clinic has few readers."""

import errno
import os
import socket

from granian import Granian
from granian.constants import Interfaces

from exovigil.cli.setup import refuse


def run(host: str, port: int) -> None:
    """Serve until stopped; says so in words when it may not listen there."""
    _refuse_what_is_taken(host, port)
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


def _refuse_what_is_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OverflowError:
        refuse(f"{port} is not a port. Name one from 1024 to 65535 with --port.")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            refuse(f"Port {port} is taken by another program. Name another one with --port.")
        refuse(f"Exovigil may not listen on {host}, port {port}: {error.strerror}.")
