"""Traces that stand in the figures already move from no model to theirs, by appended rows.

Nobody folds meanwhile; whoever counts a trace anew takes back what `trace_counted` says by then.
"""

from django.db import migrations

from traces.rollups.histogram import BUCKET_SQL

NOBODY_FOLDS = "select pg_advisory_xact_lock(1919904876)"  # compaction.LOCK
KEEP = """
update trace_counted c set models = m.models
from (
  select project_id, trace_id,
    array(select substr(f, 3) from unnest(facets) f where f like 'm:%' order by f collate "C") as models
  from trace) m
where m.project_id = c.project_id and m.trace_id = c.trace_id and m.models <> '{}'
"""
KEY = "project_id, hour, environment, feature, name, release"
MOVE = f"""
insert into trace_hour ({KEY}, models, traces, errors, recovered, duration_us, lat_b, lat_n)
select {KEY}, case when s.sign > 0 then models else '{{}}' end, s.sign * sum(n),
  s.sign * sum(failed), s.sign * sum(recovered), s.sign * sum(duration_us),
  array_agg(bucket order by bucket)::int2[], array_agg(s.sign * n order by bucket)::int4[]
from (
  select project_id, date_trunc('hour', start_time, 'UTC') as hour, environment, feature, name,
    release, models, {BUCKET_SQL.format("duration_us")} as bucket, count(*) as n,
    count(*) filter (where status = 2) as failed, count(*) filter (where status = 1) as recovered,
    sum(duration_us) as duration_us
  from trace_counted where models <> '{{}}' group by 1, 2, 3, 4, 5, 6, 7, 8) b,
  (values (1), (-1)) s (sign)
group by {KEY}, models, s.sign
"""


class Migration(migrations.Migration):

    dependencies = [
        ("traces", "0019_models_of_traces"),
    ]

    operations = [
        migrations.RunSQL([NOBODY_FOLDS, KEEP, MOVE], migrations.RunSQL.noop),
    ]
