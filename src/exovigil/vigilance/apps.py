"""Django app of the vigilance room."""

from django.apps import AppConfig


class VigilanceConfig(AppConfig):
    """Registers the room's tables and templates."""

    name = "exovigil.vigilance"
    label = "vigilance"
