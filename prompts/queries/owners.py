"""Owners of folders and who stands in for whom, as the settings show them."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Project, User
from prompts.models import Delegation, FolderOwner


def owners_by_folder(project: Project) -> list[tuple[str, list[User]]]:
    """Folders that have owners, '' (every prompt) first."""
    found: dict[str, list[User]] = defaultdict(list)
    for row in FolderOwner.objects.filter(project=project).select_related("user").order_by("pk"):
        found[row.folder].append(row.user)
    return sorted(found.items())


def every_delegation(project: Project) -> QuerySet[Delegation]:
    """Past ones too, the newest first."""
    found = Delegation.objects.filter(project=project).order_by("-pk")
    return found.select_related("user", "delegate", "project__organization")


def delegations_of(project: Project) -> list[Delegation]:
    """Those that have not ended, the next to begin first."""
    rows = Delegation.objects.filter(project=project, ends_at__gt=timezone.now())
    return list(rows.select_related("user", "delegate").order_by("starts_at", "pk"))
