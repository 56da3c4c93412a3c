"""Projects take turns at the decoder threads of a process."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Lets `at_once` of an event loop's tasks through; those that wait, project by project.

    Without it, one body of a small sender would stand behind all bodies of a big one.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: OrderedDict[int, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, project_id: int) -> AsyncIterator[None]:
        """Wait for the turn of `project_id`, and hold it."""
        await self._take(project_id)
        try:
            yield
        finally:
            self._give()

    async def _take(self, project_id: int) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(project_id, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give()  # it was ours already
            raise

    def _give(self) -> None:
        """Hand the place on; whoever gave up waiting is passed over."""
        while self._waiting:
            project_id, line = self._waiting.popitem(last=False)
            turn = line.popleft()
            if line:
                self._waiting[project_id] = line  # behind the others
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
