-- Live scores by day (UTC). Additive: any number of rows for a key, readers sum.
-- A trace counts once for a key, by the mean of its scores. `weight` stands for how many traces each
-- one speaks, where an online rule judges a share. Numeric, so that what is taken back leaves nothing.
create table score_day (
  project_id bigint not null, day date not null, environment text collate "C" not null,
  feature text collate "C" not null, name text collate "C" not null,
  source text collate "C" not null, data_type text collate "C" not null,
  label text collate "C" not null, evaluator text collate "C" not null,
  prompts text[] collate "C" not null, models text[] collate "C" not null,
  n bigint not null, weight numeric not null, weight_squares numeric not null,
  total numeric not null, squares numeric not null, thumbs bigint not null, down numeric not null,
  fresh boolean not null default true     -- not yet folded with the others of its key
);
create index score_day_key on score_day (project_id, day);
create index score_day_fresh on score_day (project_id) where fresh;

-- What of a trace, or of a session that was scored as a whole, stands in score_day.
create table score_counted (
  project_id bigint not null, trace_id text collate "C" not null,
  session_id text collate "C" not null, day date not null, environment text collate "C" not null,
  feature text collate "C" not null, name text collate "C" not null,
  source text collate "C" not null, data_type text collate "C" not null,
  label text collate "C" not null, evaluator text collate "C" not null,
  prompts text[] collate "C" not null, models text[] collate "C" not null,
  n bigint not null, weight numeric not null, weight_squares numeric not null,
  total numeric not null, squares numeric not null, thumbs bigint not null, down numeric not null
);
create index score_counted_key on score_counted (project_id, trace_id, session_id);
create index score_counted_day on score_counted (day);

-- What has to be counted anew: written in the transaction that changes a score or its trace.
create table score_queue (
  project_id bigint not null, trace_id text collate "C" not null,
  session_id text collate "C" not null
);
create index score_queue_project on score_queue (project_id);

-- What stands already is counted within minutes, a few thousand traces at a time.
insert into score_queue
select distinct project_id, trace_id, case when trace_id = '' then coalesce(session_id, '') else '' end
from score where trace_id <> '' or session_id is not null;
