"""`spend_hour` is folded into days, kept within its bound of values, and compared with the spans.

A project tells `MOST_VALUES` values of a dimension apart, the dearest of those that come first
(`spend_name`); folding moves every other to OTHER, so the rows stay bounded whatever senders say.
"""

from __future__ import annotations

from traces.ingest.record import COSTLESS_KINDS, TOKEN_CLASSES, TRACE_FACTS, Level
from traces.rollups.spend import KEYS, MOST_VALUES, OTHER, SUMS, VALUES_SQL

_HOURS = 200  # hours of projects in one statement
_REST = ", ".join(KEYS[2:])
_SUMS = ", ".join(SUMS)
_TOTALS = ", ".join(f"sum({name}) as {name}" for name in SUMS)
_DIFFERENT = " or ".join(f"sum({name}) <> 0" for name in SUMS)
_ALL = f"project_id, hour, dimension, value, {_REST}"
_COSTLESS = ", ".join(str(int(kind)) for kind in sorted(COSTLESS_KINDS))
_IN = " + ".join(f"coalesce(s.{name}, 0)::int8" for name in TOKEN_CLASSES[:4])
_OUT = " + ".join(f"coalesce(s.{name}, 0)::int8" for name in TOKEN_CLASSES[4:])
_COST = f"case when s.counts or s.kind not in ({_COSTLESS}) then s.cost_nano end"

# Whose values are new and find a place is decided in the statement that moves the others, so that
# no value that comes meanwhile is taken for one too many.
FOLD_SPEND = f"""
with taken as (
    delete from spend_hour t using (
      select project_id, hour from spend_hour where fresh group by 1, 2 order by 1, 2 limit {_HOURS}
    ) d where t.project_id = d.project_id and t.hour = d.hour returning t.*),
  met as (
    select project_id, dimension, value, sum(cost_nano + evaluator_nano) as amount from taken t
    where fresh and value <> '{OTHER}' and not exists (select from spend_name n
      where n.project_id = t.project_id and n.dimension = t.dimension and n.value = t.value)
    group by 1, 2, 3),
  ranked as (
    select m.*, row_number() over (
        partition by project_id, dimension order by amount desc, value)
      + (select count(*) from spend_name n
        where n.project_id = m.project_id and n.dimension = m.dimension) as place
    from met m),
  named as (
    insert into spend_name (project_id, dimension, value)
    select project_id, dimension, value from ranked where place <= {MOST_VALUES}
    on conflict do nothing returning project_id, dimension, value),
  known as (
    select n.project_id, n.dimension, n.value from spend_name n
    where n.project_id in (select project_id from taken)
    union select * from named),
  mapped as (
    select t.project_id, t.hour, t.dimension, coalesce(k.value, '{OTHER}') as value,
      {", ".join(f"t.{name}" for name in KEYS[2:])}, t.sampled, t.fresh, {_SUMS}
    from taken t left join known k on k.project_id = t.project_id
      and k.dimension = t.dimension and k.value = t.value),
  news as (select *, (hour at time zone 'UTC')::date as day from mapped where fresh),
  days as (
    delete from spend_day u using (select distinct project_id, day from news) d
    where u.project_id = d.project_id and u.day = d.day returning u.*),
  kept_days as (
    insert into spend_day (project_id, day, dimension, value, {_REST}, sampled, {_SUMS})
    select project_id, day, dimension, value, {_REST}, sampled, {_TOTALS} from (
      select project_id, day, dimension, value, {_REST}, sampled, {_SUMS} from days union all
      select project_id, day, dimension, value, {_REST}, sampled, {_SUMS} from news) b
    group by project_id, day, dimension, value, {_REST}, sampled having {_DIFFERENT} returning 1),
  kept as (
    insert into spend_hour ({_ALL}, sampled, {_SUMS}, fresh)
    select {_ALL}, sampled, {_TOTALS}, false from mapped
    group by {_ALL}, sampled having {_DIFFERENT} returning 1)
select (select count(*) from taken), (select count(*) from kept), (select count(*) from kept_days)
"""  # noqa: S608

_EXPECTED = f"""
select s.project_id, date_trunc('hour', s.start_time, 'UTC') as hour, d.dimension, d.value,
  coalesce(s.environment, '') as environment, coalesce(s.feature, '') as feature,
  coalesce(nullif(s.model, ''), s.model_requested, '') as model,
  count(*) filter (where s.counts) as calls,
  count(*) filter (where s.counts and s.level = {int(Level.ERROR)}) as errors,
  count(*) filter (where s.counts and s.cost_nano is null) as unpriced,
  coalesce(sum({_IN}) filter (where s.counts), 0) as tokens_in,
  coalesce(sum({_OUT}) filter (where s.counts), 0) as tokens_out,
  coalesce(sum({_COST}) filter (where s.evaluates is not true), 0) as cost_nano,
  coalesce(sum({_COST}) filter (where s.evaluates), 0) as evaluator_nano
from span s cross join lateral {VALUES_SQL}
where s.start_time >= %(low)s and s.start_time < %(high)s and s.span_id <> '{TRACE_FACTS}'
  and d.value <> '' and (s.counts or s.cost_nano <> 0)
group by 1, 2, 3, 4, 5, 6, 7
"""  # noqa: S608
# What has no name yet is OTHER on both sides, so it differs in nothing.
REPAIR_SPEND = f"""
with expected as materialized ({_EXPECTED}),
  present as materialized (
    select {_ALL}, {_SUMS} from spend_hour
    where hour >= %(low)s and hour < %(high)s and not sampled),
  both_sides as (
    select {_ALL}, {_SUMS} from expected union all
    select {_ALL}, {", ".join(f"-{name}" for name in SUMS)} from present),
  mapped as (
    select b.project_id, b.hour, b.dimension, coalesce(n.value, '{OTHER}') as value,
      {", ".join(f"b.{name}" for name in KEYS[2:])}, {_SUMS}
    from both_sides b left join spend_name n on n.project_id = b.project_id
      and n.dimension = b.dimension and n.value = b.value),
  added as (
    insert into spend_hour ({_ALL}, {_SUMS})
    select {_ALL}, {_TOTALS} from mapped group by {_ALL} having {_DIFFERENT}
    returning project_id, hour)
select count(*), count(distinct (project_id, hour)) from added
"""  # noqa: S608

# A change of prices, by the parameters of `traces.recosting.walk`.
COUNT_COSTS = f"""
insert into spend_hour ({_ALL}, {_SUMS})
select s.project_id, date_trunc('hour', s.start_time, 'UTC'), d.dimension, d.value,
  coalesce(s.environment, ''), coalesce(s.feature, ''),
  coalesce(nullif(s.model, ''), s.model_requested, ''), 0, 0, sum(n.unpriced), 0, 0,
  coalesce(sum(n.cost) filter (where s.evaluates is not true), 0),
  coalesce(sum(n.cost) filter (where s.evaluates), 0)
from unnest(%s::int8[], %s::text[], %s::text[], %s::numeric[], %s::int8[])
  as n (start_us, trace_id, span_id, cost, unpriced)
cross join lateral (
  select * from span s where s.project_id = %s and s.trace_id = n.trace_id
    and s.span_id = n.span_id
    and s.start_time = timestamptz 'epoch' + n.start_us * interval '1 microsecond'
  offset 0) s
cross join lateral {VALUES_SQL}
where d.value <> ''
group by 1, 2, 3, 4, 5, 6, 7
"""  # noqa: S608
