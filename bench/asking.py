"""A reader that costs little beside the server it asks: ready requests over kept connections.

A read is one request, or several in a row where a client needs several answers for it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import cast
from urllib.parse import urlsplit

Read = Sequence[bytes]
Heard = Callable[[float, bytes], None]  # when a read was answered (perf_counter), its last head
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ANSWER_SECONDS = 30.0


@dataclass
class Told:
    """What came of a load. `waited` are seconds of each read that was answered 200."""

    seconds: float = 0.0
    waited: list[float] = field(default_factory=list)
    failed: int = 0
    refusal: bytes = b""  # the last answer that was none of 200, or why none came

    @property
    def rate(self) -> float:
        """Reads a second that were answered 200."""
        return len(self.waited) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which `share` of the reads were answered."""
        ordered = sorted(self.waited)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def request(url: str, target: str, **headers: str) -> bytes:
    """A GET of `target` (a path with its query) as bytes."""
    lines = [f"GET {target} HTTP/1.1", f"Host: {urlsplit(url).netloc}", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


class Link(asyncio.Protocol):
    """One kept connection with one request under way."""

    def __init__(self) -> None:
        self._buffer = b""
        self._needed = 0  # bytes of the whole answer; 0: its head is not whole yet
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Put the answer together; hand its head over when all of it is here."""
        self._buffer += data
        if not self._needed:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            length = _LENGTH.search(self._buffer, 0, end)
            self._needed = end + 4 + (int(length[1]) if length else 0)
        if len(self._buffer) >= self._needed and self._answer is not None:
            head, self._buffer = self._buffer[: self._needed], self._buffer[self._needed :]
            answer, self._answer, self._needed = self._answer, None, 0
            if not answer.done():
                answer.set_result(head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits for ever."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("closed"))

    async def ask(self, one: bytes) -> bytes:
        """The whole answer to one request. Raises: OSError, TimeoutError."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("closed")
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(one)
        return await asyncio.wait_for(answer, ANSWER_SECONDS)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


async def connect(url: str) -> Link:
    """A new connection to the server at `url`."""
    where = urlsplit(url)
    loop = asyncio.get_running_loop()
    _, link = await loop.create_connection(Link, where.hostname or "", where.port or 80)
    return link


async def _read(link: Link, read: Read, told: Told, began: float, heard: Heard | None) -> None:
    answer = b""
    for one in read:
        answer = await link.ask(one)
        if not answer.startswith(b"HTTP/1.1 200"):
            told.failed += 1
            told.refusal = answer
            return
    now = time.perf_counter()
    told.waited.append(now - began)
    if heard is not None:
        heard(now, answer)


async def closed(url: str, reads: Sequence[Read], *, connections: int, seconds: float) -> Told:
    """Ask as fast as answers come: each connection its next read as soon as it has the last."""
    told, following = Told(), cycle(reads)
    links = [await connect(url) for _ in range(connections)]
    start = time.perf_counter()

    async def work(link: Link) -> None:
        while (began := time.perf_counter()) < start + seconds:
            try:
                await _read(link, next(following), told, began, None)
            except (OSError, TimeoutError) as error:
                told.failed += 1
                told.refusal = repr(error).encode()
                link.close()
                link = await connect(url)
        link.close()

    await asyncio.gather(*(work(link) for link in links))
    told.seconds = time.perf_counter() - start
    return told


async def offered(
    url: str,
    reads: Sequence[Read],
    *,
    rate: float,
    seconds: float,
    connections: int = 64,
    heard: Heard | None = None,
    stop: asyncio.Event | None = None,
) -> Told:
    """Ask `rate` times a second, whatever the answers take, until it is over or `stop` is set.

    A read waits from the moment at which it was due, so that a server that stalls is not spared
    the reads that should have come meanwhile.
    """
    told, following = Told(), cycle(reads)
    due: asyncio.Queue[float | None] = asyncio.Queue()
    links = [await connect(url) for _ in range(connections)]
    start = time.perf_counter()

    async def work(link: Link) -> None:
        while (at := await due.get()) is not None:
            try:
                await _read(link, next(following), told, at, heard)
            except (OSError, TimeoutError) as error:
                told.failed += 1
                told.refusal = repr(error).encode()
                link.close()
                link = await connect(url)
        link.close()

    working = [asyncio.create_task(work(link)) for link in links]
    for number in range(int(rate * seconds)):
        if stop is not None and stop.is_set():
            break
        at = start + number / rate
        if (early := at - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        due.put_nowait(at)
    for _ in working:
        due.put_nowait(None)
    await asyncio.gather(*working)
    told.seconds = time.perf_counter() - start
    return told
