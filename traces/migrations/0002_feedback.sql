create table score (
  project_id bigint not null, trace_id text collate "C" not null default '',
  id text collate "C" not null, span_id text collate "C", session_id text collate "C",
  run_id text collate "C", name text collate "C" not null,
  data_type text not null, source text not null, num double precision, label text,
  comment text, metadata jsonb, environment text collate "C", author text, config_id text,
  at timestamptz not null, created_at timestamptz not null, updated_at timestamptz not null,
  primary key (project_id, trace_id, id)
);
create index score_name on score (project_id, name, at desc) include (num, trace_id);
create index score_time on score (project_id, at desc, id);
create index score_session on score (project_id, session_id) where session_id is not null;
create index score_run on score (project_id, run_id) where run_id is not null;
create index score_id on score (project_id, id);

create table outcome (
  project_id bigint not null, trace_id text collate "C" not null default '',
  id text collate "C" not null, session_id text collate "C", name text collate "C" not null,
  value numeric(20, 9), unit text, comment text, metadata jsonb, author text,
  at timestamptz not null, created_at timestamptz not null, updated_at timestamptz not null,
  primary key (project_id, trace_id, id)
);
create index outcome_name on outcome (project_id, name, at desc) include (value, trace_id);
create index outcome_time on outcome (project_id, at desc, id);
create index outcome_session on outcome (project_id, session_id) where session_id is not null;
create index outcome_id on outcome (project_id, id);

create table media (
  project_id bigint not null, id text collate "C" not null, sha256 text not null,
  content_type text not null, size bigint not null, body bytea,
  is_elsewhere boolean not null default false, created_at timestamptz not null,
  uploaded_at timestamptz, upload_error text,
  primary key (project_id, id)
);
alter table media alter column body set storage external;
