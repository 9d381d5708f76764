"""Django app of the clinic room."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """Registers the room's tables and templates."""

    name = "exovigil.clinic"
    label = "clinic"
