"""Django app of the web room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers the room's tables and templates."""

    name = "exovigil.web"
    label = "web"
