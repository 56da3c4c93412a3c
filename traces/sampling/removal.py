"""The tail rule, and the removal of what it does not keep: in one transaction, counted in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection, Cursor

from traces.ingest import lookups
from traces.ingest.rows import AT
from traces.ingest.totals import TraceKey
from traces.rollups.counted import TraceRows, count_traces, stored
from traces.rollups.rows_of_traces import delete_rows, spans_of
from traces.rollups.usage import UsageRows
from traces.rollups.users import count_users, sample_users
from traces.sampling import candidates, repeats

MOST_TRACES = 100  # in one transaction: their rows stay locked meanwhile
_PROJECT = AT["project_id"]
_UNDECIDED = (None, "open", "unsettled", "gone")

# Why a trace stays. An unfinished one, or one whose root has not come, is given an hour.
_JUDGE = """
select k.project_id, k.trace_id, case
  when t.trace_id is null then 'gone'
  when exists (select from digest_queue q
    where q.project_id = k.project_id and q.trace_id = k.trace_id) then 'unsettled'
  when t.error_count > 0 then 'error'
  when t.duration_us > l.slow_ms * 1000 then 'slow'
  when t.feature = any(l.keep_features) then 'feature'
  when t.facets && array(select 't:' || tag from unnest(l.keep_tags) tag) then 'tag'
  when exists (select from score s
    where s.project_id = k.project_id and s.trace_id = k.trace_id) then 'score'
  when exists (select from outcome o
    where o.project_id = k.project_id and o.trace_id = k.trace_id) then 'outcome'
  when t.session_id is not null and (
    exists (select from score s
      where s.project_id = k.project_id and s.session_id = t.session_id and s.trace_id = '')
    or exists (select from outcome o
      where o.project_id = k.project_id and o.session_id = t.session_id and o.trace_id = '')
  ) then 'session'
  when (t.open_count > 0 or t.root_span_id is null) and g.trace_id is null
    and t.end_time > clock_timestamp() - interval '1 hour' then 'open'
  end
from unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)
left join trace t using (project_id, trace_id)
left join project_limits l using (project_id)
left join sampled_trace g using (project_id, trace_id)
"""


@dataclass(slots=True)
class Sampled:
    """What one look removed. Numbers by project."""

    looked_at: int = 0
    traces: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    spans: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def sample(connection: Connection[Any]) -> Sampled:
    """Judge the candidates that are due, at most `MOST_TRACES`, and remove what has to go.

    Rows of the traces are locked first: a writer in flight waits, and its spans are then a trace of
    their own, judged in turn. Raises: psycopg.errors.DeadlockDetected, with nothing done.
    """
    done = Sampled()
    with connection.transaction(), connection.cursor() as cursor:
        keys = candidates.due(connection, MOST_TRACES)
        done.looked_at = len(keys)
        if not keys:
            return done
        ids = _columns(keys)
        cursor.execute(lookups.LOCK_TRACES, ids)
        cursor.execute(_JUDGE, ids)
        why = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
        went = repeats.went_before(cursor, keys)
        for key in candidates.kept_now(cursor, list(went)):
            why[key] = why[key] or "share"  # the project keeps it meanwhile
        if waiting := [key for key in keys if why[key] == "open"]:
            candidates.later(cursor, waiting)
        candidates.drop(cursor, [key for key in keys if why[key] != "open"])
        staying = [key for key in went if why[key] not in _UNDECIDED]
        repeats.count_once(cursor, staying, went)
        if going := [key for key in keys if why[key] is None]:
            repeats.drop_repeats(cursor, going, went)
            _remove(cursor, going, went, done)
    return done


def _remove(
    cursor: Cursor[Any], keys: Sequence[TraceKey], went: repeats.Went, done: Sampled
) -> None:
    ids = _columns(keys)
    found = spans_of(cursor, ids)
    usage, sampled = UsageRows(), UsageRows(sampled=True)
    for row in found.rows:
        usage.add(row, -1)
        sampled.add(row)
        done.spans[row[_PROJECT]] += 1
    usage.copy_to(cursor)
    sampled.copy_to(cursor)
    _move_traces(cursor, ids, went, done)
    sample_users(cursor, ids)
    delete_rows(cursor, ids, found)
    count_users(cursor, ids)
    repeats.remember(cursor, keys, found.rows)


def _move_traces(
    cursor: Cursor[Any], ids: list[list[Any]], went: repeats.Went, done: Sampled
) -> None:
    """Count these traces as sampled instead of kept; one that went in two parts, once."""
    counted = stored(cursor, ids)
    count_traces(cursor, counted, {})
    rows = TraceRows(sampled=True)
    for key, each in counted.items():
        if key not in went:
            rows.add(key[0], each)
            done.traces[key[0]] += 1
    rows.copy_to(cursor)


def _columns(keys: Sequence[TraceKey]) -> list[list[Any]]:
    return [[key[0] for key in keys], [key[1] for key in keys]]
