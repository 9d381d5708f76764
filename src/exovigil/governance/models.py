"""Sites, people, their roles, the audit trail and the memory of submitted forms."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models

from exovigil.governance.privacy import classify
from exovigil.governance.roles import MEMBER_ROLES
from exovigil.governance.scoping import SiteScoped


class Site(models.Model):
    """A clinic, or another place that treats and reports under its own responsibility."""

    code = models.SlugField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, help_text="ISO 3166 two-letter code")
    town = models.CharField(max_length=80, blank=True)
    telephone = models.CharField(max_length=40, blank=True, help_text="Number patients are told to call")
    is_synthetic = models.BooleanField(default=False)

    privacy = classify(operational="id code name country town telephone is_synthetic")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class MemberManager(UserManager["User"]):
    """Creates people by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":  # type: ignore[override]
        """Create a person who can sign in with e-mail address and password."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractUser):
    """A person with an account. Patients have none."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[MemberManager] = MemberManager()

    privacy = classify(
        operational="id password last_login is_superuser is_staff is_active date_joined email name"
        " groups user_permissions"
    )

    def __str__(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """One person's role at one site."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(r.key, r.display_name) for r in MEMBER_ROLES.values()])
    since = models.DateTimeField(auto_now_add=True)

    objects = SiteScoped()

    privacy = classify(operational="id user site role since")

    class Meta:
        ordering = ["site", "role", "user"]
        constraints = [
            models.UniqueConstraint(fields=["user", "site", "role"], name="one_role_once_per_site")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} at {self.site}"


class AuditEvent(models.Model):
    """Who did what, when, to what; chained, append-only, protected by triggers in the database.

    No foreign keys, so that nothing can block an event or lose it. ``data`` is canonical JSON text and holds no
    identifier of a patient. ``digest`` covers every other column, and ``previous`` is the digest of the event before.
    """

    position = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    action = models.CharField(max_length=80)
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=120)
    role = models.CharField(max_length=20)
    site = models.CharField(max_length=12, blank=True)
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.CharField(max_length=40, blank=True)
    data = models.TextField(default="{}")
    previous = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)

    privacy = classify(
        operational="position at action actor actor_name role site target_type target_id data previous digest"
    )

    class Meta:
        ordering = ["-position"]
        indexes = [
            models.Index(fields=["target_type", "target_id"]),
            models.Index(fields=["site", "-position"]),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.action}"


class Submission(models.Model):
    """A form that was accepted, so that sending it again finds the first result instead of making a second."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    action = models.CharField(max_length=80)
    actor = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True)

    privacy = classify(operational="key action actor digest target_type target_id at")

    def __str__(self) -> str:
        return f"{self.action} {self.key}"
