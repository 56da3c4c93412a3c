"""Kombu over PostgreSQL, looking for messages every 0.4 s with one small statement.

Kombu's own transport asks each queue with two statements of the ORM and a commit: with five queues
15 statements a second, and a message waits for a second on average half the time.
"""

from __future__ import annotations

from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, sqlalchemy
from sqlalchemy import text

POLL_SECONDS = 0.4


class Channel(sqlalchemy.Channel):
    """Asks the queues only where any message waits."""

    def _poll(self, cycle: Any, callback: Any, timeout: float | None = None) -> Any:
        looked = self.session.execute(self._look).first()
        self.session.rollback()
        if looked is None:
            raise Empty
        return super()._poll(cycle, callback, timeout=timeout)

    @property
    def _look(self) -> Any:
        return text(f"select 1 from {self.message_tablename} where visible limit 1")  # noqa: S608


class Transport(sqlalchemy.Transport):
    """As Kombu's, with that channel."""

    Channel = Channel
    polling_interval = POLL_SECONDS


def register() -> None:
    """Let addresses that begin with `sqla+` mean this transport."""
    TRANSPORT_ALIASES["sqla"] = f"{__name__}:{Transport.__name__}"
