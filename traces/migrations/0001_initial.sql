create table span (
  start_time timestamptz not null, duration_us bigint, project_id bigint not null,
  cost_nano bigint, in_uncached int, in_cached int, in_cache_write int, in_audio int,
  out_text int, out_reasoning int, out_audio int,
  ttft_us bigint, kind smallint not null, level smallint not null, cost_source smallint,
  counts boolean not null default true,
  trace_id text collate "C" not null, span_id text collate "C" not null,
  parent_span_id text collate "C",
  name text not null, status_message text, error_type text, model text, model_requested text,
  provider text, feature text, environment text, user_id text, session_id text,
  prompt_name text, prompt_version text, release text, input_preview text, output_preview text,
  primary key (project_id, trace_id, span_id, start_time)
) partition by range (start_time);
create index span_time on span (project_id, start_time desc, trace_id, span_id);
create index span_prompt on span (project_id, prompt_name, prompt_version, start_time desc)
  where prompt_name is not null;
create index span_error on span (project_id, start_time desc) where level = 3;

create table span_content (
  start_time timestamptz not null, project_id bigint not null, size int not null,
  codec smallint not null,
  trace_id text collate "C" not null, span_id text collate "C" not null,
  body bytea not null,
  primary key (project_id, trace_id, span_id, start_time)
) partition by range (start_time);
-- Compressed already. Said apart, because `storage` inside CREATE TABLE needs PostgreSQL 16.
alter table span_content alter column body set storage external;

create table trace (
  project_id bigint not null, start_time timestamptz not null, end_time timestamptz not null,
  duration_us bigint not null, cost_nano bigint not null,
  tokens_in bigint not null, tokens_out bigint not null,
  span_count int not null, error_count int not null, call_count int not null,
  metered_count int not null, unpriced_count int not null, open_count int not null,
  trace_id text collate "C" not null, root_span_id text collate "C",
  name text collate "C", feature text collate "C", environment text collate "C",
  release text collate "C", user_id text collate "C", session_id text collate "C",
  facets text[] not null, ranks bigint[] not null,
  input_preview text collate "C", output_preview text collate "C",
  primary key (project_id, trace_id)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
create index trace_time on trace (project_id, start_time desc, trace_id desc);
create index trace_cost on trace (project_id, cost_nano desc, start_time);
create index trace_duration on trace (project_id, duration_us desc, start_time);
create index trace_feature on trace (project_id, feature, start_time desc);
create index trace_user on trace (project_id, user_id, start_time desc) where user_id is not null;
create index trace_session on trace (project_id, session_id, start_time desc)
  where session_id is not null;
create index trace_error on trace (project_id, start_time desc) where error_count > 0;
create index trace_facets on trace using gin (facets);
