"""Tests of webhooks, and sending again what was sent or failed, with the same id."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.services.trail import Actor, record
from kit.errors import DomainError
from kit.jobs import nudge
from notices.models import WebhookDelivery, WebhookEndpoint
from notices.services import endpoints
from notices.services.telling import DELIVER, make_deliveries

TEST = "webhook.test"  # the type of what the test button sends

_State = WebhookDelivery.State


class NothingToReplay(DomainError):
    """The delivery or the endpoint cannot be replayed as it is."""


@transaction.atomic
def send_test(endpoint: WebhookEndpoint, *, actor: Actor) -> WebhookDelivery:
    """A delivery of `webhook.test`, due at once, sent as every other but not tried again.

    Raises: EndpointIsGone.
    """
    endpoint = endpoints.locked(endpoint.pk)
    data = {"webhook": endpoint.pk, "text": "A test from Roadworthy."}
    (delivery,) = make_deliveries(endpoint.project, TEST, data, [endpoint.pk], is_test=True)
    record("webhook.tested", actor=actor, project=endpoint.project, subject=endpoint)
    return delivery


@transaction.atomic
def replay(delivery: WebhookDelivery, *, actor: Actor) -> WebhookDelivery:
    """Send the same message again now, with the same id; what waits need wait no longer.

    Raises: NothingToReplay, EndpointIsGone.
    """
    endpoint = endpoints.locked(delivery.endpoint_id)
    _require_on(endpoint)
    row = WebhookDelivery.objects.select_for_update(of=["self"]).get(pk=delivery.pk)
    if row.is_being_sent and row.due_at is not None and row.due_at > timezone.now():
        raise NothingToReplay("It is being sent just now.")
    row.state, row.due_at, row.claim, row.tries = _State.DUE, timezone.now(), "", 0
    row.save(update_fields=["state", "due_at", "claim", "tries"])
    record(
        "webhook.replayed",
        actor=actor,
        project=endpoint.project,
        subject=endpoint,
        message=row.message.uid,
    )
    endpoints.announce(endpoint)
    nudge(DELIVER)
    return row


@transaction.atomic
def replay_failed(endpoint: WebhookEndpoint, *, since: datetime, actor: Actor) -> int:
    """Send again whatever happened since then and failed for good; how many.

    Raises: NothingToReplay, EndpointIsGone.
    """
    endpoint = endpoints.locked(endpoint.pk)
    _require_on(endpoint)
    failed = WebhookDelivery.objects.filter(
        endpoint=endpoint, state=_State.FAILED, is_test=False, created_at__gte=since
    )
    count = failed.update(state=_State.DUE, due_at=timezone.now(), claim="", tries=0)
    record(
        "webhook.failed_replayed",
        actor=actor,
        project=endpoint.project,
        subject=endpoint,
        since=since,
        count=count,
    )
    endpoints.announce(endpoint)
    nudge(DELIVER)
    return count


def _require_on(endpoint: WebhookEndpoint) -> None:
    if not endpoint.is_enabled:
        raise NothingToReplay("The webhook is switched off; switch it on first.")
