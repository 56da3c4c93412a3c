"""Addresses of pages: online evals. They stand before evaluators, whose names may hold slashes."""

from django.urls import URLPattern, path

from evals.views import online

urlpatterns: list[URLPattern] = [
    path("evaluators/online/", online.online_list, name="online"),
    path("evaluators/online/new/", online.online_new, name="online_new"),
    path("evaluators/online/<int:pk>/", online.online_rule, name="online_rule"),
    path("evaluators/online/<int:pk>/settings/", online.online_edit, name="online_edit"),
    path("evaluators/live/grounding/", online.grounding, name="grounding"),
]
