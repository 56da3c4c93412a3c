"""Channels of a project and what was sent to them."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import Project
from alerts.models import Channel, Delivery


def list_channels(project: Project) -> QuerySet[Channel]:
    """The project's channels, newest first."""
    return (
        Channel.objects.filter(project=project, deleted_at=None)
        .select_related("project__organization", "created_by")
        .order_by("-pk")
    )


def get_channel(project: Project, pk: int) -> Channel | None:
    """The project's channel of this id."""
    return list_channels(project).filter(pk=pk).first() if pk < 2**63 else None


def failing_channels(project: Project) -> list[Channel]:
    """Those whose last attempts failed."""
    return list(list_channels(project).filter(is_enabled=True, failing_since__isnull=False))


def has_channel(project: Project) -> bool:
    """True where somebody outside of the product is told at all."""
    return list_channels(project).filter(is_enabled=True).exists()


def list_deliveries(channel: Channel, *, before: int | None = None) -> QuerySet[Delivery]:
    """What was sent to the channel, newest first, those before the id `before`."""
    rows = Delivery.objects.filter(channel=channel).select_related("incident", "step")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.order_by("-pk")
