"""What intake refused, cut or moved, newest first."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import Organization, Project
from traces.models import IntakeNotice

MOST_NOTICES = 100


def list_notices(project: Project, *, limit: int = MOST_NOTICES) -> list[IntakeNotice]:
    """The newest notices of a project.

    Requests without a key of this installation belong to nobody. Where there is only one
    organization they can be nobody else's, and are shown: a wrong key is the commonest mistake.
    """
    whose = Q(project_id=project.pk)
    if Organization.objects.count() == 1:
        whose |= Q(project_id=None)
    return list(IntakeNotice.objects.filter(whose).order_by("-last_at", "-pk")[:limit])
