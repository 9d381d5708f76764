"""The menu: each entry shows only to roles that may open it."""

from dataclasses import dataclass

from django.urls import reverse

from exovigil.governance.actors import Actor
from exovigil.governance.roles import Permission


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu."""

    label: str
    url_name: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as shown on one page."""

    label: str
    url: str
    current: bool


MENU = (
    Entry("Patients", "clinic:patients", Permission.VIEW_PATIENTS),
    Entry("Follow-up", "clinic:follow-ups", Permission.VIEW_PATIENTS),
    Entry("Cases", "vigilance:cases", Permission.VIEW_CASES),
    Entry("Watch", "signals:watch", Permission.VIEW_WATCH),
    Entry("Products", "catalogue:products", Permission.VIEW_CATALOGUE),
    Entry("Evidence", "evidence:map", Permission.VIEW_EVIDENCE),
    Entry("Dossiers", "dossier:dossiers", Permission.VIEW_EVIDENCE),
    Entry("Members", "governance:members", Permission.MANAGE_MEMBERS),
    Entry("Audit trail", "governance:audit", Permission.VIEW_AUDIT),
)


def menu_for(actor: Actor, path: str) -> list[Item]:
    """Return the entries the actor may open, the one of this page marked."""
    items = []
    for entry in MENU:
        if actor.can(entry.permission):
            url = reverse(entry.url_name)
            items.append(Item(entry.label, url, path.startswith(url)))
    return items
