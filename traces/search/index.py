"""The words of settled traces, kept for finding them. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import Cursor

from traces.ingest.dialects.fields import parse
from traces.ingest.dialects.registry import language_of, table_for
from traces.ingest.record import SpanRecord
from traces.ingest.rows import SpanKey
from traces.ingest.totals import TraceKey
from traces.search.words import MOST_WORDS, as_stored, response_hash, span_hashes

_MOVED = """
delete from trace_words w
using unnest(%s::int8[], %s::text[], %s::int8[]) as k (project_id, trace_id, start_us)
where w.project_id = k.project_id and w.trace_id = k.trace_id
  and w.start_time = timestamptz 'epoch' + k.start_us * interval '1 microsecond'
"""
_KEEP = """
insert into trace_words as w (project_id, trace_id, start_time, words)
select n.project_id, n.trace_id, timestamptz 'epoch' + n.start_us * interval '1 microsecond',
  n.words::int4[]
from unnest(%s::int8[], %s::text[], %s::int8[], %s::text[])
  as n (project_id, trace_id, start_us, words)
on conflict (project_id, trace_id, start_time) do update set words = excluded.words
where w.words <> excluded.words
"""


def hashes_of(
    spans: Mapping[SpanKey, tuple[SpanRecord, Mapping[str, Any]]],
) -> dict[TraceKey, list[int]]:
    """The sorted hashes of the words of each trace, from its records and documents."""
    found: dict[TraceKey, set[int]] = {}
    responses: dict[TraceKey, set[int]] = {}  # these as stored
    for (project_id, trace_id, _), (record, document) in spans.items():
        key = (project_id, trace_id)
        names = f"{record.name} {record.trace_name or ''}"
        found.setdefault(key, set()).update(span_hashes(names, _said(document), project_id))
        if record.response_id:
            hashed = response_hash(record.response_id, project_id)
            responses.setdefault(key, set()).add(hashed)
    for key, hashes in found.items():
        if len(hashes) > MOST_WORDS:
            found[key] = set(sorted(hashes)[:MOST_WORDS])
    return {
        key: sorted({*as_stored(hashes), *responses.get(key, ())}) for key, hashes in found.items()
    }


def _said(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a span said: its own fields, else what its raw attributes hold."""
    attributes = document.get("attributes") or {}
    events = document.get("events") or []
    scope = document.get("scope") or {}
    language = language_of(document.get("resource") or {})
    table = table_for(scope.get("name"), scope.get("version"), language)
    said = {}
    for name in ("input", "output", "tool", "documents"):
        value = document.get(name)
        if value is None:
            value = table.read(name, attributes, events)
        if isinstance(value, str) and value[:1] in ("{", "["):
            value = parse(value)
        if value is not None:
            said[name] = value
    return said


def keep_words(
    cursor: Cursor[Any],
    words: Mapping[TraceKey, list[int]],
    starts: Mapping[TraceKey, int],
    before: Mapping[TraceKey, int],
) -> None:
    """Keep the words of traces that start at `starts`; `before` says where older ones stand."""
    moved = sorted(key for key, at in before.items() if starts.get(key) != at)
    if moved:
        columns = [[key[0] for key in moved], [key[1] for key in moved]]
        cursor.execute(_MOVED, [*columns, [before[key] for key in moved]])
    keys = sorted(key for key in words if words[key] and key in starts)
    if keys:
        cursor.execute(
            _KEEP,
            [
                [key[0] for key in keys],
                [key[1] for key in keys],
                [starts[key] for key in keys],
                ["{" + ",".join(map(str, words[key])) + "}" for key in keys],
            ],
        )
