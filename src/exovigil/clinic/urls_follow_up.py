"""Addresses of follow-up and the patient's pages."""

from django.urls import path

from exovigil.clinic.views import follow_up, patient_page

urlpatterns = [
    path("follow-ups/", follow_up.follow_ups, name="follow-ups"),
    path("follow-ups/<int:follow_up_id>/", follow_up.follow_up, name="follow-up"),
    path("follow-ups/<int:follow_up_id>/record/", follow_up.record_follow_up, name="record-follow-up"),
    path("follow-ups/<int:follow_up_id>/link/", follow_up.make_link, name="make-link"),
    path("follow-ups/<int:follow_up_id>/link/revoke/", follow_up.revoke_link, name="revoke-link"),
    path("answers/<int:answer_id>/", follow_up.answer, name="answer"),
    path("answers/<int:answer_id>/review/", follow_up.review_answer, name="review-answer"),
    path("photos/<uuid:photo_id>/", follow_up.photo, name="photo"),
    path("f/<str:token>/", patient_page.patient_page, name="patient-page"),
]
