"""Addresses of the catalogue room."""

app_name = "catalogue"
urlpatterns: list[object] = []
