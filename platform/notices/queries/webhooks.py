"""Webhooks of a project and what was sent to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Project
from notices.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

MOST_COUNTED = 10_000


def list_endpoints(project: Project) -> QuerySet[WebhookEndpoint]:
    """The project's webhooks, newest first."""
    return (
        WebhookEndpoint.objects.filter(project=project, deleted_at=None)
        .select_related("project__organization", "created_by")
        .order_by("-pk")
    )


def get_endpoint(project: Project, pk: int) -> WebhookEndpoint | None:
    """The project's webhook of this id."""
    return list_endpoints(project).filter(pk=pk).first()


def list_deliveries(
    endpoint: WebhookEndpoint,
    *,
    state: str = "",
    since: datetime | None = None,
    before: int | None = None,
) -> QuerySet[WebhookDelivery]:
    """Deliveries to the endpoint, newest first, those before the id `before`.

    Each has `response_start`: what the last answer began with, None where there was no attempt.
    """
    last = WebhookAttempt.objects.filter(delivery=OuterRef("pk")).order_by("-pk")
    rows = WebhookDelivery.objects.filter(endpoint=endpoint).select_related("message")
    if state:
        rows = rows.filter(state=state)
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.annotate(response_start=Subquery(last.values("response_start")[:1])).order_by("-pk")


def get_delivery(endpoint: WebhookEndpoint, pk: int) -> WebhookDelivery | None:
    """The endpoint's delivery of this id."""
    return list_deliveries(endpoint).filter(pk=pk).first()


def list_attempts(delivery: WebhookDelivery) -> QuerySet[WebhookAttempt]:
    """Its requests, newest first."""
    return WebhookAttempt.objects.filter(delivery=delivery).order_by("-pk")


def count_deliveries(endpoint: WebhookEndpoint, *, state: str = "") -> int:
    """How many there are, counted up to 10,000."""
    rows = WebhookDelivery.objects.filter(endpoint=endpoint)
    if state:
        rows = rows.filter(state=state)
    return rows[: MOST_COUNTED + 1].count()


def count_failed(endpoint: WebhookEndpoint, *, within: timedelta) -> int:
    """How many that happened within this time failed for good: what a replay would send."""
    since = timezone.now() - within
    return WebhookDelivery.objects.filter(
        endpoint=endpoint,
        state=WebhookDelivery.State.FAILED,
        is_test=False,
        created_at__gte=since,
    ).count()
