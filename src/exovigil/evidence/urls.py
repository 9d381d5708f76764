"""Addresses of the evidence room."""

from django.urls import path

from exovigil.evidence import reactions, views

app_name = "evidence"
urlpatterns = [
    path("", views.evidence_map, name="map"),
    path("studies/", views.study_list, name="studies"),
    path("studies/<str:study_id>/", views.study_page, name="study"),
    path("conditions/<str:condition>/", views.condition_page, name="condition"),
    path("harms/", views.harm_page, name="harms"),
    path("reactions/", reactions.reactions, name="reactions"),
    path("reactions/<str:attribute>/", reactions.reactions_by, name="reactions-by"),
    path("trials/", views.trial_page, name="trials"),
]
