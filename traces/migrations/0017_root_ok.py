"""Whether the root of a trace ended without an error: a trace with a failed span then recovered.

Stored traces with an error are looked at once more; until then they count as failed.
"""

from django.db import migrations, models

WAIT = "set local lock_timeout = '900ms'"
LOOK_AGAIN = """
insert into digest_queue (project_id, trace_id, first_start, last_start)
select project_id, trace_id, start_time, end_time from trace where error_count > 0
"""


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0016_evaluator_costs'),
    ]

    operations = [
        migrations.RunSQL(WAIT, migrations.RunSQL.noop),
        migrations.AddField('trace', 'root_ok', models.BooleanField(null=True)),
        migrations.RunSQL(LOOK_AGAIN, migrations.RunSQL.noop),
    ]
