"""A bounded queue that hands out in turn what several projects put in."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from threading import Condition
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Full(Exception):
    """There is no room; for this project, or for any."""


class Empty(Exception):
    """Nothing came in time."""


class FairQueue(Generic[Item]):
    """First in, first out within a project; between projects one at a time, in turn.

    A project may fill no more than what is left free. Alone it gets half of the room, next to a
    full one a third: there is always some for whoever comes next.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self._waiting: OrderedDict[int, deque[Item]] = OrderedDict()
        self._count = 0
        self._ends = 0
        self._changed = Condition()

    def __len__(self) -> int:
        """How many wait."""
        return self._count

    def put(self, project_id: int, item: Item) -> None:
        """Let `item` wait behind those of its project. Raises: Full."""
        with self._changed:
            line = self._waiting.get(project_id)
            held = len(line) if line is not None else 0
            if held >= self.room - self._count:
                raise Full
            if line is None:
                line = self._waiting[project_id] = deque()
            line.append(item)
            self._count += 1
            self._changed.notify()

    def get(self, timeout: float | None = None) -> Item | None:
        """The next item, or None where it is the end. Waits for `timeout` seconds, None for ever.

        Raises: Empty.
        """
        until = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not self._count and not self._ends:
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    raise Empty
                self._changed.wait(left)
            if not self._count:
                self._ends -= 1
                return None
            project_id, line = self._waiting.popitem(last=False)
            item = line.popleft()
            if line:
                self._waiting[project_id] = line  # behind the others
            self._count -= 1
            return item

    def end(self) -> None:
        """Let one reader know, once nothing waits any more, that this is the end."""
        with self._changed:
            self._ends += 1
            self._changed.notify()
