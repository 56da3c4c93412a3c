"""Sends the webhooks that are due: many at once, in one process of the installation at a time."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence

from asgiref.sync import async_to_sync
from django.utils import timezone

from kit.crypto import Unreadable
from kit.jobs import alone, nudge
from kit.outbound.turns import take_turn
from notices.posting import Attempt, post_signed
from notices.services import deliveries, endpoints
from notices.services.deliveries import Claimed
from notices.services.telling import DELIVER

log = logging.getLogger(__name__)

# Requests that wait on somebody's server cost next to nothing; a worker's thread for each would.
MOST_AT_ONCE = 64
TURN_SECONDS = 30.0


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
            made += async_to_sync(take_turn)(
                _claim, _attempt, deliveries.record_attempt, until=until, most=MOST_AT_ONCE
            )
    return made


def _claim(room: int, running: Sequence[Claimed]) -> list[Claimed]:
    return deliveries.claim(room, Counter(one.endpoint.pk for one in running))


async def _attempt(claimed: Claimed) -> Attempt:
    """One request, and what it came to; what nobody foresaw fails this delivery alone."""
    at = timezone.now()
    try:
        secrets = endpoints.valid_secrets(claimed.endpoint, at)
        return await post_signed(claimed.endpoint.url, claimed.body, claimed.message_id, secrets)
    except Unreadable as unreadable:
        return Attempt(at, 0, error=str(unreadable))
    except Exception:  # the turn is that of all endpoints
        log.exception("an attempt failed for no known reason", extra={"delivery": claimed.pk})
        return Attempt(at, 0, error="It could not be sent; the log of this installation says why.")
