"""What is old goes: deliveries, notices, deleted endpoints, and all of deleted projects."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Project
from notices.models import (
    MutedProject,
    PersonalNotice,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from notices.services import endpoints

DELIVERIES_KEPT = timedelta(days=30)
NOTICES_KEPT = timedelta(days=90)
# A transaction that was open when an endpoint was deleted has ended long before.
DELETED_ENDPOINTS_KEPT = timedelta(days=1)
_BATCH = 2000
_OF_PROJECTS = (WebhookMessage, WebhookEndpoint, PersonalNotice, MutedProject)


def forget_old(now: datetime | None = None) -> int:
    """Remove what is older than it is kept; how many rows, those that hang on them included."""
    now = now or timezone.now()
    _end_stranded()
    waiting = Q(state=WebhookDelivery.State.DUE)
    old = WebhookDelivery.objects.filter(created_at__lt=now - DELIVERIES_KEPT).exclude(waiting)
    of_message = WebhookDelivery.objects.filter(message=OuterRef("pk"))
    messages = WebhookMessage.objects.filter(created_at__lt=now - DELETED_ENDPOINTS_KEPT)
    gone = WebhookEndpoint.objects.filter(deleted_at__lt=now - DELETED_ENDPOINTS_KEPT)
    return (
        _remove(old)
        + _remove(WebhookDelivery.objects.filter(endpoint__in=gone))
        + _remove(gone)
        + _remove(messages.filter(~Exists(of_message)))
        + _remove(PersonalNotice.objects.filter(created_at__lt=now - NOTICES_KEPT))
    )


def delete_project_data(project_id: int | None = None) -> int:
    """Nothing of a deleted project is left; without an id, of any. How many rows went."""
    projects = Project.objects.exclude(deleted_at=None)
    if project_id is not None:
        projects = projects.filter(pk=project_id)
    removed = _remove(WebhookDelivery.objects.filter(endpoint__project__in=projects))
    for model in _OF_PROJECTS:
        removed += _remove(model.objects.filter(project__in=projects))
    return removed


def _end_stranded() -> None:
    """A delivery written while its endpoint was being switched off would wait forever."""
    waiting = WebhookDelivery.objects.filter(
        endpoint=OuterRef("pk"), state=WebhookDelivery.State.DUE, is_test=False
    )
    for endpoint in WebhookEndpoint.objects.filter(Exists(waiting), is_enabled=False):
        endpoints.end_waiting(endpoint)


def _remove(rows: QuerySet[Any]) -> int:
    """Delete in batches, so that no transaction is long."""
    removed = 0
    while pks := list(rows.values_list("pk", flat=True)[:_BATCH]):
        removed += rows.model.objects.filter(pk__in=pks).delete()[0]
    return removed
