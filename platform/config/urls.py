"""Every address of the product, an app a line."""

from django.conf import settings
from django.urls import include, path

from accounts.views.preferences import preference
from config import health
from traces.langfuse.urls import anything_else

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/v1/", include("config.api_urls")),
    path("", include("traces.intake_urls")),
    path("", include("traces.open_urls")),
    path("api/public/", include("traces.langfuse.urls")),
    path("api/public/", include("prompts.langfuse.urls")),
    path("api/public/", include("evals.langfuse.urls")),
    path("api/public/", include(anything_else)),
    path("project/", include("evals.langfuse.page_urls")),
    path("project/", include("traces.langfuse.page_urls")),
    path("preferences/", preference, name="preference"),
    path("", include("accounts.urls")),
    path("p/<slug:project_slug>/", include("alerts.urls")),
    path("p/<slug:project_slug>/", include("costs.urls")),
    path("p/<slug:project_slug>/", include("evals.urls")),
    path("p/<slug:project_slug>/", include("features.urls")),
    path("p/<slug:project_slug>/", include("gateway.urls")),
    path("", include("notices.urls")),
    path("p/<slug:project_slug>/", include("pricing.urls")),
    path("p/<slug:project_slug>/", include("prompts.urls")),
    path("p/<slug:project_slug>/", include("traces.urls")),
]
if settings.STYLEGUIDE:
    urlpatterns += [path("styleguide/", include("kit.urls"))]

handler403 = "kit.errors.forbidden"
handler404 = "kit.errors.not_found"
handler500 = "kit.errors.server_error"
