-- Additive: any number of rows for a key, readers sum; negative rows take back. '' is none.
create table usage_hour (
  project_id bigint not null, hour timestamptz not null,
  environment text collate "C" not null, feature text collate "C" not null,
  model text collate "C" not null, provider text collate "C" not null,
  prompt_name text collate "C" not null, prompt_version text collate "C" not null,
  kind smallint not null,
  sampled boolean not null default false, -- of spans that were sampled away
  spans bigint not null, errors bigint not null, calls bigint not null, unpriced bigint not null,
  in_uncached bigint not null, in_cached bigint not null, in_cache_write bigint not null,
  in_audio bigint not null, out_text bigint not null, out_reasoning bigint not null,
  out_audio bigint not null, cost_nano numeric not null, duration_us numeric not null,
  lat_b smallint[] not null, lat_n int[] not null,
  fresh boolean not null default true     -- not yet folded into usage_day
);
create index usage_hour_key on usage_hour (project_id, hour);
create index usage_hour_fresh on usage_hour (project_id, hour) where fresh;

create table usage_day (
  project_id bigint not null, day date not null,
  environment text collate "C" not null, feature text collate "C" not null,
  model text collate "C" not null, provider text collate "C" not null,
  kind smallint not null, sampled boolean not null default false,
  spans bigint not null, errors bigint not null, calls bigint not null, unpriced bigint not null,
  in_uncached bigint not null, in_cached bigint not null, in_cache_write bigint not null,
  in_audio bigint not null, out_text bigint not null, out_reasoning bigint not null,
  out_audio bigint not null, cost_nano numeric not null, duration_us numeric not null,
  lat_b smallint[] not null, lat_n bigint[] not null
);
create index usage_day_key on usage_day (project_id, day);

-- The same for whole traces, by the hour in which they began; written by the settled look.
create table trace_hour (
  project_id bigint not null, hour timestamptz not null,
  environment text collate "C" not null, feature text collate "C" not null,
  name text collate "C" not null, release text collate "C" not null,
  sampled boolean not null default false,
  traces bigint not null, errors bigint not null, recovered bigint not null,
  duration_us numeric not null, lat_b smallint[] not null, lat_n int[] not null,
  fresh boolean not null default true
);
create index trace_hour_key on trace_hour (project_id, hour);
create index trace_hour_fresh on trace_hour (project_id, hour) where fresh;

-- What of a trace stands in trace_hour, so that it can be taken back.
create table trace_counted (
  project_id bigint not null, start_time timestamptz not null, duration_us bigint not null,
  status smallint not null,               -- 0: ok, 1: an error inside, 2: failed
  trace_id text collate "C" not null,
  environment text collate "C" not null, feature text collate "C" not null,
  name text collate "C" not null, release text collate "C" not null,
  primary key (project_id, trace_id)
);
create index trace_counted_time on trace_counted (project_id, start_time);

-- Hashes of the words of a trace, for finding it by what was said.
create table trace_words (
  start_time timestamptz not null, project_id bigint not null,
  trace_id text collate "C" not null, words int[] not null,
  primary key (project_id, trace_id, start_time)
) partition by range (start_time);
create index trace_words_gin on trace_words using gin (words);

-- What the comparison of roll-ups with the spans found.
create table rollup_check (
  id bigint generated always as identity primary key,
  checked_at timestamptz not null, seconds double precision not null,
  hours int not null, wrong int not null, since timestamptz, until timestamptz
);
create index rollup_check_time on rollup_check (checked_at);

-- Partitions as wide as those of the spans.
do $$
declare part record;
begin
  for part in
    select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'span'::regclass
  loop
    execute format('create table %I partition of trace_words %s',
      replace(part.name, 'span', 'trace_words'), part.bound);
  end loop;
end $$;

-- Stored traces are looked at once more, which counts them and indexes their words.
insert into digest_queue (project_id, trace_id, first_start, last_start)
select project_id, trace_id, start_time, end_time from trace;
