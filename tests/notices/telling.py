"""What the tests of notices share: telling of an event, and making what waits due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project
from notices.delivering import deliver_due
from notices.models import WebhookDelivery
from notices.services import tell

MOVED, URGENT, MACHINE = "sample.moved", "sample.urgent", "sample.machine"


@transaction.atomic
def happen(project: Project, event: str = MOVED, *, version: int = 15, **said: Any) -> None:
    """Let the sample event happen."""
    said = {"title": f"production is version {version}", "link": "/p/support/", **said}
    tell(project, event, data={"label": "production", "version": version}, **said)


def pass_time(**time: float) -> None:
    """Let what waits for a time, or for the end of a lease, be due that much earlier."""
    for delivery in WebhookDelivery.objects.exclude(due_at=None):
        delivery.due_at = (delivery.due_at or timezone.now()) - timedelta(**time)
        delivery.save(update_fields=["due_at"])


def one_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.select_related("message", "endpoint").get()


__all__ = ["MACHINE", "MOVED", "URGENT", "deliver_due", "happen", "one_delivery", "pass_time"]
