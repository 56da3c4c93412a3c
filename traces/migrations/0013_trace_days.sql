-- Whole traces by day (UTC): `trace_hour` without the hour, as usage_day is to usage_hour.
create table trace_day (
  project_id bigint not null, day date not null,
  environment text collate "C" not null, feature text collate "C" not null,
  name text collate "C" not null, release text collate "C" not null,
  sampled boolean not null default false,
  traces bigint not null, errors bigint not null, recovered bigint not null,
  duration_us numeric not null, lat_b smallint[] not null, lat_n bigint[] not null
);
create index trace_day_key on trace_day (project_id, day);

-- 1919904876 is compaction.LOCK: nobody folds meanwhile. What is fresh goes into the days when it
-- is folded.
select pg_advisory_xact_lock(1919904876);
insert into trace_day
select s.project_id, s.day, s.environment, s.feature, s.name, s.release, s.sampled, s.traces,
  s.errors, s.recovered, s.duration_us, coalesce(l.lat_b, '{}'), coalesce(l.lat_n, '{}')
from (
  select project_id, (hour at time zone 'UTC')::date as day, environment, feature, name, release,
    sampled, sum(traces) as traces, sum(errors) as errors, sum(recovered) as recovered,
    sum(duration_us) as duration_us
  from trace_hour where not fresh group by 1, 2, 3, 4, 5, 6, 7) s
left join (
  select project_id, day, environment, feature, name, release, sampled,
    array_agg(b order by b) as lat_b, array_agg(n order by b) as lat_n
  from (
    select project_id, (hour at time zone 'UTC')::date as day, environment, feature, name, release,
      sampled, u.b, sum(u.n)::bigint as n
    from trace_hour, unnest(lat_b, lat_n) as u (b, n) where not fresh
    group by 1, 2, 3, 4, 5, 6, 7, 8 having sum(u.n) <> 0) n
  group by 1, 2, 3, 4, 5, 6, 7) l
  using (project_id, day, environment, feature, name, release, sampled);
