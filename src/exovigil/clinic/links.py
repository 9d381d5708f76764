"""The patient's way in: a signed address that expires and can be revoked, and the actor behind it.

The address holds nothing but the link's random identifier and a signature over it, so it can be neither guessed nor
altered, and it says nothing about the patient. It may be used again until it expires, so that a patient who was well
can still say "something is wrong".
"""

import datetime as dt
import uuid

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone
from django_scopes import scopes_disabled

from exovigil.clinic.models import FollowUp, FollowUpLink
from exovigil.governance.actors import Actor, patient
from exovigil.governance.models import Site

_SALT = "exovigil.clinic.follow-up-link"
KEPT_OPEN = dt.timedelta(days=14)  # after the window closes, for late answers
AT_LEAST = dt.timedelta(days=7)


class LinkProblem(Exception):
    """The link does not lead to a follow-up; ``site`` is the clinic to call where it is known."""

    status = 404

    def __init__(self, site: Site | None = None) -> None:
        super().__init__(type(self).__name__)
        self.site = site


class LinkUnknown(LinkProblem):
    """Forged, mistyped or cut short, or its record was erased."""


class LinkExpired(LinkProblem):
    """Its time is over."""

    status = 410


class LinkRevoked(LinkProblem):
    """The clinic withdrew it."""

    status = 410


def token_of(link: FollowUpLink) -> str:
    """Return the signed identifier that stands in the address."""
    return Signer(salt=_SALT).sign(link.pk.hex)


def address_of(link: FollowUpLink) -> str:
    """Return the path of the patient's page; put the server's name before it."""
    return reverse("clinic:patient-page", args=[token_of(link)])


def resolve(token: str, now: dt.datetime | None = None) -> FollowUpLink:
    """Return the link a token stands for; raises LinkUnknown, LinkRevoked or LinkExpired."""
    try:
        key = uuid.UUID(hex=Signer(salt=_SALT).unsign(token))
    except (BadSignature, ValueError) as error:
        raise LinkUnknown from error
    with scopes_disabled():  # nobody is signed in: the signature decides which site this is about
        link = (
            FollowUpLink.objects.select_related("site", "follow_up__treatment", "follow_up__visit")
            .filter(pk=key)
            .first()
        )
    if link is None:
        raise LinkUnknown
    return _usable(link, now or timezone.now())


def of_actor(by: Actor) -> FollowUpLink:
    """Return the link an actor came by, inside the current scope; raises a LinkProblem as ``resolve`` does."""
    try:
        key = uuid.UUID(hex=by.identity.removeprefix("link:"))
    except ValueError as error:
        raise LinkUnknown from error
    link = FollowUpLink.objects.select_related("site").filter(pk=key).first()
    if link is None:
        raise LinkUnknown
    return _usable(link, timezone.now())


def actor_of(link: FollowUpLink) -> Actor:
    """Return the patient behind the link; the identity fits the audit trail's 40 characters."""
    return patient(link.pk.hex, link.site_id)


def is_open(link: FollowUpLink, now: dt.datetime | None = None) -> bool:
    """Whether the link can be used now."""
    return link.revoked_at is None and (now or timezone.now()) < link.expires_at


def default_expiry(follow_up: FollowUp, now: dt.datetime | None = None) -> dt.datetime:
    """Two weeks after the window closes, and never less than a week from now."""
    end = dt.datetime.combine(follow_up.closes_on + KEPT_OPEN, dt.time.max, timezone.get_current_timezone())
    return max(end, (now or timezone.now()) + AT_LEAST)


def _usable(link: FollowUpLink, now: dt.datetime) -> FollowUpLink:
    if link.revoked_at is not None:
        raise LinkRevoked(link.site)
    if not is_open(link, now):
        raise LinkExpired(link.site)
    return link
