"""The action pattern: the only way anything is written.

An action is a keyword-only function that names its permission. The decorator checks the permission at the site,
opens one transaction, narrows the scope to that site, refuses to commit when no audit event was written, and,
when the caller hands over an idempotency key, makes sure that sending the same thing twice makes it once.
"""

import functools
import hashlib
import inspect
import json
import uuid
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from django.apps import apps
from django.core.files.base import File
from django.db import IntegrityError, models, transaction
from django.utils.crypto import salted_hmac
from django_scopes import scope, scopes_disabled

from exovigil.governance import audit
from exovigil.governance.actors import Actor
from exovigil.governance.models import Site, Submission
from exovigil.governance.roles import Permission

P = ParamSpec("P")
R = TypeVar("R")

ACTIONS: dict[str, Callable[..., Any]] = {}


class Refused(Exception):
    """The change breaks a rule of the field; ``field`` says where the form should show it."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message, self.field = message, field


class AlreadySubmitted(Refused):
    """The same form was sent before with different answers."""


class Unaudited(RuntimeError):
    """An action tried to commit without an audit event."""


def action(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function an action that needs ``permission``.

    The function takes ``by: Actor`` and, if it touches a site's rows, ``site: Site``. It accepts an extra
    ``key: str`` for idempotency, which the function itself does not see.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        parameters = inspect.signature(function).parameters
        if any(p.kind is not p.KEYWORD_ONLY for p in parameters.values()) or "by" not in parameters:
            raise TypeError(f"action {function.__name__} must be keyword-only and take 'by'")
        name = f"{function.__module__.removeprefix('exovigil.').removesuffix('.actions')}.{function.__name__}"

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            key = cast("str", kwargs.pop("key", "") or "")
            by = cast(Actor, kwargs["by"])
            site = cast("Site | None", kwargs.get("site"))
            by.must(permission, site.pk if site else None)
            with transaction.atomic(), _scope_for(by, site):
                if not key:
                    return _audited(function, name, kwargs)
                return cast(R, _once(function, name, by, key, kwargs))

        ACTIONS[name] = run
        return run

    return decorate


def _scope_for(by: Actor, site: Site | None) -> Any:
    if site is not None:
        return scope(site=[site.pk])
    return scopes_disabled() if by.identity == "system" else scope(site=list(by.site_ids))


def _audited(function: Callable[..., R], name: str, kwargs: dict[str, Any]) -> R:
    before = audit.written.get()
    result = function(**kwargs)
    if audit.written.get() == before:
        raise Unaudited(f"{name} wrote no audit event; call audit.record in it")
    return result


def _once(
    function: Callable[..., Any], name: str, by: Actor, key: str, kwargs: dict[str, Any]
) -> models.Model:
    """Run the action unless this key was already used; then return what it made."""
    try:
        identifier = uuid.UUID(key)
    except ValueError as error:
        raise Refused("This form is damaged. Open the page again and fill it in once more.") from error
    fingerprint = _fingerprint(kwargs)
    earlier = Submission.objects.filter(pk=identifier).first()
    if earlier is None:
        result = _audited(function, name, kwargs)
        try:
            with transaction.atomic():
                Submission.objects.create(
                    key=identifier,
                    action=name,
                    actor=by.identity,
                    digest=fingerprint,
                    target_type=result._meta.label_lower,
                    target_id=str(result.pk),
                )
        except IntegrityError as error:  # the other copy of this request committed first: undo ours
            raise AlreadySubmitted("This form was just sent. Open the list to see the result.") from error
        return cast(models.Model, result)
    if (earlier.action, earlier.actor, earlier.digest) != (name, by.identity, fingerprint):
        raise AlreadySubmitted(
            "This form was already sent, with other answers. Nothing was changed; open the record to correct it."
        )
    model = apps.get_model(earlier.target_type)
    return cast(models.Model, model._base_manager.get(pk=earlier.target_id))


def _fingerprint(kwargs: dict[str, Any]) -> str:
    """Digest what was sent under the registry's secret: a plain digest of a name or a password could be guessed."""
    plain = {name: _plain(value) for name, value in kwargs.items() if name != "by"}
    sent = json.dumps(plain, sort_keys=True, default=str)
    return salted_hmac("exovigil.submission", sent, algorithm="sha256").hexdigest()


def _plain(value: Any) -> Any:
    """Reduce an argument to something stable: rows to their key, files to their digest."""
    if isinstance(value, models.Model):
        return f"{value._meta.label_lower}:{value.pk}"
    if isinstance(value, File):
        value.seek(0)
        content = hashlib.sha256(value.read()).hexdigest()
        value.seek(0)
        return content
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [_plain(v) for v in value]
        return sorted(items, key=str) if isinstance(value, set | frozenset) else items
    return value if isinstance(value, str | int | float | bool | None) else str(value)
