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
    project_id: int = 0  # once its key is known


class Memory:
    """Bytes of the requests in flight of one event loop, in all and by project."""

    def __init__(self) -> None:
        self._held_bytes = 0
        self._by_project: dict[int, int] = {}

    def hold(self, request: Request, size: int) -> None:
        """Let `request` count with `size` bytes. Raises: Busy where there is no room for it.

        One alone always has room, and so has the only one of its project while there is any.
        Beyond that a project may hold no more than what is left free: there is always room for
        whoever comes next.
        """
        others = self._held_bytes - request.held
        of_project = self._by_project.get(request.project_id, 0) - request.held
        if size > request.held and others:
            free = settings.INTAKE_MAX_WAITING_BYTES - others - size
            if free < 0:
                raise Busy("requests in flight fill the memory set aside for them")
            if of_project and of_project + size > free:
                raise Busy("the project's requests in flight fill its share of the memory")
        self._held_bytes = others + size
        if of_project + size:
            self._by_project[request.project_id] = of_project + size
        else:
            self._by_project.pop(request.project_id, None)
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
