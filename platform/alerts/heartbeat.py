"""A sign of life to somebody else's monitor, for the day on which this installation is down."""

from __future__ import annotations

import logging
from datetime import timedelta

from asgiref.sync import async_to_sync
from django.conf import settings
from django.utils import timezone

from alerts.services import sending
from kit import outbound

log = logging.getLogger(__name__)

WITHHELD_AFTER = timedelta(minutes=10)  # messages that wait so long say that nobody sends
SECONDS = 10.0


def beat() -> bool:
    """POST to the address of the settings; True where that took it.

    None is sent where messages of incidents have waited for ten minutes: what cannot alert is as
    good as down, and the monitor must say so.
    """
    if not settings.HEARTBEAT_URL:
        return False
    if sending.due(timezone.now() - WITHHELD_AFTER).exists():
        log.warning("heartbeat withheld: messages of incidents wait")
        return False
    headers = {"Content-Type": "application/json", "User-Agent": "Roadworthy-Heartbeat"}
    try:
        answer = async_to_sync(outbound.post)(
            settings.HEARTBEAT_URL, body=b"{}", headers=headers, seconds=SECONDS
        )
    except outbound.Unreachable as nothing:
        log.warning("heartbeat not taken", extra={"reason": str(nothing)})
        return False
    if not answer.is_success:
        log.warning("heartbeat not taken", extra={"reason": f"It answered {answer.status}."})
    return answer.is_success
