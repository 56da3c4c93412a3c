"""Live scores by day: what a trace adds to `score_day`, instead of what it added before.

Whoever changes a score, or the trace that it hangs on, notes the trace in `score_queue` within the
same transaction; one process counts what is noted anew from what is stored by then. So the sums
are right a moment after any order of scores, spans, repeats, moves and deletions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import Any

from psycopg import Connection
from psycopg.errors import DeadlockDetected

from traces.ingest import lookups

LOCK = 0x73636F72  # advisory lock: one process counts or compares at a time
MOST_TRACES = 500  # in one transaction: their rows stay locked meanwhile
MOST_LABEL = 40  # characters; a longer word of a category counts without its word

DIMENSIONS = (
    "environment", "feature", "name", "source", "data_type", "label", "evaluator", "prompts",
    "models",
)  # fmt: skip
SUMS = ("n", "weight", "weight_squares", "total", "squares", "thumbs", "down")
_KEY = ("project_id", "day", *DIMENSIONS)
_KEYS, _SUMS = ", ".join(_KEY), ", ".join(SUMS)
_COUNTED = f"project_id, trace_id, session_id, day, {', '.join(DIMENSIONS)}, {_SUMS}"
_SIGNED = ", ".join(f"sign * {name} as {name}" for name in SUMS)
_TOTALS = ", ".join(f"sum({name}) as {name}" for name in SUMS)
_DIFFERENT = " or ".join(f"sum({name}) <> 0" for name in SUMS)
_SESSION = "case when s.trace_id = '' then coalesce(s.session_id, '') else '' end"
_IDS = "unnest(%s::int8[], %s::text[], %s::text[]) as k (project_id, trace_id, session_id)"

# What a trace with scores adds now. What the trace says is kept where it is gone meanwhile. A score
# of a span is of the prompt and the model of that span, any other of those of its whole trace.
_NOW = f"""
select project_id, trace_id, session_id, day, environment, feature, name, source, data_type, label,
  evaluator, prompts, models, 1 as n, weight, weight * weight as weight_squares,
  coalesce(weight * mean, 0) as total, coalesce(weight * mean * mean, 0) as squares, thumbs,
  case when thumbs = 1 then down else 0 end as down
