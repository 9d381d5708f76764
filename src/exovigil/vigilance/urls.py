"""Addresses of the vigilance room."""

from django.urls import path

from exovigil.vigilance.views import (
    cause,
    coding,
    course,
    duties,
    judging,
    opening,
    pathway,
    recording,
    reporting,
    versions,
    worklist,
)
from exovigil.vigilance.views.case import case

app_name = "vigilance"
urlpatterns = [
    path("", worklist.cases, name="cases"),
    path("due/", duties.due, name="due"),
    path("pathway/", pathway.pathway, name="pathway"),
    path("pathway/<slug:site_code>/<slug:step>/", pathway.change_step, name="change-step"),
    path("times/", pathway.times, name="times"),
    path("submissions/<int:submission_id>/proof/", duties.proof, name="submission-proof"),
    path("open/answer/<int:answer_id>/", opening.open_from_answer, name="open-case-from-answer"),
    path("open/treatment/<int:treatment_id>/", opening.open_from_treatment, name="open-case-from-treatment"),
    path("reports/<int:report_id>/", reporting.report, name="report"),
    path("reports/<int:report_id>/file.xml", reporting.report_file, name="report-file"),
    path("meddra/", coding.meddra, name="meddra"),
    path("meddra/<int:release_id>/", coding.meddra_upgrade, name="meddra-upgrade"),
    path("<int:case_id>/", case, name="case"),
    path("<int:case_id>/forms/<slug:code>.pdf", reporting.form_file, name="form-file"),
    path("<int:case_id>/code/", coding.code_reaction, name="code-reaction"),
    path("<int:case_id>/what-happened/", recording.edit_what, name="edit-what"),
    path("<int:case_id>/seriousness/", recording.edit_seriousness, name="edit-seriousness"),
    path("<int:case_id>/who-must-hear/", duties.edit_facts, name="edit-duty-facts"),
    path("<int:case_id>/submissions/add/", duties.add_submission, name="add-submission"),
    path("<int:case_id>/new-information/", duties.judge_news, name="judge-news"),
    path("<int:case_id>/pathway/<slug:step>/", pathway.record_step, name="record-step"),
    path("<int:case_id>/lesions/", course.lesions, name="lesions"),
    path("<int:case_id>/lesions/add/", course.add_lesions, name="add-lesions"),
    path("<int:case_id>/outcome/", recording.edit_outcome, name="edit-outcome"),
    path("<int:case_id>/investigations/add/", recording.add_investigation, name="add-investigation"),
    path("<int:case_id>/management/add/", recording.add_management, name="add-management"),
    path("<int:case_id>/management/<int:management_id>/", recording.edit_management, name="edit-management"),
    path("<int:case_id>/who-umc/", judging.who_umc, name="who-umc"),
    path("<int:case_id>/naranjo/", judging.naranjo, name="naranjo"),
    path("<int:case_id>/cause/", cause.split, name="split"),
    path("<int:case_id>/narrative/", judging.narrative, name="narrative"),
    path("<int:case_id>/versions/add/", versions.make_version, name="make-version"),
    path("<int:case_id>/versions/<int:number>/", versions.version, name="version"),
    path("<int:case_id>/nullify/", versions.nullify_case, name="nullify-case"),
    path("<int:case_id>/write-report/", reporting.write_report, name="write-report"),
]
