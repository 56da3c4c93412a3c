-- The days once more, a row a dimension: what pages over months read (`traces.rollups.totals`).
create table usage_total (
  project_id bigint not null, day date not null,
  dimension smallint not null,            -- 1: feature, 2: model and provider, 3: prompt and version
  environment text collate "C" not null, feature text collate "C" not null,
  model text collate "C" not null, provider text collate "C" not null,
  prompt_name text collate "C" not null, prompt_version text collate "C" not null,
  sampled boolean not null default false,
  spans bigint not null, errors bigint not null, calls bigint not null, unpriced bigint not null,
  in_uncached bigint not null, in_cached bigint not null, in_cache_write bigint not null,
  in_audio bigint not null, out_text bigint not null, out_reasoning bigint not null,
  out_audio bigint not null, cost_nano numeric not null, evaluator_nano numeric not null default 0,
  duration_us numeric not null
);

-- 1919904876 is compaction.LOCK: nobody folds meanwhile. What is fresh goes into the days when it
-- is folded.
select pg_advisory_xact_lock(1919904876);
insert into usage_total (project_id, day, dimension, environment, feature, model, provider,
  prompt_name, prompt_version, sampled, spans, errors, calls, unpriced, in_uncached, in_cached,
  in_cache_write, in_audio, out_text, out_reasoning, out_audio, cost_nano, evaluator_nano,
  duration_us)
select u.project_id, u.day, d.dimension, u.environment, d.feature, d.model, d.provider, '', '',
  u.sampled,
  sum(spans), sum(errors), sum(calls), sum(unpriced), sum(in_uncached), sum(in_cached),
  sum(in_cache_write), sum(in_audio), sum(out_text), sum(out_reasoning), sum(out_audio),
  sum(cost_nano), sum(evaluator_nano), sum(duration_us)
from usage_day u cross join lateral (values
  (1::smallint, u.feature, '', ''), (2::smallint, '', u.model, u.provider)
) d (dimension, feature, model, provider)
group by 1, 2, 3, 4, 5, 6, 7, u.sampled;
insert into usage_total (project_id, day, dimension, environment, feature, model, provider,
  prompt_name, prompt_version, sampled, spans, errors, calls, unpriced, in_uncached, in_cached,
  in_cache_write, in_audio, out_text, out_reasoning, out_audio, cost_nano, evaluator_nano,
  duration_us)
select project_id, (hour at time zone 'UTC')::date, 3, environment, '', '', '', prompt_name,
  prompt_version, sampled,
  sum(spans), sum(errors), sum(calls), sum(unpriced), sum(in_uncached), sum(in_cached),
  sum(in_cache_write), sum(in_audio), sum(out_text), sum(out_reasoning), sum(out_audio),
  sum(cost_nano), sum(evaluator_nano), sum(duration_us)
from usage_hour where not fresh
group by project_id, (hour at time zone 'UTC')::date, environment, prompt_name, prompt_version,
  sampled;
create index usage_total_key on usage_total (project_id, dimension, day);
create index usage_total_day on usage_total (project_id, day);
