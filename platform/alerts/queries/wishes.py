"""What a project wishes of its alerts."""

from __future__ import annotations

from accounts.models import Project
from alerts.models import AlertSettings


def settings_of(project: Project) -> AlertSettings:
    """The project's wishes; unsaved, as they are from the start, where it has said none."""
    found = AlertSettings.objects.filter(project=project).first()
    return found or AlertSettings(project=project)
