"""Sends what is due to the channels: many at once, in one process of the installation at a time."""

from __future__ import annotations

import asyncio
import logging
import time

import orjson
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from alerts.models import ChannelKind
from alerts.services import sending
from alerts.services.channels import opened_secret
from alerts.services.sending import Claimed
from alerts.services.timeline import DELIVER
from kit.crypto import Unreadable
from kit.jobs import alone, nudge
from kit.outbound.turns import take_turn
from notices.posting import Attempt, hand_over, post, post_signed

log = logging.getLogger(__name__)

MOST_AT_ONCE = 32
TURN_SECONDS = 30.0


def deliver_due(seconds: float = TURN_SECONDS) -> int:
    """Send what is due until nothing is or the time is over; how many attempts were made.

    Somebody who comes while another is at it need do nothing: whoever holds the lock looks once
    more after letting go of it, and so finds what was committed before.
    """
    until = time.monotonic() + seconds
    made = 0
    while sending.due(timezone.now()).exists():
        if time.monotonic() >= until:
            nudge(DELIVER)
            break
        with alone(DELIVER) as is_mine:
            if not is_mine:
                break
            made += async_to_sync(take_turn)(
                sending.claim, _attempt, sending.record_attempt, until=until, most=MOST_AT_ONCE
            )
    return made


async def _attempt(claimed: Claimed) -> Attempt:
    """One message, and what it came to; what nobody foresaw fails this delivery alone."""
    at = timezone.now()
    try:
        return await _send(claimed)
    except Unreadable as unreadable:
        return Attempt(at, 0, error=str(unreadable))
    except Exception:  # the turn is that of all channels
        log.exception("an alert failed for no known reason", extra={"delivery": claimed.pk})
        said = "It could not be sent; the log of this installation says why."
        return Attempt(at, 0, error=said, may_have_arrived=True)


async def _send(claimed: Claimed) -> Attempt:
    channel = claimed.channel
    if channel.kind == ChannelKind.EMAIL:
        return await asyncio.to_thread(_mail, claimed)
    secret = opened_secret(channel)
    if channel.kind == ChannelKind.SLACK:
        return await post(secret, claimed.body.encode(), {})
    if channel.kind == ChannelKind.PAGERDUTY:
        event = {"routing_key": secret, **orjson.loads(claimed.body)}
        return await post(channel.url, orjson.dumps(event), {})
    return await post_signed(channel.url, claimed.body.encode(), claimed.uid, [secret])


def _mail(claimed: Claimed) -> Attempt:
    """Hand it to the mail server; a server that is not reached has certainly not taken it."""
    at, began = timezone.now(), time.monotonic()

    def attempt(error: str = "", *, unsure: bool = False, final: bool = False) -> Attempt:
        spent = round((time.monotonic() - began) * 1000)
        return Attempt(at, spent, error=error[:300], may_have_arrived=unsure, is_final=final)

    if not settings.MAIL_IS_CONFIGURED:
        return attempt("This installation sends no mail: set SMTP_HOST.")
    said = orjson.loads(claimed.body)
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    message = EmailMessage(
        said["subject"],
        said["text"],
        to=list(claimed.channel.addresses),
        headers={"Message-ID": f"<{claimed.uid}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:  # SMTPException among them
        return attempt(f"The mail server was not reached: {error}")
    try:
        outcome = hand_over(message, connection)
    finally:
        connection.close()
    return attempt(outcome.reason, unsure=outcome.is_unsure, final=outcome.is_final)
