create table log_event (
  project_id bigint not null, trace_id text collate "C" not null,
  span_id text collate "C" not null, digest text collate "C" not null,
  time_ns bigint not null, body bytea not null,
  received_at timestamptz not null, joined_at timestamptz,
  primary key (project_id, trace_id, span_id, digest)
);
create index log_event_waiting on log_event (received_at) where joined_at is null;

create table uncounted (
  project_id bigint not null, trace_id text collate "C" not null,
  span_id text collate "C" not null, reason text not null,
  counted_span_id text collate "C", counted_trace_id text collate "C",
  primary key (project_id, trace_id, span_id)
);

-- Append only in the intake. The identity tells rows apart that say the same, and moves shards.
create table digest_queue (
  project_id bigint not null, trace_id text collate "C" not null,
  first_start timestamptz not null, last_start timestamptz not null,
  queued_at timestamptz not null default clock_timestamp()
);
alter table digest_queue replica identity full;
create index digest_queue_due on digest_queue (queued_at);
create index digest_queue_trace on digest_queue (project_id, trace_id);
