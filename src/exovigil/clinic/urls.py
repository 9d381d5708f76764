"""Addresses of the clinic room."""

app_name = "clinic"
urlpatterns: list[object] = []
