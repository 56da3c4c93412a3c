"""News between processes: a Channels layer over PostgreSQL's LISTEN and NOTIFY.

Only names of what changed travel here, so a message fits into a notification (under 8,000 bytes)
and losing one costs a page a refresh, nothing more. A table of messages, as the layers in the
package index keep it, would be written and vacuumed for every live page; this writes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import defaultdict
from typing import Any

import orjson
import psycopg
from asgiref.sync import async_to_sync
from channels.layers import BaseChannelLayer, get_channel_layer
from django.db import connection, transaction
from psycopg import sql

from kit.connections import connection_parameters

log = logging.getLogger(__name__)

PG_CHANNEL = "roadworthy_live"
QUEUE_LENGTH = 100  # of one socket; a reader that is this far behind has missed nothing it needs
RECONNECT_SECONDS = 1.0


class PostgresChannelLayer(BaseChannelLayer):  # type: ignore[misc]
    """Groups live in the process that opened the socket; `group_send` reaches every process."""

    extensions = ["groups"]

    def __init__(self, expiry: int = 60, capacity: int = QUEUE_LENGTH, **_: Any) -> None:
        super().__init__(expiry=expiry, capacity=capacity)
        self._queues: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._groups: dict[str, set[str]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def new_channel(self, prefix: str = "live") -> str:
        """A new name, and its queue in this process."""
        name = f"{prefix}.{secrets.token_hex(8)}"
        self._queues[name] = asyncio.Queue(QUEUE_LENGTH)
        await self._listen()
        return name

    async def receive(self, channel: str) -> dict[str, Any]:
        """The next message for `channel`."""
        queue = self._queues.setdefault(channel, asyncio.Queue(QUEUE_LENGTH))
        try:
            return await queue.get()
        except asyncio.CancelledError:
            self._queues.pop(channel, None)
            for members in self._groups.values():
                members.discard(channel)
            raise

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Put `message` into a queue of this process; sockets are only told about groups."""
        self._deliver([channel], message)

    async def group_add(self, group: str, channel: str) -> None:
        """Let `channel` hear what is sent to `group`."""
        self._groups[group].add(channel)
        await self._listen()

    async def group_discard(self, group: str, channel: str) -> None:
        """Stop that."""
        self._groups[group].discard(channel)
        if not self._groups[group]:
            del self._groups[group]

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Tell every process."""
        payload = orjson.dumps([group, message]).decode()
        async with await psycopg.AsyncConnection.connect(
            **connection_parameters(), autocommit=True
        ) as link:
            await link.execute("select pg_notify(%s, %s)", [PG_CHANNEL, payload])

    async def flush(self) -> None:
        """Forget every group and queue of this process."""
        self._queues.clear()
        self._groups.clear()

    async def close(self) -> None:
        """End the listening connection."""
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
            self._listener = None

    def _hear(self, payload: str) -> None:
        """Hand a notification to its group. Anyone may NOTIFY: what is not ours is passed over."""
        try:
            group, message = orjson.loads(payload)
            members = list(self._groups.get(group, ()))
        except (ValueError, TypeError):
            log.warning("a notification is no message", extra={"payload": payload[:200]})
            return
        if isinstance(message, dict):
            self._deliver(members, message)

    def _deliver(self, channels: list[str], message: dict[str, Any]) -> None:
        for channel in channels:
            queue = self._queues.get(channel)
            if queue is None:
                continue
            if queue.full():  # the oldest news is the least useful
                queue.get_nowait()
            queue.put_nowait(message)

    async def _listen(self) -> None:
        """Have one listening connection in this event loop, and wait until it listens."""
        loop = asyncio.get_running_loop()
        if self._listener is None or self._listener.done() or self._loop is not loop:
            self._loop = loop
            self._listening = asyncio.Event()
            self._listener = loop.create_task(self._run())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait(), 5)

    async def _run(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **connection_parameters(), autocommit=True
                ) as link:
                    await link.execute(sql.SQL("listen {}").format(sql.Identifier(PG_CHANNEL)))
                    self._listening.set()
                    # Whatever was announced while nobody listened: let everyone look again.
                    for group in list(self._groups):
                        self._deliver(list(self._groups[group]), {"type": "live.resumed"})
                    async for note in link.notifies():
                        self._hear(note.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("live listener lost its connection", extra={"reason": str(error)})
            await asyncio.sleep(RECONNECT_SECONDS)


def announce(group: str, message: dict[str, Any]) -> None:
    """Send `message` to `group` from synchronous code, once the transaction commits."""
    layer = get_channel_layer()

    def send() -> None:
        if isinstance(layer, PostgresChannelLayer):
            payload = orjson.dumps([group, message]).decode()
            with connection.cursor() as cursor:
                cursor.execute("select pg_notify(%s, %s)", [PG_CHANNEL, payload])
        elif layer is not None:
            async_to_sync(layer.group_send)(group, message)

    transaction.on_commit(send)
