"""Addresses of pages: quality."""

from django.urls import URLPattern, path

from evals.views import live, quality, schedules

urlpatterns: list[URLPattern] = [
    path("quality/", quality.quality, name="quality"),
    path("quality/latency/", live.quality_latency, name="quality_latency"),
    path("quality/around/", live.quality_around, name="quality_around"),
    path("quality/alarms/<int:pk>/", quality.drift_alarm, name="drift_alarm"),
    path("quality/alarms/<int:pk>/close/", quality.drift_alarm_close, name="drift_alarm_close"),
    path("quality/schedules/new/", schedules.schedule_new, name="schedule_new"),
    path("quality/schedules/<int:pk>/", schedules.schedule, name="schedule"),
    path("quality/schedules/<int:pk>/pause/", schedules.schedule_pause, name="schedule_pause"),
    path("quality/schedules/<int:pk>/time/", schedules.schedule_time, name="schedule_time"),
    path("quality/schedules/<int:pk>/budget/", schedules.schedule_budget, name="schedule_budget"),
    path("quality/schedules/<int:pk>/delete/", schedules.schedule_delete, name="schedule_delete"),
]
