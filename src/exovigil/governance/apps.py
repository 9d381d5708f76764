"""Django app of the governance room."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """Registers the room's tables."""

    name = "exovigil.governance"
    label = "governance"
