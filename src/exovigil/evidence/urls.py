"""Addresses of the evidence room."""

app_name = "evidence"
urlpatterns: list[object] = []
