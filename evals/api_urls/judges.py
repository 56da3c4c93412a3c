"""Addresses of REST: judges."""

from django.urls import URLPattern, path

from evals.api import judges

urlpatterns: list[URLPattern] = [
    path("judges", judges.Judges.as_view(), name="api_judges"),
    path("judges/<path:name>", judges.OneJudge.as_view(), name="api_judge"),
]
