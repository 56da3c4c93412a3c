"""Addresses of the REST of prompts; sub-resources stand before the prompt itself."""

from django.urls import path

from prompts.api import filed, labels, prompts, versions

app_name = "prompts_api"
urlpatterns = [
    *filed.urlpatterns,
    path("prompts", prompts.Prompts.as_view(), name="prompts"),
    path(
        "prompts/<path:name>/versions/<int:number>", versions.OneVersion.as_view(), name="version"
    ),
    path("prompts/<path:name>/versions", versions.Versions.as_view(), name="versions"),
    path(
        "prompts/<path:name>/compare/<int:old>..<int:new>",
        versions.Comparison.as_view(),
        name="compare",
    ),
    path("prompts/<path:name>/labels/<str:label>", labels.OneLabel.as_view(), name="label"),
    path("prompts/<path:name>/history", labels.History.as_view(), name="history"),
    path(
        "prompts/<path:name>/rollback/<int:pk>/undo",
        labels.UndoneRollback.as_view(),
        name="rollback_undo",
    ),
    path("prompts/<path:name>/rollback/<int:pk>", labels.OneRollback.as_view(), name="rollback"),
    path("prompts/<path:name>/rollback", labels.Rollback.as_view(), name="rollbacks"),
    # The name is that by which `prompts.serving.endpoint` knows its own address.
    path("prompts/<path:name>", prompts.OnePrompt.as_view(), name="prompt-read"),
]
