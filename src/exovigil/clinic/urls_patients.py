"""Addresses of patients, selection, consent and treatment."""

urlpatterns: list[object] = []
