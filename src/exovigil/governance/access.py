"""Guards on views: which permission a page needs, and who the request acts as."""

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from exovigil.governance.actors import Actor
from exovigil.governance.models import Site
from exovigil.governance.queries import sites_of
from exovigil.governance.roles import Permission

View = Callable[..., HttpResponseBase]


def requires(permission: Permission) -> Callable[[View], View]:
    """Refuse the page (403) unless the acting role has the permission."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor_of(request).must(permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def actor_of(request: HttpRequest) -> Actor:
    """Return the actor of the request; 403 for an account without any role."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise PermissionDenied("Your account has no role at any site yet. Ask an administrator to add you.")
    return actor


def only_site(request: HttpRequest) -> Site:
    """Return the site new records belong to: the actor's first site in name order."""
    found = sites_of(actor_of(request)).first()
    if found is None:
        raise PermissionDenied("Your account has no site.")
    return found
