"""Spans that come again after their trace was sampled away: they count once all the same.

Of each span that went its id is kept as a hash, for as long as the trace is remembered. All
functions are called in the transaction that judges the traces, their rows locked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from psycopg import Cursor

from traces.ingest.record import TRACE_FACTS
from traces.ingest.rows import AT, KEY, Row, Written
from traces.ingest.totals import TraceKey, deltas
from traces.ingest.writer import statements as sql
from traces.ingest.writer.changing import delete_spans
from traces.rollups.rows_of_traces import delete_from, spans_of
from traces.rollups.usage import UsageRows
from traces.rollups.users import count_users, unsample_users

_PROJECT, _TRACE, _SPAN = KEY
_START = AT["start_time"]

_WENT = """
select g.project_id, g.trace_id, g.spans from unnest(%s::int8[], %s::text[])
  as k (project_id, trace_id)
join sampled_trace g using (project_id, trace_id)
"""
_REMEMBER = """
insert into sampled_trace as g (project_id, trace_id, at, spans)
select project_id, trace_id, clock_timestamp(), string_to_array(spans, ' ')::int8[]
from unnest(%s::int8[], %s::text[], %s::text[]) as k (project_id, trace_id, spans)
on conflict (project_id, trace_id) do update set at = excluded.at,
  spans = array(select distinct unnest(g.spans || excluded.spans))
"""
_FORGET = """
update sampled_trace g set spans = array(
  select s from unnest(g.spans) s where s <> all (string_to_array(k.spans, ' ')::int8[]))
from unnest(%s::int8[], %s::text[], %s::text[]) as k (project_id, trace_id, spans)
where g.project_id = k.project_id and g.trace_id = k.trace_id
"""

Went = Mapping[TraceKey, Collection[int]]


def went_before(cursor: Cursor[Any], keys: Sequence[TraceKey]) -> dict[TraceKey, set[int]]:
    """Of these traces those that went already, with the spans that went."""
    cursor.execute(_WENT, _columns(keys))
    return {(row[0], row[1]): set(row[2] or ()) for row in cursor.fetchall()}


def remember(cursor: Cursor[Any], keys: Sequence[TraceKey], rows: Iterable[Row]) -> None:
    """Note that these traces went, and which spans with them."""
    hashes: dict[TraceKey, list[int]] = {key: [] for key in keys}
    for row in rows:
        hashes[row[_PROJECT], row[_TRACE]].append(hash_of(row[_SPAN]))
    cursor.execute(_REMEMBER, [*_columns(keys), [_joined(hashes[key]) for key in keys]])


def drop_repeats(cursor: Cursor[Any], keys: Sequence[TraceKey], went: Went) -> None:
    """Take out of traces that go again what went before, so that only what is new is counted."""
    keys = [key for key in keys if went.get(key)]
    repeats, rest = _parted(cursor, keys, went)
    if not repeats:
        return
    usage = UsageRows()
    for row in repeats:
        usage.add(row, -1)
    usage.copy_to(cursor)
    delete_spans(
        cursor, [((row[_PROJECT], row[_TRACE], row[_SPAN]), row[_START]) for row in repeats]
    )
    totals = deltas(Written(row, b"", b"") for row in rest)
    if totals:
        cursor.execute(
            sql.REPLACE_TRACES, sql.trace_arrays([totals[key] for key in sorted(totals)])
        )
    if empty := [key for key in keys if key not in totals]:
        delete_from(cursor, ["trace"], _columns(empty))
    count_users(cursor, _columns(keys))


def count_once(cursor: Cursor[Any], keys: Sequence[TraceKey], went: Went) -> None:
    """Of traces that stay now, take what went before out of what was sampled away."""
    keys = [key for key in keys if went.get(key)]
    repeats, _ = _parted(cursor, keys, went)
    if not repeats:
        return
    usage = UsageRows(sampled=True)
    hashes: dict[TraceKey, list[int]] = {}
    for row in repeats:
        usage.add(row, -1)
        hashes.setdefault((row[_PROJECT], row[_TRACE]), []).append(hash_of(row[_SPAN]))
    usage.copy_to(cursor)
    parts = deltas(Written(row, b"", b"") for row in repeats)
    unsample_users(cursor, [parts[key] for key in sorted(parts)])
    back = sorted(hashes)
    cursor.execute(_FORGET, [*_columns(back), [_joined(hashes[key]) for key in back]])


def hash_of(span_id: str) -> int:
    """64 bits of a span's id, as PostgreSQL's bigint holds them."""
    digest = blake2b(span_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _parted(
    cursor: Cursor[Any], keys: Sequence[TraceKey], went: Went
) -> tuple[list[Row], list[Row]]:
    """The spans of these traces: those that went before, and the rest."""
    repeats: list[Row] = []
    rest: list[Row] = []
    if keys:
        for row in spans_of(cursor, _columns(keys)).rows:
            is_known = hash_of(row[_SPAN]) in went[row[_PROJECT], row[_TRACE]]
            is_repeat = is_known and row[_SPAN] != TRACE_FACTS
            (repeats if is_repeat else rest).append(row)
    return repeats, rest


def _joined(hashes: Iterable[int]) -> str:
    return " ".join(map(str, hashes))


def _columns(keys: Sequence[TraceKey]) -> list[list[Any]]:
    return [[key[0] for key in keys], [key[1] for key in keys]]
