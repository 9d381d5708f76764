"""Each request acts as one actor, inside the scope of that actor's sites."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django_scopes import scope

from exovigil.governance import queries
from exovigil.governance.actors import Actor
from exovigil.governance.models import User

ROLE_IN_SESSION = "acting_role"


class ActorMiddleware:
    """Sets ``request.actor`` and ``request.roles``, and opens the site scope around the view.

    Someone without a membership gets an empty scope: a query for patients then finds none rather than all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Resolve the actor, then answer inside its scope."""
        actor: Actor | None = None
        roles: list[str] = []
        if isinstance(request.user, User):
            actor, roles = queries.actor_for(request.user, request.session.get(ROLE_IN_SESSION))
        request.actor, request.roles = actor, roles  # type: ignore[attr-defined]
        with scope(site=list(actor.site_ids) if actor else []):
            return self.get_response(request)
