-- Traces by user and day. Additive: any number of rows for a key, readers sum.
create table user_day (
  project_id bigint not null, day date not null, environment text collate "C" not null,
  user_id text collate "C" not null, sampled boolean not null default false,
  traces bigint not null, errors bigint not null, calls bigint not null, metered bigint not null,
  unpriced bigint not null, tokens_in bigint not null, tokens_out bigint not null,
  cost_nano numeric not null, duration_us numeric not null,
  fresh boolean not null default true     -- not yet folded with the others of its key
);
create index user_day_key on user_day (project_id, day);
create index user_day_user on user_day (project_id, user_id, day);
create index user_day_fresh on user_day (project_id) where fresh;

-- What of a trace stands in user_day, so that it can be taken back.
create table user_counted (
  project_id bigint not null, trace_id text collate "C" not null, day date not null,
  environment text collate "C" not null, user_id text collate "C" not null,
  errors int not null, calls int not null, metered int not null, unpriced int not null,
  tokens_in bigint not null, tokens_out bigint not null, cost_nano bigint not null,
  duration_us bigint not null,
  primary key (project_id, trace_id)
);
create index user_counted_day on user_counted (day);

-- What stands already, so that the page is right at once.
insert into user_counted (project_id, trace_id, day, environment, user_id, errors, calls, metered,
  unpriced, tokens_in, tokens_out, cost_nano, duration_us)
select project_id, trace_id, (start_time at time zone 'UTC')::date, coalesce(environment, ''),
  user_id, (error_count > 0)::int, call_count, metered_count, unpriced_count, tokens_in,
  tokens_out, cost_nano, duration_us
from trace where user_id <> '' and span_count > 0;
insert into user_day (project_id, day, environment, user_id, traces, errors, calls, metered,
  unpriced, tokens_in, tokens_out, cost_nano, duration_us, fresh)
select project_id, day, environment, user_id, count(*), sum(errors), sum(calls), sum(metered),
  sum(unpriced), sum(tokens_in), sum(tokens_out), sum(cost_nano), sum(duration_us), false
from user_counted group by 1, 2, 3, 4;
