"""Reference pages made from the code: roles, privacy classes, commands."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import typer
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from docs.markdown import page, table
from exovigil.governance.privacy import Privacy
from exovigil.governance.roles import MEMBER_ROLES, PATIENT, SYSTEM, Permission

MEANINGS = {
    Privacy.IDENTIFIER: "names the person: encrypted, never exported",
    Privacy.QUASI: "narrows the person down",
    Privacy.CLINICAL: "about the person's health",
    Privacy.FREE_TEXT: "may hold anything",
    Privacy.OPERATIONAL: "keys, times, staff and products: not about the patient",
}


def roles_and_permissions() -> str:
    """Who may do what, and which addresses ask for it."""
    roles = (*MEMBER_ROLES.values(), PATIENT, SYSTEM)
    addresses = defaultdict(list)
    for name, view in _views(get_resolver()):
        if permission := getattr(view, "permission", None):
            addresses[permission].append(f"`{name}`")
    return page(
        "Roles and permissions",
        "`src/exovigil/governance/roles.py` and the addresses",
        "A membership gives one person one role at one site; a request acts in one role.",
        table(
            ("Role", "Key", "What it is for"), ((r.display_name, f"`{r.key}`", r.description) for r in roles)
        ),
        table(
            ("May", *(r.display_name for r in roles)),
            ((p.value, *("yes" if p in r.permissions else "" for r in roles)) for p in Permission),
        ),
        "## Addresses by what they need",
        table(
            ("Needs", "Addresses"), ((p.value, " ".join(addresses[p])) for p in Permission if addresses[p])
        ),
    )


def privacy_classes() -> str:
    """Every field of every table with what it can reveal."""
    rooms = ("governance", "catalogue", "clinic", "vigilance", "signals", "dossier")
    parts = [table(("Class", "Meaning"), MEANINGS.items())]
    for room in rooms:
        parts.append(f"## {room.capitalize()}")
        for model in apps.get_app_config(room).get_models():
            held: dict[Privacy, list[str]] = defaultdict(list)
            for name, privacy in model.privacy.items():  # type: ignore[attr-defined]
                held[privacy].append(f"`{name}`")
            rows = ((privacy, " ".join(held[privacy])) for privacy in Privacy if held[privacy])
            parts.append(f"### {model.__name__}\n\n{table(('Class', 'Fields'), rows)}")
    return page("Privacy class of every field", "`privacy = classify(…)` of every model", *parts)


def commands() -> str:
    """Every command with its options."""
    from exovigil.cli.app import app

    parts = []
    for name, command in _commands(typer.main.get_command(app), "exovigil"):
        rows = [
            (" ".join(f"`{o}`" for o in p.opts) if p.opts else p.name, getattr(p, "help", ""), _default(p))
            for p in command.params
            if p.name not in {"help", "install_completion", "show_completion"}
        ]
        options = table(("Option", "Meaning", "Default"), rows) if rows else ""
        parts.append(
            "\n\n".join(filter(None, (f"## `{name}`", " ".join((command.help or "").split()), options)))
        )
    return page(
        "Commands",
        "`src/exovigil/cli/`",
        "Exit 0 is done, 1 findings or a refusal, 2 wrong use.",
        *parts,
    )


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    value = parameter.default
    return "" if value in (None, "", False) or callable(value) else f"`{value}`"


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Walk the commands; a group stands for the commands in it."""
    inside = getattr(command, "commands", None)
    if inside is None:
        yield name, command
        return
    for key, found in sorted(inside.items()):
        yield from _commands(found, f"{name} {key}")


def _views(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}", pattern.callback
        else:
            yield from _views(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
