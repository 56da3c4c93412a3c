-- One day of made-up traces of eight spans each. Parameters: project, day, traces, offset, share of
-- traces with content in percent. The same numbers make the same rows.
create temp table if not exists seed_trace (
  n bigint, at timestamptz, r double precision, feature int, environment text, person int,
  failed boolean, recovered boolean, slow double precision, model text, version int, told boolean);
truncate seed_trace;
insert into seed_trace
select n, %(day)s::timestamptz + (r1 * 86399) * interval '1 second', r2,
  floor(20 * r3 * r3)::int,
  case when r4 < 0.8 then 'production' when r4 < 0.95 then 'staging' else 'development' end,
  floor(200 * r5 * r5 * r5)::int, r6 < 0.02, r6 between 0.02 and 0.04,
  exp(ln(1.5) + 0.8 * (r7 + r8 + r9 - 1.5) * 2),
  (array['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5', 'gpt-5-mini', 'gemini-2.5-flash'])
    [1 + floor(5 * r10 * r10)::int],
  1 + floor(5 * r2)::int, r11 * 100 < %(content)s
from (
  select n, r.* from generate_series(%(offset)s::bigint, %(offset)s::bigint + %(traces)s - 1) n,
  lateral (select
    abs(hashint8extended(n, 1) %% 1000003) / 1000003.0 as r1,
    abs(hashint8extended(n, 2) %% 1000003) / 1000003.0 as r2,
    abs(hashint8extended(n, 3) %% 1000003) / 1000003.0 as r3,
    abs(hashint8extended(n, 4) %% 1000003) / 1000003.0 as r4,
    abs(hashint8extended(n, 5) %% 1000003) / 1000003.0 as r5,
    abs(hashint8extended(n, 6) %% 1000003) / 1000003.0 as r6,
    abs(hashint8extended(n, 7) %% 1000003) / 1000003.0 as r7,
    abs(hashint8extended(n, 8) %% 1000003) / 1000003.0 as r8,
    abs(hashint8extended(n, 9) %% 1000003) / 1000003.0 as r9,
    abs(hashint8extended(n, 10) %% 1000003) / 1000003.0 as r10,
    abs(hashint8extended(n, 11) %% 1000003) / 1000003.0 as r11) r) n;

create temp table if not exists seed_span (like span);
truncate seed_span;
insert into seed_span (start_time, duration_us, project_id, cost_nano, in_uncached, in_cached,
  out_text, ttft_us, kind, level, cost_source, counts, trace_id, span_id, parent_span_id, name,
  error_type, model, provider, feature, environment, user_id, session_id, prompt_name,
  prompt_version, release, input_preview, output_preview)
select t.at + t.slow * k.starts * interval '1 second', (t.slow * k.lasts * 1000000)::bigint,
  %(project)s, case when k.kind = 1 then (1000000 + t.slow * 3000000)::bigint end,
  case when k.kind in (1, 2) then 400 + (t.r * 3000)::int end, case when k.kind = 1 then 100 end,
  case when k.kind = 1 then 60 + (t.slow * 90)::int end,
  case when k.kind = 1 then (t.slow * 80000)::bigint end, k.kind,
  case when (t.failed and k.i in (1, 6)) or (t.recovered and k.i = 4) then 3 else 1 end,
  case when k.kind = 1 then 2 end, k.kind in (1, 2), lpad(to_hex(t.n), 32, '0'),
  lpad(k.i::text, 16, '0'), case when k.i > 1 then lpad('1', 16, '0') end,
  case when k.i = 1 then 'agent.feature_' || t.feature else k.name end,
  case when (t.failed and k.i in (1, 6)) or (t.recovered and k.i = 4) then 'ToolError' end,
  case when k.kind = 1 then t.model when k.kind = 2 then 'text-embedding-3-small' end,
  case when k.kind = 1 then split_part(t.model, '-', 1) when k.kind = 2 then 'openai' end,
  'feature-' || t.feature, t.environment, 'user-' || t.person,
  'session-' || t.person || '-' || (t.n / 2000), case when k.kind = 1 then 'prompt-' || t.feature end,
  case when k.kind = 1 then t.version::text end, 'release-' || (t.n / 40000),
  case when k.i = 1 then 'Where is order ' || t.n || '? I ordered it last week.' end,
  case when k.i = 1 then 'It left our house yesterday, order ' || t.n end
from seed_trace t, (values
  (1, 4, '', 0.0, 1.0), (2, 2, 'embed_query', 0.01, 0.03), (3, 6, 'search_policies', 0.05, 0.1),
  (4, 5, 'orders.lookup', 0.16, 0.1), (5, 1, 'draft_answer', 0.27, 0.3),
  (6, 5, 'refunds.create', 0.58, 0.08), (7, 1, 'compose_reply', 0.67, 0.3),
  (8, 9, 'guard.output', 0.98, 0.02)) k (i, kind, name, starts, lasts);
