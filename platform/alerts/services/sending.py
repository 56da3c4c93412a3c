"""Deliveries: claimed by who sends them, and recorded; a channel that fails is marked."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from alerts.models import Channel, ChannelKind, Delivery
from alerts.services.channels import locked
from alerts.services.errors import ChannelIsGone
from alerts.services.timeline import announce
from notices.posting import Attempt
from notices.retries import next_wait

MOST_TO_ONE = 4  # requests open to one channel
LEASE = timedelta(seconds=60)  # longer than any attempt takes
INTERRUPTED = "The worker ended while it was handed over; it may have arrived."
_REPEATABLE = (ChannelKind.PAGERDUTY, ChannelKind.WEBHOOK)
_State = Delivery.State


@dataclass(frozen=True)
class Claimed:
    """A delivery in the hands of who sends it now."""

    pk: int
    claim: str
    uid: str
    body: str
    channel: Channel


def due(now: datetime) -> QuerySet[Delivery]:
    """What is to be sent now: of one incident to one channel in the order in which it happened."""
    earlier = Delivery.objects.filter(
        incident=OuterRef("incident"),
        channel=OuterRef("channel"),
        state=_State.DUE,
        pk__lt=OuterRef("pk"),
    )
    return Delivery.objects.filter(
        Q(channel__is_enabled=True) | Q(step=None),
        ~Exists(earlier),
        state=_State.DUE,
        due_at__lte=now,
        channel__deleted_at=None,
        channel__project__deleted_at=None,
    )


@transaction.atomic
def claim(room: int, running: Sequence[Claimed]) -> list[Claimed]:
    """At most `room` due deliveries for this caller alone, four to one channel at a time."""
    now = timezone.now()
    _end_interrupted(now)
    busy = Counter(one.channel.pk for one in running)
    full = [pk for pk, number in busy.items() if number >= MOST_TO_ONE]
    rows = due(now).exclude(channel__in=full).select_related("channel").order_by("due_at", "pk")
    taken: list[Delivery] = []
    for row in rows.select_for_update(skip_locked=True, of=["self"])[: room * MOST_TO_ONE]:
        if len(taken) < room and busy[row.channel_id] < MOST_TO_ONE:
            busy[row.channel_id] += 1
            row.claim, row.due_at, row.tries = secrets.token_hex(8), now + LEASE, row.tries + 1
            taken.append(row)
    Delivery.objects.bulk_update(taken, ["claim", "due_at", "tries"])
    return [Claimed(row.pk, row.claim, row.uid, row.body, row.channel) for row in taken]


@transaction.atomic
def record_attempt(claimed: Claimed, attempt: Attempt) -> None:
    """Note what came of it: delivered, due again, failed, or unsure where nobody can tell.

    A claim that is not the delivery's any more, because its lease ended, changes nothing.
    """
    try:
        channel = locked(claimed.channel.pk)
    except ChannelIsGone:
        return
    mine = Delivery.objects.filter(pk=claimed.pk, claim=claimed.claim, state=_State.DUE)
    delivery = mine.select_for_update(of=["self"]).first()
    if delivery is None:
        return
    delivery.claim = ""
    delivery.last_at, delivery.last_status = attempt.at, attempt.status
    delivery.last_error, delivery.last_duration_ms = attempt.error[:300], attempt.duration_ms
    delivery.response_start = attempt.response_start
    is_unsure = attempt.may_have_arrived and not channel.tells_repeats_apart
    wait = None
    if attempt.error and not delivery.is_test and not is_unsure and not attempt.is_final:
        wait = next_wait(delivery.tries, retry_after=attempt.retry_after)
    delivery.due_at = None if wait is None else timezone.now() + wait
    if wait is None:
        failed = _State.UNSURE if is_unsure else _State.FAILED
        delivery.state = failed if attempt.error else _State.DELIVERED
    delivery.save()
    _note_health(channel, attempt.at, attempt.error, attempt.status)


def _end_interrupted(now: datetime) -> None:
    """What was handed over by a worker that is gone, to who cannot tell repeats apart."""
    gone = Delivery.objects.filter(state=_State.DUE, due_at__lte=now).exclude(claim="")
    for row in gone.exclude(channel__kind__in=_REPEATABLE).select_for_update(
        skip_locked=True, of=["self"]
    ):
        row.state, row.due_at, row.claim, row.last_error = _State.UNSURE, None, "", INTERRUPTED
        row.last_at = now
        row.save()
        Channel.objects.filter(pk=row.channel_id, failing_since=None).update(failing_since=now)
        Channel.objects.filter(pk=row.channel_id).update(
            last_at=now, last_error=INTERRUPTED, failures=F("failures") + 1
        )


def _note_health(channel: Channel, at: datetime, error: str, status: int | None) -> None:
    channel.last_at, channel.last_status, channel.last_error = at, status, error[:300]
    if error:
        channel.failing_since = channel.failing_since or at
        channel.failures += 1
    else:
        channel.failing_since, channel.failures = None, 0
    channel.save(
        update_fields=["last_at", "last_status", "last_error", "failing_since", "failures"]
    )
    announce(channel.project_id)
