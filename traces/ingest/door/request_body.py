"""One POST to intake: what it is, and its body, read within size, time and memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from traces.ingest.pipeline import Dialect
from traces.ingest.writer.group import Busy

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

BODY_WITHIN_SECONDS = 60.0


class TooLarge(Exception):
    """The body passed the limit while it was being read."""


class TooSlow(Exception):
    """The body was not complete in time."""


class Disconnected(Exception):
    """The client went away before its body was complete."""


@dataclass(slots=True)
class Request:
    """What the headers of a POST say; headers are in lower case."""

    path: str
    headers: dict[str, str]
    dialect: Dialect
    held: int = 0  # bytes of it that count as waiting in this process


class Memory:
    """Bytes of the requests in flight of one event loop."""

    def __init__(self) -> None:
        self._held_bytes = 0

    def hold(self, request: Request, size: int) -> None:
        """Let `request` count with `size` bytes. Raises: Busy where there is no room for it.

        One alone always has room.
        """
        others = self._held_bytes - request.held
        if size > request.held and others and others + size > settings.INTAKE_MAX_WAITING_BYTES:
            raise Busy("requests in flight fill the memory set aside for them")
        self._held_bytes = others + size
        request.held = size

    async def read(self, request: Request, receive: Receive) -> bytes:
        """The body of `request`, which counts from its first byte on.

        Raises: TooLarge, TooSlow, Disconnected, Busy.
        """
        limit = settings.INTAKE_MAX_BODY_BYTES
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            raise TooLarge
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_WITHIN_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Disconnected
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge
                    self.hold(request, size)
                    chunks.append(chunk)
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            raise TooSlow from None
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)
