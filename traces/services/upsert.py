"""Rows that have an id within their project and may change the trace they hang on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zlib import crc32

from django.db import connection

# One lock guards the ids that share a bucket: a batch of a thousand takes this many at most,
# far from what PostgreSQL's table of locks holds (64 a connection by default).
BUCKETS = 64
_KEY = ("id", "trace_id")

_LOCK = "select pg_advisory_xact_lock(hashtext(%s), bucket) from unnest(%s::int[]) as bucket"


def lock_ids(table: str, project_id: int, ids: Iterable[str]) -> None:
    """Let no other transaction write these ids until this one ends.

    The key of the row holds its trace, so that a score which moves to another trace is deleted
    there and inserted here; without the lock two writers could each insert one.
    """
    buckets = {crc32(f"{project_id}:{one}".encode()) % BUCKETS for one in ids}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [table, sorted(buckets)])  # in order, so that nobody waits in a ring


def upsert(
    table: str, columns: Mapping[str, str], project_id: int, rows: Sequence[Sequence[Any]]
) -> None:
    """Write `rows` (values of `columns`, which are names and types) in one statement.

    The first two columns are `id` and `trace_id`; ids must differ. A row of the same id is
    replaced, wherever it stood, and keeps its `created_at`. Call within a transaction that holds
    `lock_ids`.
    """
    if not rows:
        return
    names = ", ".join(columns)
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    given = ", ".join(f"given.{name}" for name in columns)
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in _KEY)
    statement = f"""
        with given as (select * from unnest({arrays}) as g({names})),
        moved as (
          delete from {table} t using given
          where t.project_id = %s and t.id = given.id and t.trace_id <> given.trace_id
          returning t.id, t.created_at
        ),
        first as (select id, min(created_at) as created_at from moved group by id)
        insert into {table} (project_id, {names}, created_at, updated_at)
        select %s, {given}, coalesce(first.created_at, now()), now()
        from given left join first on first.id = given.id
        on conflict (project_id, trace_id, id)
        do update set {changed}, updated_at = excluded.updated_at
    """  # noqa: S608  (names and types are ours, values are parameters)
    with connection.cursor() as cursor:
        cursor.execute(
            statement, [*([*column] for column in zip(*rows, strict=True)), project_id, project_id]
        )
