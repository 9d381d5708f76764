"""Addresses of the clinic room: patients and treatment, then follow-up."""

from exovigil.clinic import urls_follow_up, urls_patients

app_name = "clinic"
urlpatterns = [*urls_patients.urlpatterns, *urls_follow_up.urlpatterns]
