"""Statements that look rows up by their keys, however many keys and however large the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_SET = (
    "select set_config('enable_hashjoin', %(is)s, true), "
    "set_config('enable_mergejoin', %(is)s, true)"
)


@contextmanager
def by_key(cursor: Any) -> Iterator[None]:
    """Join arrays of keys with tables by index alone; in the caller's transaction.

    For thousands of keys the planner would rather read every partition once: all spans of the
    installation, for one trace that came again.
    """
    cursor.execute(_SET, {"is": "off"})
    yield
    cursor.execute(_SET, {"is": "on"})  # after an error the transaction takes it back