from (
  select s.project_id, s.trace_id, s.session_id, s.day, s.environment, s.feature, s.name, s.source,
    s.data_type, s.label, s.evaluator, s.prompts, s.models, max(s.weight) as weight,
    avg(s.num)::numeric as mean, bool_and(s.is_thumb)::int as thumbs,
    coalesce(avg((s.num <= 0)::int), 0)::numeric as down
  from (
    select k.project_id, k.trace_id, k.session_id,
      case when t.trace_id is null then coalesce(c.day, (s.at at time zone 'UTC')::date)
        when k.trace_id = '' then (s.at at time zone 'UTC')::date
        else (t.start_time at time zone 'UTC')::date end as day,
      coalesce(case when t.trace_id is null then c.environment else t.environment end,
        s.environment, '') as environment,
      coalesce(case when t.trace_id is null then c.feature else t.feature end, '') as feature,
      s.name, s.source, s.data_type,
      coalesce(case when length(s.label) <= {MOST_LABEL} then s.label end, '') as label,
      case when s.author = 'Roadworthy' then coalesce(s.metadata ->> 'evaluator', '') else '' end
        as evaluator,
      case when p.prompt_name <> ''
          then array[p.prompt_name || '/' || coalesce(p.prompt_version, '')]
        when t.trace_id is null then coalesce(c.prompts, '{{}}')
        else array(select substr(f, 3) from unnest(t.facets) f where f like 'p:%%' order by 1) end
        as prompts,
      case when p.model <> '' then array[p.model]
        when t.trace_id is null then coalesce(c.models, '{{}}')
        else array(select substr(f, 3) from unnest(t.facets) f where f like 'm:%%' order by 1) end
        as models,
      case when s.author = 'Roadworthy' and s.metadata ->> 'share' ~ '^(0?\\.[0-9]{{1,9}}|1)$'
          and (s.metadata ->> 'share')::numeric > 0
        then round(1 / (s.metadata ->> 'share')::numeric, 6) else 1::numeric end as weight,
      s.num,
      s.source = 'user' and s.data_type in ('boolean', 'number') and s.num in (-1, 0, 1) as is_thumb
    from k
    join score s on s.project_id = k.project_id and s.trace_id = k.trace_id
      and (k.trace_id <> '' or s.session_id = k.session_id)
    left join lateral (
      select * from trace t where t.project_id = k.project_id and t.trace_id = k.trace_id
        and k.trace_id <> ''
      union all
      select * from (
        select * from trace t where k.trace_id = '' and t.project_id = k.project_id
          and t.session_id = k.session_id order by t.start_time desc, t.trace_id limit 1) newest
    ) t on true
    left join lateral (
      select c.day, c.environment, c.feature, c.prompts, c.models from score_counted c
      where t.trace_id is null and c.project_id = k.project_id and c.trace_id = k.trace_id
        and c.session_id = k.session_id limit 1) c on true
    left join lateral (
      select coalesce(nullif(p.model, ''), p.model_requested) as model, p.prompt_name,
        p.prompt_version
      from span p where s.span_id is not null and p.project_id = k.project_id
        and p.trace_id = k.trace_id and p.span_id = s.span_id
        and p.start_time between t.start_time and t.end_time limit 1) p on true
    where s.run_id is null or k.trace_id <> ''
  ) s
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
) g"""  # noqa: S608
_COUNT = f"""
with k as (select distinct * from {_IDS}),
  gone as (
    delete from score_counted c using k where c.project_id = k.project_id
      and c.trace_id = k.trace_id and c.session_id = k.session_id returning c.*),
  now as materialized ({_NOW}),
  kept as (insert into score_counted ({_COUNTED}) select {_COUNTED} from now)
insert into score_day ({_KEYS}, {_SUMS})
select {_KEYS}, {_TOTALS} from (
  select {_KEYS}, {_SIGNED} from (
    select {_KEYS}, {_SUMS}, 1 as sign from now union all
    select {_KEYS}, {_SUMS}, -1 as sign from gone) b) d
group by {_KEYS} having {_DIFFERENT}
"""  # noqa: S608
_TAKE = """
delete from score_queue where ctid = any(array(
  select ctid from score_queue order by project_id limit %s))
returning project_id, trace_id, session_id
"""
_FOLD = f"""
with fresh as (select {_KEYS} from score_day where fresh group by {_KEYS} limit 2000),
  taken as (
    delete from score_day u using fresh f
    where {" and ".join(f"u.{name} = f.{name}" for name in _KEY)} returning u.*),
  kept as (
    insert into score_day ({_KEYS}, {_SUMS}, fresh)
    select {_KEYS}, {_TOTALS}, false from taken group by {_KEYS} having {_DIFFERENT})
select count(*) from taken
"""  # noqa: S608
_REPAIR = f"""
with added as (
  insert into score_day ({_KEYS}, {_SUMS})
  select {_KEYS}, {_TOTALS} from (
    select {_KEYS}, {_SUMS} from score_counted where day = %(day)s
    union all
    select {_KEYS}, {", ".join(f"-{name}" for name in SUMS)} from score_day where day = %(day)s) b
  group by {_KEYS} having {_DIFFERENT} returning project_id)
select count(*) from added
"""  # noqa: S608
# Traces whose scores of a day say something else than what was counted of them.
_MISSED = f"""
with k as materialized (
    select distinct s.project_id, s.trace_id, {_SESSION} as session_id
    from (select project_id from score group by 1) p
    cross join lateral (
      select s.* from score s where s.project_id = p.project_id
        and s.at >= %(low)s and s.at < %(high)s) s
    where s.trace_id <> '' or s.session_id is not null),
  now as materialized ({_NOW}),
  had as materialized (
    select {", ".join(f"c.{name.strip()}" for name in _COUNTED.split(","))} from score_counted c
    join k using (project_id, trace_id, session_id)),
  differing as (
    select project_id, trace_id, session_id
      from (select {_COUNTED} from now except select * from had) more
    union
    select project_id, trace_id, session_id
      from (select * from had except select {_COUNTED} from now) less)
