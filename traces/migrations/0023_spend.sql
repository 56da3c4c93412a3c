-- Additive: any number of rows for a key, readers sum; negative rows take back. One row a dimension.
create table spend_hour (
  project_id bigint not null, hour timestamptz not null,
  dimension smallint not null,            -- 1: user segment, 2: key, 3: route
  value text collate "C" not null, environment text collate "C" not null,
  feature text collate "C" not null, model text collate "C" not null,
  sampled boolean not null default false, -- of spans that were sampled away
  calls bigint not null, errors bigint not null, unpriced bigint not null,
  tokens_in bigint not null, tokens_out bigint not null,
  cost_nano numeric not null, evaluator_nano numeric not null,
  fresh boolean not null default true     -- not yet folded into spend_day
);
create index spend_hour_key on spend_hour (project_id, hour);
create index spend_hour_fresh on spend_hour (project_id, hour) where fresh;

create table spend_day (
  project_id bigint not null, day date not null, dimension smallint not null,
  value text collate "C" not null, environment text collate "C" not null,
  feature text collate "C" not null, model text collate "C" not null,
  sampled boolean not null default false,
  calls bigint not null, errors bigint not null, unpriced bigint not null,
  tokens_in bigint not null, tokens_out bigint not null,
  cost_nano numeric not null, evaluator_nano numeric not null
);
create index spend_day_key on spend_day (project_id, day);

-- The values that are told apart; the rest of a dimension is one.
create table spend_name (
  project_id bigint not null, dimension smallint not null, value text collate "C" not null,
  primary key (project_id, dimension, value)
);
