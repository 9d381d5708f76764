"""Addresses of the dossier room."""

from django.urls import path

from exovigil.dossier import views

app_name = "dossier"
urlpatterns = [
    path("", views.dossiers, name="dossiers"),
    path("build/", views.build, name="build"),
    path("editions/<int:edition_id>/", views.edition, name="edition"),
    path("editions/<int:edition_id>/pdf/", views.pdf, name="pdf"),
    path("editions/<int:edition_id>/studies.csv", views.studies_csv, name="studies-csv"),
    path("<str:condition>/<str:product_class>/", views.dossier, name="dossier"),
]
