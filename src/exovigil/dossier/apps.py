"""Django app of the dossier room."""

from django.apps import AppConfig


class DossierConfig(AppConfig):
    """Registers the room's tables and templates."""

    name = "exovigil.dossier"
    label = "dossier"
