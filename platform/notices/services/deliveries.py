"""Deliveries: claimed by who sends them, and recorded; endpoints that fail are switched off."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Role
from accounts.queries import list_members
from accounts.services.trail import record
from notices.models import OffReason, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from notices.posting import Attempt
from notices.retries import next_wait
from notices.services import endpoints
from notices.services.telling import tell

DISABLED = "webhook.disabled"
MOST_AT_ONCE = 4  # requests open to one endpoint
# An endpoint is switched off when for so long nothing came through, of at least so many attempts:
# those of two deliveries, so that a short outage after a quiet week does not count as a long one.
LONGEST_FAILURE = timedelta(days=3)
LEAST_FAILURES = 20
LEASE = timedelta(seconds=60)  # longer than any attempt takes; then the delivery is due again
_GONE = 410

_State = WebhookDelivery.State


@dataclass(frozen=True)
class Claimed:
    """A delivery in the hands of who sends it now."""

    pk: int
    claim: str
    endpoint: WebhookEndpoint
    message_id: str
    body: bytes


def due(now: datetime) -> QuerySet[WebhookDelivery]:
    """Deliveries to be sent now: to enabled endpoints, tests also to one that is switched off."""
    return WebhookDelivery.objects.filter(
        Q(endpoint__is_enabled=True) | Q(is_test=True),
        state=_State.DUE,
        due_at__lte=now,
        endpoint__deleted_at=None,
        endpoint__project__deleted_at=None,
    )


@transaction.atomic
def claim(room: int, busy: Mapping[int, int]) -> list[Claimed]:
    """At most `room` due deliveries for this caller alone, the endpoints taking turns.

    `busy` says how many requests to which endpoint are open already: four are the most, one for an
    endpoint that fails, so that no endpoint takes the room of all. What another transaction holds
    is passed over.
    """
    now = timezone.now()
    soonest = due(now).filter(endpoint=OuterRef("pk")).order_by("due_at", "pk").values("pk")
    waiting = _waiting(now, busy).annotate(first_due=ArraySubquery(soonest[:MOST_AT_ONCE]))[:room]
    locked: dict[int, list[WebhookDelivery]] = defaultdict(list)
    first = [pk for endpoint in waiting for pk in endpoint.first_due]
    rows = due(now).filter(pk__in=first).select_related("message").order_by("due_at", "pk")
    for row in rows.select_for_update(skip_locked=True, of=["self"]):
        locked[row.endpoint_id].append(row)
    taken: list[tuple[WebhookDelivery, WebhookEndpoint]] = []
    for endpoint in waiting:
        most = 1 if endpoint.failing_since else MOST_AT_ONCE
        free = min(most - busy.get(endpoint.pk, 0), room - len(taken))
        taken += [(row, endpoint) for row in locked[endpoint.pk][:free]]
    for row, _ in taken:
        row.claim, row.due_at, row.tries = secrets.token_hex(8), now + LEASE, row.tries + 1
    WebhookDelivery.objects.bulk_update([row for row, _ in taken], ["claim", "due_at", "tries"])
    return [
        Claimed(row.pk, row.claim, endpoint, row.message.uid, row.message.body.encode())
        for row, endpoint in taken
    ]


def _waiting(now: datetime, busy: Mapping[int, int]) -> QuerySet[WebhookEndpoint]:
    """The endpoints that have something due and are not full, those that waited longest first."""
    full = [pk for pk, number in busy.items() if number >= MOST_AT_ONCE]
    held = [pk for pk, number in busy.items() if number]
    return (
        WebhookEndpoint.objects.filter(Exists(due(now).filter(endpoint=OuterRef("pk"))))
        .exclude(pk__in=full)
        .exclude(pk__in=held, failing_since__isnull=False)
        .select_related("project")
        .order_by(F("last_at").asc(nulls_first=True), "pk")
    )


@transaction.atomic
def record_attempt(claimed: Claimed, attempt: Attempt) -> None:
    """Note what came of it: delivered, due again later, or failed for good.

    A claim that is not the delivery's any more, because its lease ended, changes nothing.
    """
    try:
        endpoint = endpoints.locked(claimed.endpoint.pk)
    except endpoints.EndpointIsGone:
        return
    mine = WebhookDelivery.objects.filter(pk=claimed.pk, claim=claimed.claim)
    delivery = mine.select_for_update(of=["self"]).first()
    if delivery is None:
        return
    WebhookAttempt.objects.create(
        delivery=delivery,
        at=attempt.at,
        status=attempt.status,
        duration_ms=attempt.duration_ms,
        error=attempt.error,
        response_start=attempt.response_start,
    )
    delivery.attempts += 1
    delivery.claim = ""
    delivery.last_at, delivery.last_status = attempt.at, attempt.status
    delivery.last_error, delivery.last_duration_ms = attempt.error, attempt.duration_ms
    wait = None
    if attempt.error and not delivery.is_test and attempt.status != _GONE:
        wait = next_wait(delivery.tries, retry_after=attempt.retry_after)
    delivery.due_at = None if wait is None else timezone.now() + wait
    if delivery.due_at is None:
        delivery.state = _State.FAILED if attempt.error else _State.DELIVERED
    delivery.save()
    _note_health(endpoint, attempt, is_test=delivery.is_test)
    endpoints.announce(endpoint)


def _note_health(endpoint: WebhookEndpoint, attempt: Attempt, *, is_test: bool) -> None:
    endpoint.last_at, endpoint.last_status = attempt.at, attempt.status
    endpoint.last_error = attempt.error
    if not attempt.error:
        endpoint.failing_since, endpoint.failures = None, 0
    elif not is_test:
        endpoint.failing_since = endpoint.failing_since or attempt.at
        endpoint.failures += 1
    endpoint.save(
        update_fields=["last_at", "last_status", "last_error", "failing_since", "failures"]
    )
    if not attempt.error or is_test or not endpoint.is_enabled:
        return
    if attempt.status == _GONE:
        switch_off(endpoint, OffReason.GONE)
    elif (
        endpoint.failures >= LEAST_FAILURES
        and endpoint.failing_since is not None
        and attempt.at - endpoint.failing_since >= LONGEST_FAILURE
    ):
        switch_off(endpoint, OffReason.FAILING)


def switch_off(endpoint: WebhookEndpoint, reason: OffReason) -> None:
    """The locked endpoint gets nothing any more, and the admins of its project are told."""
    endpoint.is_enabled, endpoint.off_reason = False, reason
    endpoint.save(update_fields=["is_enabled", "off_reason"])
    ended = endpoints.end_waiting(endpoint)
    project = endpoint.project
    record(
        DISABLED,
        actor=None,
        project=project,
        subject=endpoint,
        why=reason,
        failing_since=endpoint.failing_since,
        failures=endpoint.failures,
        ended=ended,
    )
    admins = [row.user for row in list_members(project) if row.role.rank >= Role.ADMIN.rank]
    tell(
        project,
        DISABLED,
        data={
            "webhook": endpoint.pk,
            "host": endpoint.host,
            "reason": reason.value,
            "failing_since": endpoint.failing_since,
        },
        title=f"The webhook {endpoint} was switched off",
        link=f"/p/{project.slug}/settings/webhooks/{endpoint.pk}/",
        persons=admins,
    )
