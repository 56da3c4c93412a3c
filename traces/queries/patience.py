"""How long a read may take: statements that end in time, and the clock of a whole answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError
from psycopg.errors import QueryCanceled

SOFT_SECONDS = 2.0  # then a search says how far it came
HARD_SECONDS = 5.0  # then it stops wherever it is
_LEAST_MS = 20


class TimeUp(Exception):
    """The hard limit was reached."""


@dataclass
class Clock:
    """The time of one answer. `is_late` after the soft limit, `TimeUp` after the hard one."""

    soft: float = SOFT_SECONDS
    hard: float = HARD_SECONDS
    began: float = field(default_factory=time.monotonic)

    @property
    def is_late(self) -> bool:
        """The soft limit has passed."""
        return time.monotonic() - self.began > self.soft

    @property
    def left(self) -> float:
        """Seconds until the hard limit. Raises: TimeUp when there are none."""
        left = self.hard - (time.monotonic() - self.began)
        if left <= 0:
            raise TimeUp
        return left

    @contextmanager
    def statement(self) -> Iterator[CursorWrapper]:
        """A cursor whose statements end at the hard limit. Raises: TimeUp."""
        with limited(self.left) as cursor:
            yield cursor


@contextmanager
def limited(seconds: float) -> Iterator[CursorWrapper]:
    """A cursor whose statements end after so many seconds. Raises: TimeUp."""
    is_nested = connection.in_atomic_block
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            milliseconds = max(int(seconds * 1000), _LEAST_MS)
            cursor.execute("select set_config('statement_timeout', %s, true)", [str(milliseconds)])
            yield cursor
            if is_nested:  # else it ends with the transaction
                cursor.execute("set local statement_timeout to default")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TimeUp from None
        raise
