"""An actor is who does something: a member in one role, a patient by link, or the program itself."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from exovigil.governance.roles import OUTSIDE, PATIENT, SYSTEM, Permission, Role


class NotAllowed(PermissionDenied):
    """The actor's role, or the site, does not allow this; the message says which permission is missing."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which role, at which sites.

    ``identity`` is the stable text in the audit trail (``user:12``, ``link:7``, ``system``); it never holds a
    patient's name. ``user_id`` is set for members only.
    """

    identity: str
    name: str
    role: Role
    site_ids: tuple[int, ...]
    user_id: int | None = None

    def can(self, permission: Permission, site_id: int | None = None) -> bool:
        """Whether the role has the permission and, if a site is named, holds it there."""
        at_site = site_id is None or self.role is SYSTEM or site_id in self.site_ids
        return at_site and permission in self.role.permissions

    def must(self, permission: Permission, site_id: int | None = None) -> None:
        """Raise NotAllowed unless ``can``."""
        if not self.can(permission, site_id):
            raise NotAllowed(
                f"A {self.role.display_name.lower()} may not {permission} here. Ask an administrator of the site."
            )


def system(name: str = "Exovigil") -> Actor:
    """Return the program itself, for scheduled work, installation and the demonstration world."""
    return Actor("system", name, SYSTEM, ())


def patient(link_key: str, site_id: int) -> Actor:
    """Return the patient behind a follow-up link; known only by the link."""
    return Actor(f"link:{link_key}", "Patient", PATIENT, (site_id,))


def outside(site_id: int) -> Actor:
    """Return somebody who tells of a reaction on the public form; nothing is known of them."""
    return Actor("outside", "Outside reporter", OUTSIDE, (site_id,))
