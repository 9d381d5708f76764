"""Django app of the evidence room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Registers the room's tables and templates."""

    name = "exovigil.evidence"
    label = "evidence"
