"""Addresses of REST: online."""

from django.urls import URLPattern, path

from evals.api import online

urlpatterns: list[URLPattern] = [
    path("online-rules", online.OnlineRules.as_view(), name="api_online_rules"),
    path("online-rules/<int:pk>", online.OneOnlineRule.as_view(), name="api_online_rule"),
    path("grounding", online.Grounding.as_view(), name="api_grounding"),
]
