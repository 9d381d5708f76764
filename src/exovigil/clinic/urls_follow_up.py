"""Addresses of follow-up and the patient's pages."""

urlpatterns: list[object] = []
