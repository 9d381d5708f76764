"""Django app of the signals room."""

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    """Registers the room's tables and templates."""

    name = "exovigil.signals"
    label = "signals"
