"""Addresses of the vigilance room."""

app_name = "vigilance"
urlpatterns: list[object] = []
