"""Stored rows are changed and deleted by their keys: in one pass over the rows of their traces.

A join of thousands of keys with a partitioned table is made in the wrong way easily: by reading
every partition, or, where the planner knows nothing yet, by comparing each key with each row. So
the rows are bounded by their traces and by time, and joined with the keys by a hash of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from traces.ingest import lookups
from traces.ingest.rows import AT, SpanKey, Written
from traces.ingest.writer import statements as sql

_SET = "select set_config('enable_nestloop', %s, true)"
_START = AT["start_time"]


@contextmanager
def in_one_pass(cursor: Any) -> Iterator[None]:
    """No row is compared with each key; in the caller's transaction."""
    cursor.execute(_SET, ["off"])
    yield
    cursor.execute(_SET, ["on"])  # after an error the transaction takes it back


def update_spans(cursor: Any, spans: Sequence[Written]) -> None:
    """Write the rows of these spans, and the contents of those that have one, over the stored."""
    if not spans:
        return
    places = [AT[name] for name in sql.UPDATE_COLUMNS]
    heavy = [span for span in spans if span.content]
    with in_one_pass(cursor):
        rows = [[span.row[place] for span in spans] for place in places]
        cursor.execute(sql.UPDATE_SPANS, [*rows, *_bounds(spans)])
        if heavy:
            cursor.execute(sql.UPDATE_CONTENTS, [*sql.content_arrays(heavy), *_bounds(heavy)])


def delete_spans(cursor: Any, places: Sequence[tuple[SpanKey, int]]) -> None:
    """Delete spans and their contents by key and start, which is in microseconds."""
    if not places:
        return
    projects, traces = [key[0] for key, _ in places], [key[1] for key, _ in places]
    starts = [start for _, start in places]
    keys = [projects, traces, [key[2] for key, _ in places], starts]
    given = [*keys, *lookups.bounds(projects, traces, starts)]
    with in_one_pass(cursor):
        cursor.execute(sql.DELETE_SPANS, given)
        cursor.execute(sql.DELETE_CONTENTS, given)


def _bounds(spans: Sequence[Written]) -> list[Any]:
    keys = [span.key for span in spans]
    starts = [span.row[_START] for span in spans]
    return lookups.bounds([key[0] for key in keys], [key[1] for key in keys], starts)