insert into span select * from seed_span order by trace_id, span_id;

insert into trace (project_id, start_time, end_time, duration_us, cost_nano, tokens_in, tokens_out,
  span_count, error_count, call_count, metered_count, unpriced_count, open_count, trace_id,
  root_span_id, root_ok, name, feature, environment, release, user_id, session_id, facets, ranks,
  input_preview, output_preview)
select project_id, min(start_time), max(start_time + duration_us * interval '1 microsecond'),
  (extract(epoch from max(start_time + duration_us * interval '1 microsecond')
    - min(start_time)) * 1000000)::bigint,
  sum(cost_nano), sum(in_uncached + coalesce(in_cached, 0)), sum(coalesce(out_text, 0)), count(*),
  count(*) filter (where level = 3), count(*) filter (where counts), count(*) filter (where counts),
  count(*) filter (where counts and cost_nano is null), 0, trace_id, min(span_id),
  bool_and(level <> 3) filter (where parent_span_id is null),
  max(name) filter (where parent_span_id is null), max(feature), max(environment), max(release),
  max(user_id), max(session_id),
  array(select distinct f from unnest(array_agg('m:' || model) filter (where model is not null)
    || array_agg(distinct 'k:' || (array['span', 'generation', 'embedding', 'reranker', 'agent',
      'tool', 'retriever', 'chain', 'evaluator', 'guardrail', 'event'])[kind + 1])
    || array_agg('p:' || prompt_name || '/' || prompt_version) filter (where prompt_name is not null)
    || case when hashtext(trace_id) %% 10 = 0 then array['t:beta'] end) f where f is not null),
  array_fill(0::bigint, array[9]), max(input_preview), max(output_preview)
from seed_span group by project_id, trace_id;

insert into trace_counted
select t.project_id, t.start_time, t.duration_us,
  case when s.level = 3 then 2 when t.error_count > 0 then 1 else 0 end, t.trace_id, t.environment,
  t.feature, t.name, t.release,
  array(select substr(f, 3) from unnest(t.facets) f where f like 'm:%%' order by f collate "C")
from trace t join seed_span s on s.trace_id = t.trace_id and s.parent_span_id is null
where t.project_id = %(project)s;

-- The two calls of a model tell what was said, from a pool of texts; the rest have little to say.
insert into span_content (start_time, project_id, size, codec, trace_id, span_id, body)
select s.start_time, s.project_id, p.size, 0, s.trace_id, s.span_id, p.body
from seed_span s join seed_trace t on lpad(to_hex(t.n), 32, '0') = s.trace_id and t.told
join seed_pool p on p.n = case when s.kind = 1
  then (abs(hashtext(s.trace_id || s.span_id)) %% %(pool)s) else -1 end;
insert into trace_words (start_time, project_id, trace_id, words)
select min(s.start_time), s.project_id, s.trace_id,
  array(select distinct w from unnest(array_cat_agg(p.words)) w order by 1)
from seed_span s join seed_trace t on lpad(to_hex(t.n), 32, '0') = s.trace_id and t.told
join seed_pool p on p.n = case when s.kind = 1
  then (abs(hashtext(s.trace_id || s.span_id)) %% %(pool)s) else -1 end
group by s.project_id, s.trace_id;

insert into score (project_id, trace_id, id, name, data_type, source, num, at, created_at,
  updated_at)
select %(project)s, lpad(to_hex(n), 32, '0'), 'h' || n, 'helpfulness', 'number', 'judge',
  round(r::numeric, 3), at + interval '30 seconds', at, at from seed_trace where n %% 5 = 0
union all
select %(project)s, lpad(to_hex(n), 32, '0'), 'u' || n, 'thumbs', 'boolean', 'user',
  (r > 0.15)::int, at + interval '40 seconds', at, at from seed_trace where n %% 20 = 0;

insert into user_counted (project_id, trace_id, day, environment, user_id, errors, calls, metered,
  unpriced, tokens_in, tokens_out, cost_nano, duration_us)
select t.project_id, t.trace_id, (t.start_time at time zone 'UTC')::date, t.environment, t.user_id,
  (t.error_count > 0)::int, t.call_count, t.metered_count, t.unpriced_count, t.tokens_in,
  t.tokens_out, t.cost_nano, t.duration_us
from trace t join seed_span s on s.trace_id = t.trace_id and s.parent_span_id is null
where t.project_id = %(project)s;
