"""Addresses of the dossier room."""

app_name = "dossier"
urlpatterns: list[object] = []
