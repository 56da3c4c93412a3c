"""Addresses outside of a project: shared links, and traces by their id alone."""

from django.urls import path

from traces.views import anywhere, sharing

app_name = "traces_open"
urlpatterns = [
    path("share/<str:token>/", sharing.shared, name="shared"),
    path("t/<path:trace_id>/", anywhere.any_trace, name="any_trace"),
]
