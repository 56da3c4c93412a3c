"""Nudges: a message that says work may be due. The row that is due stands in the database."""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def nudge(task: str, *args: Any) -> None:
    """Send `task` by name once the transaction commits.

    A lost message only delays the work until the next sweep, so a broker that is away is logged
    and never fails the request.
    """
    transaction.on_commit(lambda: _send(task, args))


def _send(task: str, args: tuple[Any, ...]) -> None:
    try:
        current_app.send_task(task, args=args, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("nudge not sent", extra={"task": task, "reason": str(error)})
