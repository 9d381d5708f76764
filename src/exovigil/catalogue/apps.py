"""Django app of the catalogue room."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Registers the room's tables and templates."""

    name = "exovigil.catalogue"
    label = "catalogue"
