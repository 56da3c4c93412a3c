"""Settled traces that may have to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from psycopg import Connection, Cursor

from traces.ingest.totals import TraceKey
from traces.sampling.share import is_in_share

# Of projects that sample: what they keep, how many minutes they wait, whether the day is used up.
_RULES = """
select p.project_id, coalesce(l.keep_percent, 100), coalesce(l.wait_minutes, 15),
  a.project_id is not null
from (select distinct unnest(%s::int8[]) as project_id) p
left join project_limits l using (project_id)
left join intake_allowance a on a.project_id = p.project_id and a.over_since is not null
  and a.day = (clock_timestamp() at time zone 'utc')::date
where l.keep_percent < 100 or a.project_id is not null
"""
# What comes late to a trace that is gone already need not wait again.
_NOTE = """
insert into sampling_candidate as c (project_id, trace_id, due_at)
select n.project_id, n.trace_id, case when g.trace_id is not null then clock_timestamp()
  else clock_timestamp() + n.minutes * interval '1 minute' end
from unnest(%s::int8[], %s::text[], %s::int4[]) as n (project_id, trace_id, minutes)
join trace t using (project_id, trace_id)
left join sampled_trace g using (project_id, trace_id)
order by n.project_id, n.trace_id
on conflict (project_id, trace_id) do update set due_at = excluded.due_at
"""
_WENT = """
select g.project_id, g.trace_id from unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)
join sampled_trace g using (project_id, trace_id)
"""
_TAKE = """
select project_id, trace_id from sampling_candidate where due_at <= clock_timestamp()
order by due_at limit %s
"""
_DROP = """
delete from sampling_candidate c
using unnest(%s::int8[], %s::text[]) as n (project_id, trace_id)
where c.project_id = n.project_id and c.trace_id = n.trace_id
"""
_LATER = """
update sampling_candidate c set due_at = clock_timestamp() + interval '15 minutes'
from unnest(%s::int8[], %s::text[]) as n (project_id, trace_id)
where c.project_id = n.project_id and c.trace_id = n.trace_id
"""


class _Rule(NamedTuple):
    keep_percent: Decimal
    minutes: int
    is_over_day: bool


def note_candidates(cursor: Cursor[Any], project_ids: Sequence[int], ids: Sequence[str]) -> None:
    """Note which of these settled traces may have to go, in the transaction that settles them.

    All of a project whose quota of the day is used up, else those outside of its share; and those
    that went before, because some of their spans may be counted already.
    """
    rules = _rules(cursor, project_ids)
    cursor.execute(_WENT, [list(project_ids), list(ids)])
    went = {(row[0], row[1]) for row in cursor.fetchall()}
    noted = [
        (key[0], key[1], rules[key[0]].minutes if key[0] in rules else 0)
        for key in zip(project_ids, ids, strict=True)
        if key in went or _goes(rules, key)
    ]
    if noted:
        cursor.execute(_NOTE, [list(column) for column in zip(*noted, strict=True)])


def kept_now(cursor: Cursor[Any], keys: Sequence[TraceKey]) -> list[TraceKey]:
    """Of these traces those that the rules of today keep, whatever they are like."""
    rules = _rules(cursor, [key[0] for key in keys]) if keys else {}
    return [key for key in keys if not _goes(rules, key)]


def _rules(cursor: Cursor[Any], project_ids: Sequence[int]) -> dict[int, _Rule]:
    cursor.execute(_RULES, [list(project_ids)])
    return {row[0]: _Rule(*row[1:]) for row in cursor.fetchall()}


def _goes(rules: Mapping[int, _Rule], key: TraceKey) -> bool:
    """Whether a trace stays only where the tail rule keeps it."""
    rule = rules.get(key[0])
    return rule is not None and (rule.is_over_day or not is_in_share(key[1], rule.keep_percent))


def due(connection: Connection[Any], most: int) -> list[TraceKey]:
    """Candidates whose wait is over, in the order of keys."""
    return sorted((row[0], row[1]) for row in connection.execute(_TAKE, [most]).fetchall())


def drop(cursor: Cursor[Any], keys: Sequence[TraceKey]) -> None:
    """These stay, or are gone; a later write makes them candidates again."""
    cursor.execute(_DROP, [[key[0] for key in keys], [key[1] for key in keys]])


def later(cursor: Cursor[Any], keys: Sequence[TraceKey]) -> None:
    """These are looked at again in a quarter of an hour."""
    cursor.execute(_LATER, [[key[0] for key in keys], [key[1] for key in keys]])
