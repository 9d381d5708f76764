"""Addresses of the governance room."""

from django.urls import path

from exovigil.governance import views

app_name = "governance"
urlpatterns = [
    path("members/", views.members, name="members"),
    path("members/add/", views.add_member, name="add-member"),
    path("members/<int:membership_id>/remove/", views.remove_member, name="remove-member"),
    path("audit/", views.audit_trail, name="audit"),
]
