"""Addresses of REST: schedules."""

from django.urls import URLPattern, path

from evals.api import schedules

urlpatterns: list[URLPattern] = [
    path("schedules", schedules.Schedules.as_view(), name="api_schedules"),
    path("schedules/<int:pk>", schedules.OneSchedule.as_view(), name="api_schedule"),
    path("schedules/<int:pk>/runs", schedules.ScheduleRuns.as_view(), name="api_schedule_runs"),
    path(
        "schedules/<int:pk>/alarms", schedules.ScheduleAlarms.as_view(), name="api_schedule_alarms"
    ),
    path(
        "schedules/<int:pk>/alarms/<int:number>/close",
        schedules.CloseAlarm.as_view(),
        name="api_close_alarm",
    ),
]
