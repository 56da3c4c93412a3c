"""Sends the webhooks that are due: many at once, in one process of the installation at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from datetime import datetime

from asgiref.sync import async_to_sync, sync_to_async
from django.utils import timezone

from kit import outbound
from kit.crypto import Unreadable
from kit.jobs import alone, nudge
from notices.services import deliveries, endpoints
from notices.services.deliveries import Attempt, Claimed
from notices.services.telling import DELIVER
from notices.signing import signed_headers

log = logging.getLogger(__name__)

# Requests that wait on somebody's server cost next to nothing; a worker's thread for each would.
MOST_AT_ONCE = 64
ATTEMPT_SECONDS = 15.0  # within the 15 to 30 s that Standard Webhooks recommends
TURN_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.5  # for what became due while others are on their way


def deliver_due(seconds: float = TURN_SECONDS) -> int:
    """Send what is due until nothing is or the time is over; how many attempts were made.

    Somebody who comes while another is at it need do nothing: whoever holds the lock looks once
    more after letting go of it, and so finds what was committed before.
    """
    until = time.monotonic() + seconds
    made = 0
    while deliveries.due(timezone.now()).exists():
        if time.monotonic() >= until:
            nudge(DELIVER)  # others had no turn meanwhile
            break
        with alone(DELIVER) as is_mine:
            if not is_mine:
                break
            made += async_to_sync(_turn)(until)
    return made


async def _turn(until: float) -> int:
    """Keep as many on their way as may be. The database is spoken to by the calling thread only."""
    running: dict[asyncio.Task[Attempt], Claimed] = {}
    busy: Counter[int] = Counter()
    made = 0
    while True:
        if len(running) < MOST_AT_ONCE and time.monotonic() < until:
            room = MOST_AT_ONCE - len(running)
            for claimed in await sync_to_async(deliveries.claim)(room, busy):
                running[asyncio.create_task(_attempt(claimed))] = claimed
                busy[claimed.endpoint.pk] += 1
        if not running:
            return made
        ended, _ = await asyncio.wait(
            running, timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for task in ended:
            claimed = running.pop(task)
            busy[claimed.endpoint.pk] -= 1
            await sync_to_async(_record)(claimed, task.result())
            made += 1


def _record(claimed: Claimed, attempt: Attempt) -> None:
    """Note the attempt; one that cannot be noted is due again when its lease ends."""
    try:
        deliveries.record_attempt(claimed, attempt)
    except Exception:  # the turn is that of all endpoints
        log.exception("an attempt could not be recorded", extra={"delivery": claimed.pk})


async def _attempt(claimed: Claimed) -> Attempt:
    """One request, and what it came to; what nobody foresaw fails this delivery alone."""
    at = timezone.now()
    try:
        return await _send(claimed, at)
    except Exception:  # the turn is that of all endpoints
        log.exception("an attempt failed for no known reason", extra={"delivery": claimed.pk})
        return Attempt(at, 0, error="It could not be sent; the log of this installation says why.")


async def _send(claimed: Claimed, at: datetime) -> Attempt:
    """One signed request at `at`, and what it came to."""
    try:
        secrets = endpoints.valid_secrets(claimed.endpoint, at)
    except Unreadable as unreadable:
        return Attempt(at, 0, error=str(unreadable))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Roadworthy-Webhooks",
        **signed_headers(secrets, claimed.message_id, int(at.timestamp()), claimed.body),
    }
    try:
        answer = await outbound.post(
            claimed.endpoint.url, body=claimed.body, headers=headers, seconds=ATTEMPT_SECONDS
        )
    except outbound.Unreachable as nothing:
        return Attempt(at, nothing.duration_ms, error=str(nothing)[:300])
    error = "" if answer.is_success else f"It answered {answer.status}."
    if 300 <= answer.status <= 399:
        error += " Redirects are not followed; enter the address it leads to."
    return Attempt(
        at,
        answer.duration_ms,
        status=answer.status,
        error=error,
        response_start=answer.body_start,
        retry_after=answer.retry_after,
    )
