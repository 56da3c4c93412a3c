"""How often each version is read: counted in memory, added to the database every few seconds.

A process that is killed loses its last seconds of counts, and nothing else.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from django.db import connection

MOST_ROWS = 20_000  # between two writes; beyond it reads are answered and not counted

Key = tuple[int, int, str, int, bool]  # prompt, minute, label, number, keyed


class ReadCounts:
    """One a process. Safe across threads."""

    def __init__(self) -> None:
        self._counted: dict[Key, int] = {}
        self._lock = Lock()

    def count(self, prompt_id: int, label: str, number: int, keyed: bool) -> None:
        """One read of the version, by `label` ('' by its number), with or without a key."""
        key = (prompt_id, int(time.time()) // 60, label, number, keyed)
        with self._lock:
            known = self._counted.get(key)
            if known is not None or len(self._counted) < MOST_ROWS:
                self._counted[key] = (known or 0) + 1

    def take(self) -> dict[Key, int]:
        """What was counted since the last time."""
        with self._lock:
            counted, self._counted = self._counted, {}
        return counted

    def give_back(self, counted: dict[Key, int]) -> None:
        """Put counts back that could not be written."""
        with self._lock:
            for key, count in counted.items():
                if key in self._counted or len(self._counted) < MOST_ROWS:
                    self._counted[key] = self._counted.get(key, 0) + count


READS = ReadCounts()


def write(counted: dict[Key, int]) -> None:
    """Add counts to the rows of their minutes; prompts that are gone meanwhile are passed over."""
    if not counted:
        return
    rows = sorted(counted.items())
    columns: list[Any] = [
        [key[0] for key, _ in rows],
        [datetime.fromtimestamp(key[1] * 60, UTC) for key, _ in rows],
        [key[2] for key, _ in rows],
        [key[3] for key, _ in rows],
        [key[4] for key, _ in rows],
        [count for _, count in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into prompts_readcount (prompt_id, minute, label, number, keyed, count) "
            "select read.* from unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::int[], "
            "%s::bool[], %s::int[]) as read (prompt_id, minute, label, number, keyed, count) "
            "where exists (select from prompts_prompt where id = read.prompt_id) "
            "on conflict (prompt_id, minute, label, number, keyed) "
            "do update set count = prompts_readcount.count + excluded.count",
            columns,
        )
