"""Reads of the governance room."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django_scopes import scopes_disabled

from exovigil.governance.actors import Actor
from exovigil.governance.models import AuditEvent, Membership, Site, User
from exovigil.governance.roles import MEMBER_ROLES


def actor_for(user: User, preferred_role: str | None = None) -> tuple[Actor | None, list[str]]:
    """Return the actor a signed-in person is, and the keys of all roles they could act in.

    A person acts in one role at a time, at every site where they hold it; ``preferred_role`` is the one they chose.
    """
    with scopes_disabled():
        rows = list(Membership.objects.filter(user=user).values_list("role", "site_id"))
    held = [key for key in MEMBER_ROLES if any(role == key for role, _ in rows)]
    if not held:
        return None, []
    chosen = preferred_role if preferred_role in held else held[0]
    sites = tuple(sorted(site_id for role, site_id in rows if role == chosen))
    return Actor(f"user:{user.pk}", str(user), MEMBER_ROLES[chosen], sites, user.pk), held


def sites_of(actor: Actor) -> QuerySet[Site]:
    """Sites where the actor holds the acting role."""
    return Site.objects.filter(pk__in=actor.site_ids)


def site(site_id: int) -> Site:
    """One site by key."""
    return Site.objects.get(pk=site_id)


def members(actor: Actor) -> QuerySet[Membership]:
    """Memberships of the actor's sites."""
    return Membership.objects.filter(site_id__in=actor.site_ids).select_related("user", "site")


def audit_trail(actor: Actor) -> QuerySet[AuditEvent]:
    """Events of the actor's sites and the ones that belong to no site, newest first."""
    codes: Sequence[str] = list(sites_of(actor).values_list("code", flat=True))
    return AuditEvent.objects.filter(Q(site__in=codes) | Q(site=""))
