"""Site isolation: a table that belongs to sites can only be read inside a scope that names them.

django-scopes keeps the scope and makes an unscoped query raise; this manager is its ``ScopedManager`` for the one
dimension we have, written as a class so that the type checker can follow it.
"""

from typing import TypeVar

from django.db import models
from django_scopes import get_scope
from django_scopes.manager import DisabledQuerySet

M = TypeVar("M", bound=models.Model, covariant=True)


class SiteScoped(models.Manager[M]):
    """Rows of the sites in scope; raises ScopeError outside any scope."""

    def get_queryset(self) -> models.QuerySet[M]:
        """Narrow to the sites in scope, or to all inside ``scopes_disabled()``."""
        scope = get_scope()
        if not scope.get("_enabled", True):
            return super().get_queryset()
        if "site" not in scope:
            return DisabledQuerySet(self.model, using=self._db, missing_scopes={"site"})  # type: ignore[no-any-return]
        return super().get_queryset().filter(site__in=scope["site"])
