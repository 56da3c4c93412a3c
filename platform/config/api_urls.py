"""Addresses below `/api/v1/`."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns = [
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("", include("accounts.api_urls")),
    path("", include("alerts.api_urls")),
    path("", include("costs.api_urls")),
    path("", include("evals.api_urls")),
    path("", include("features.api_urls")),
    path("", include("gateway.api_urls")),
    path("", include("notices.api_urls")),
    path("", include("pricing.api_urls")),
    path("", include("traces.api_urls")),
    path("", include("prompts.api_urls")),
]
