"""The project of the key, and whether the service is there."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import Project
from traces.langfuse.envelope import Call, written


def project_id_text(project_id: int) -> str:
    """The id under which clients know a project: SDK 5 hashes it into ids of experiments."""
    return str(project_id)


def projects(call: Call) -> dict[str, Any]:
    """The one project of the key."""
    project = Project.objects.select_related("organization").get(pk=call.project_id)
    return {
        "data": [
            {
                "id": project_id_text(project.pk),
                "name": project.name,
                "organization": {
                    "id": str(project.organization_id),
                    "name": project.organization.name,
                },
                "metadata": {},
                "retentionDays": settings.RETENTION_DAYS or None,
            }
        ]
    }


def health(request: HttpRequest) -> HttpResponse:
    """That the process answers, without a key; `/readyz` looks deeper."""
    try:
        known = version("roadworthy")
    except PackageNotFoundError:  # run from a folder that is not installed
        known = "0"
    return written({"status": "OK", "version": known})
