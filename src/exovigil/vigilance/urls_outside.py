"""Addresses of the public form: no account, one for each place."""

from django.urls import path

from exovigil.vigilance.views import outside

app_name = "outside"
urlpatterns = [
    path("", outside.places, name="places"),
    path("<slug:code>/", outside.tell, name="tell"),
]
