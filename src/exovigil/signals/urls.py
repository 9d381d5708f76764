"""Addresses of the signals room."""

app_name = "signals"
urlpatterns: list[object] = []
