"""Addresses of the signals room."""

from django.urls import path

from exovigil.signals.views import alarms, duplicates, scan, watch

app_name = "signals"
urlpatterns = [
    path("", watch.watch, name="watch"),
    path("run/", watch.run_watch, name="run-watch"),
    path("scan/", scan.scan, name="scan"),
    path("scan/pair/", scan.pair, name="pair"),
    path("streams/<int:stream_id>/", watch.stream, name="stream"),
    path("alarms/<int:alarm_id>/", alarms.alarm, name="alarm"),
    path("alarms/<int:alarm_id>/cases/", alarms.alarm_cases, name="alarm-cases"),
    path("alarms/<int:alarm_id>/comparison/", alarms.alarm_comparison, name="alarm-comparison"),
    path("alarms/<int:alarm_id>/close/", alarms.close_alarm, name="close-alarm"),
    path("alarms/<int:alarm_id>/reopen/", alarms.reopen_alarm, name="reopen-alarm"),
    path("alarms/<int:alarm_id>/decide/", alarms.decide_alarm, name="decide-alarm"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/<int:first_id>/<int:second_id>/", duplicates.decide_duplicate, name="decide-duplicate"),
]
