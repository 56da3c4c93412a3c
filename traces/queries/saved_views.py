"""Saved views of the list: one's own, and the team's."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import User
from traces.models import SavedView


def views_for(project_id: int, user: User) -> QuerySet[SavedView]:
    """The views that a person sees, by name; those of others are not among them."""
    mine = Q(owner=user, is_shared=False)
    found = SavedView.objects.filter(mine | Q(is_shared=True), project_id=project_id)
    return found.select_related("owner").order_by("name", "pk")


def default_view(project_id: int) -> SavedView | None:
    """The view that the project's list opens with, where an admin chose one."""
    return SavedView.objects.filter(project_id=project_id, is_default=True).first()
