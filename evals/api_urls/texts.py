"""Addresses of REST: texts."""

from django.urls import URLPattern, path

from evals.api import texts

urlpatterns: list[URLPattern] = [
    path("text-watches", texts.TextWatches.as_view(), name="api_text_watches"),
    path("text-watches/<int:pk>/days", texts.TextWatchDays.as_view(), name="api_text_days"),
    path("text-drifts", texts.TextDrifts.as_view(), name="api_text_drifts"),
]