insert into score_queue
select d.* from differing d where not exists (
  select from score_queue q where q.project_id = d.project_id and q.trace_id = d.trace_id
    and q.session_id = d.session_id)
"""  # noqa: S608
_NOTE = f"""
insert into score_queue
select distinct s.project_id, s.trace_id, {_SESSION} from score s
"""  # noqa: S608

Ids = Sequence[Sequence[Any]]  # project ids and trace ids


def note_scores(cursor: Any, project_id: int, ids: Sequence[str]) -> None:
    """What these scores hang on now is counted anew; called before a change and after it."""
    cursor.execute(
        f"{_NOTE} where s.project_id = %s and s.id = any(%s)"
        " and (s.trace_id <> '' or s.session_id is not null)",
        [project_id, list(ids)],
    )


def note_traces(cursor: Any, ids: Ids) -> None:
    """Traces that changed, or go, are counted anew where they or their sessions have scores.

    The caller holds the locks of the rows of `trace`.
    """
    both = [list(part) for part in ids]
    cursor.execute(
        f"{_NOTE} join unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)"
        " using (project_id, trace_id)",
        both,
    )
    cursor.execute(
        f"{_NOTE} join trace t on t.project_id = s.project_id and t.session_id = s.session_id"
        " join unnest(%s::int8[], %s::text[]) as k (project_id, trace_id)"
        " on k.project_id = t.project_id and k.trace_id = t.trace_id"
        " where s.trace_id = '' and s.session_id is not null",
        both,
    )


def count_noted(connection: Connection[Any], *, seconds: float = 45.0) -> int:
    """Count anew what is noted, for about `seconds`; how many traces were.

    `connection` is in autocommit.

    Rows of the traces are locked first, so that whoever changes one is over, or begins after what
    is read here. Does nothing where another process is at it.
    """
    row = connection.execute("select pg_try_advisory_lock(%s)", [LOCK]).fetchone()
    if row is None or not row[0]:
        return 0
    done, until = 0, monotonic() + seconds
    try:
        connection.execute("set jit = off")
        while (counted := _count_some(connection)) and monotonic() < until:
            done += counted
        done += counted
    except DeadlockDetected:
        pass  # with a writer; what was noted still is
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [LOCK])
    return done


def _count_some(connection: Connection[Any]) -> int:
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [MOST_TRACES])
        keys = sorted(set(cursor.fetchall()))
        if keys:
            columns = [list(part) for part in zip(*keys, strict=True)]
            cursor.execute(lookups.LOCK_TRACES, columns[:2])
            cursor.execute(_COUNT, columns)
        return len(keys)


def fold_scores(connection: Connection[Any]) -> int:
    """Fold fresh rows with those of the same key; returns how many rows were taken."""
    folded = 0
    while True:
        row = connection.execute(_FOLD).fetchone()
        if row is None or not row[0]:
            return folded
        folded += int(row[0])


def compare_scores(connection: Connection[Any], day: date) -> tuple[int, int]:
    """Compare one day: sums that were wrong and are repaired, traces that are noted again."""
    low = datetime.combine(day, time(), UTC)
    connection.execute("select pg_advisory_lock(%s)", [LOCK])
    try:
        missed = connection.execute(_MISSED, {"low": low, "high": low + timedelta(days=1)}).rowcount
        row = connection.execute(_REPAIR, {"day": day}).fetchone()
    finally:
        connection.execute("select pg_advisory_unlock(%s)", [LOCK])
    return (int(row[0]) if row else 0), missed


def forget_scores(connection: Connection[Any], edge: datetime) -> None:
    """Forget what traces before the day of `edge` added: the figures stay, the scores are gone."""
    while True:
        gone = connection.execute(
            "delete from score_counted where ctid in "
            "(select ctid from score_counted where day < %s limit 10000)",
            [edge.date()],
        ).rowcount
        if gone < 10_000:
            return
