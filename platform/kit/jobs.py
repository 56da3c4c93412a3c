"""Nudges: a message that says work may be due. The row that is due stands in the database."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

from celery import current_app
from django.db import DatabaseError, connection, transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def nudge(task: str, *args: Any) -> None:
    """Send `task` by name once the transaction commits.

    A lost message only delays the work until the next sweep, so a broker that is away is logged
    and never fails the request.
    """
    transaction.on_commit(lambda: _send(task, args))


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """True for one caller in the whole installation at a time, False for whoever comes meanwhile.

    The lock belongs to the connection: with the process that held it, it is gone at once.
    """
    key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        is_mine = bool(cursor.fetchone()[0])
    if not is_mine:
        yield False
        return
    try:
        yield True
    finally:
        try:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [key])
        except DatabaseError:  # with the connection the lock is gone as well
            connection.close()


def _send(task: str, args: tuple[Any, ...]) -> None:
    try:
        current_app.send_task(task, args=args, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("nudge not sent", extra={"task": task, "reason": str(error)})
