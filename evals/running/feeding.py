"""Rows that workers of a run take one by one, fetched piece by piece, and what they write."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Row = TypeVar("Row")
Fetch = Callable[[int], Awaitable[Sequence[Row]]]
Write = Callable[[list[Row]], Awaitable[None]]


GATHER_SECONDS = 0.1  # a write costs as much for one row as for twenty


class Feed(Generic[Row]):
    """Hands out rows; asks for more when none is left. With `may_grow` it waits for new ones."""

    def __init__(self, fetch: Fetch[Row], most: int, *, may_grow: bool = False) -> None:
        self._fetch, self._most = fetch, most
        self._rows: deque[Row] = deque()
        self._lock = asyncio.Lock()
        self._news = asyncio.Event()
        self._may_grow = may_grow

    async def next(self) -> Row | None:
        """The next row; None when there will be none."""
        while not self._rows:
            async with self._lock:
                if self._rows:
                    break
                may_grow = self._may_grow  # before the look: what comes later is seen next time
                self._news.clear()
                self._rows.extend(await self._fetch(self._most))
                if self._rows:
                    break
                if not may_grow:
                    return None
                await self._news.wait()
        return self._rows.popleft()

    def grow(self) -> None:
        """There may be new rows."""
        self._news.set()

    def end(self) -> None:
        """No row will be added."""
        self._may_grow = False
        self._news.set()


class Writer(Generic[Row]):
    """Writes what is over a tenth of a second later, together with what ends meanwhile."""

    def __init__(self, write: Write[Row], most: int) -> None:
        self._write, self._most = write, most
        self._queue: asyncio.Queue[Row] = asyncio.Queue(most * 4)

    async def put(self, row: Row) -> None:
        """Have `row` written; waits where writing cannot keep up."""
        await self._queue.put(row)

    async def run(self) -> None:
        """Write for ever; cancelled when nothing more comes."""
        while True:
            rows = [await self._queue.get()]
            await asyncio.sleep(GATHER_SECONDS)
            while len(rows) < self._most and not self._queue.empty():
                rows.append(self._queue.get_nowait())
            await self._write(rows)
            for _ in rows:
                self._queue.task_done()

    async def flushed(self) -> None:
        """Return when all that was put is written."""
        await self._queue.join()
