"""Command line: ``exovigil demo · init · serve · verify · watch · report · signals``.

Every command that yields a result takes ``--json``; exit 0 done, 1 findings or refusal,
2 wrong use. The demonstration world is built here, since it goes through every room's actions.
"""

from exovigil.cli.app import main

__all__ = ["main"]
