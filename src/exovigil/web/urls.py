"""Every address of the building; each has a row in ``tests/web/permission_table.py``."""

from django.urls import include, path

from exovigil.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("role/", views.choose_role, name="choose-role"),
    path("health/", views.health, name="health"),
    path("account/", include("allauth.urls")),
    path("governance/", include("exovigil.governance.urls")),
    path("products/", include("exovigil.catalogue.urls")),
    path("", include("exovigil.clinic.urls")),
    path("cases/", include("exovigil.vigilance.urls")),
    path("report/", include("exovigil.vigilance.urls_outside")),
    path("watch/", include("exovigil.signals.urls")),
    path("evidence/", include("exovigil.evidence.urls")),
    path("dossiers/", include("exovigil.dossier.urls")),
]

handler400 = "exovigil.web.views.bad_request"
handler403 = "exovigil.web.views.forbidden"
handler404 = "exovigil.web.views.not_found"
handler500 = "exovigil.web.views.broken"
