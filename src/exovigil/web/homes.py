"""What each role finds on its first page: what needs doing today, and nothing else."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from exovigil.catalogue import queries as catalogue
from exovigil.clinic import queries as clinic
from exovigil.dossier import queries as dossier
from exovigil.evidence import queries as evidence
from exovigil.governance import audit, queries
from exovigil.governance.actors import Actor
from exovigil.signals import queries as signals
from exovigil.vigilance import queries as vigilance

SHOWN = 8


def for_actor(actor: Actor) -> tuple[str, dict[str, Any]]:
    """Return the template and the page data of the acting role's home."""
    return f"web/home_{actor.role.key}.html", _PAGES[actor.role.key](actor)


def _clinician(actor: Actor) -> dict[str, Any]:
    today = timezone.localdate()
    due = clinic.due_list(today)
    return {
        "today": today,
        "red_flags": clinic.red_flags()[:SHOWN],
        "counts": clinic.counts(today),
        "due": [(row, clinic.state_of(row, today)) for row in due[:SHOWN]],
        "alarms": signals.open_alarms(),
        "case_counts": vigilance.counts(),
    }


def _safety_officer(actor: Actor) -> dict[str, Any]:
    return {
        "today": timezone.localdate(),
        "alarms": signals.open_alarms(),
        "run": signals.latest_run(),
        "incoming": vigilance.answers_without_case()[:SHOWN],
        "case_counts": vigilance.counts(),
        "cases": vigilance.cases()[:SHOWN],
    }


def _reviewer(actor: Actor) -> dict[str, Any]:
    return {
        "counts": evidence.counts(),
        "editions": dossier.newest_editions()[:SHOWN],
        "alarms": signals.open_alarms(),
    }


def _administrator(actor: Actor) -> dict[str, Any]:
    return {
        "members": queries.members(actor).count(),
        "sites": queries.sites_of(actor),
        "products": catalogue.products().count(),
        "events": queries.audit_trail(actor)[:SHOWN],
        "head": audit.head(),
    }


_PAGES: dict[str, Callable[[Actor], dict[str, Any]]] = {
    "clinician": _clinician,
    "safety_officer": _safety_officer,
    "reviewer": _reviewer,
    "administrator": _administrator,
}
