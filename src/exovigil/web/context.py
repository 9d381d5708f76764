"""What every page knows: who acts, where, in which roles, and whether the data are synthetic."""

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from exovigil.governance.queries import sites_of
from exovigil.governance.roles import MEMBER_ROLES
from exovigil.web.navigation import menu_for


@lru_cache(maxsize=4)
def _read_note(path: str, modified: float) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        note: dict[str, Any] = json.load(file)
    return note


def demo_note() -> dict[str, Any] | None:
    """Return what the demonstration world says of itself, or None in a real registry."""
    path = settings.DEMO_NOTE
    return _read_note(str(path), path.stat().st_mtime) if path.exists() else None


def house(request: HttpRequest) -> dict[str, Any]:
    """Add the actor, the menu, the sites and the demonstration note to every page."""
    actor = getattr(request, "actor", None)
    page: dict[str, Any] = {"demo": demo_note(), "actor": actor}
    if actor is not None:
        page |= {
            "menu": menu_for(actor, request.path),
            "acting_sites": list(sites_of(actor)),
            "held_roles": [MEMBER_ROLES[key] for key in request.roles],  # type: ignore[attr-defined]
        }
    return page
