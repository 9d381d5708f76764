"""What each role finds on its first page: what needs doing today, and nothing else."""

from typing import Any

from exovigil.governance.actors import Actor


def for_actor(actor: Actor) -> tuple[str, dict[str, Any]]:
    """Return the template and the page data of the acting role's home."""
    return "web/home.html", {}
