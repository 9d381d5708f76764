"""Writes of the governance room: sites, people, memberships, and reads that must leave a trail."""

import re

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from exovigil.governance import audit
from exovigil.governance.action import Refused, action
from exovigil.governance.actors import Actor
from exovigil.governance.models import Membership, Site, User
from exovigil.governance.roles import MEMBER_ROLES, Permission


@action(Permission.MANAGE_MEMBERS)
def open_site(
    *,
    by: Actor,
    code: str,
    name: str,
    country: str,
    town: str = "",
    telephone: str = "",
    is_synthetic: bool = False,
) -> Site:
    """Add a site; only the program itself may, since no member belongs to it yet."""
    if by.identity != "system":
        raise Refused("A site is added on the server: exovigil init, or ask whoever runs Exovigil.")
    if not name.strip():
        raise Refused("Give the site a name.", "name")
    if not re.fullmatch(r"[a-z0-9-]{1,12}", code):
        raise Refused("Give the site a code of up to 12 letters, figures and hyphens, such as OAK.", "code")
    if not re.fullmatch(r"[A-Z]{2}", country):
        raise Refused("Give the country as its two letters, such as GB.", "country")
    site = Site.objects.create(
        code=code, name=name, country=country, town=town, telephone=telephone, is_synthetic=is_synthetic
    )
    audit.record("governance.site.opened", by=by, target=site, site=site, name=name)
    return site


@action(Permission.MANAGE_MEMBERS)
def add_member(
    *, by: Actor, site: Site, email: str, name: str, role: str, password: str | None = None
) -> Membership:
    """Give a person a role at a site, with a new account if the e-mail address is not known yet.

    A new account needs its first password; a known one keeps its own, whatever is given.
    """
    if role not in MEMBER_ROLES:
        raise Refused("Choose one of the roles.", "role")
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        _fit_to_sign_in(User(email=email.lower(), name=name), password or "")
        user = User.objects.create_user(email=email, password=password, name=name)
        audit.record("governance.user.created", by=by, target=user, site=site)
    if Membership.objects.filter(user=user, site=site, role=role).exists():
        raise Refused("This person already has that role here.", "email")
    membership = Membership.objects.create(user=user, site=site, role=role)
    audit.record("governance.member.added", by=by, target=membership, site=site, user=user.pk, role=role)
    return membership


@action(Permission.MANAGE_MEMBERS)
def remove_member(*, by: Actor, site: Site, membership: Membership) -> None:
    """Take a role away; what the person did stays in the audit trail."""
    if membership.site_id != site.pk:
        raise Refused("This membership belongs to another site.")
    if by.user_id == membership.user_id:
        raise Refused("You cannot remove your own role; ask another administrator.")
    audit.record(
        "governance.member.removed",
        by=by,
        target=membership,
        site=site,
        user=membership.user_id,
        role=membership.role,
    )
    membership.delete()


def _fit_to_sign_in(user: User, password: str) -> None:
    if not password:
        raise Refused("This account is new, so it needs a first password. Enter one.", "password")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), "password") from error
