"""Addresses of pages: quality."""

from django.urls import URLPattern, path

from evals.views import live, quality, schedules, texts

urlpatterns: list[URLPattern] = [
    path("quality/", quality.quality, name="quality"),
    path("quality/latency/", live.quality_latency, name="quality_latency"),
    path("quality/around/", live.quality_around, name="quality_around"),
    path("quality/texts/new/", texts.text_watch_new, name="text_watch_new"),
    path("quality/texts/<int:pk>/", texts.text_watch, name="text_watch"),
    path("quality/texts/<int:pk>/settings/", texts.text_watch_edit, name="text_watch_edit"),
    path("quality/texts/drifts/<int:pk>/", texts.text_drift, name="text_drift"),
    path("quality/texts/drifts/<int:pk>/close/", texts.text_drift_close, name="text_drift_close"),
    path(
        "quality/texts/drifts/<int:pk>/propose/",
        texts.text_drift_propose,
        name="text_drift_propose",
    ),
    path("quality/alarms/<int:pk>/", quality.drift_alarm, name="drift_alarm"),
    path("quality/alarms/<int:pk>/close/", quality.drift_alarm_close, name="drift_alarm_close"),
    path("quality/schedules/new/", schedules.schedule_new, name="schedule_new"),
    path("quality/schedules/<int:pk>/", schedules.schedule, name="schedule"),
    path("quality/schedules/<int:pk>/pause/", schedules.schedule_pause, name="schedule_pause"),
    path("quality/schedules/<int:pk>/time/", schedules.schedule_time, name="schedule_time"),
    path("quality/schedules/<int:pk>/budget/", schedules.schedule_budget, name="schedule_budget"),
    path("quality/schedules/<int:pk>/delete/", schedules.schedule_delete, name="schedule_delete"),
]
