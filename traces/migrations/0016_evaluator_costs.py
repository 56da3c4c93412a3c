"""What evaluators cost stands apart from what a trace cost.

The columns come without a rewrite. Stored traces with evaluators are looked at once more, which
parts their cost; until then it is in the trace's, as before.
"""

from django.db import migrations, models

WAIT = "set local lock_timeout = '900ms'"
LOOK_AGAIN = """
insert into digest_queue (project_id, trace_id, first_start, last_start)
select project_id, trace_id, start_time, end_time from trace where facets @> '{k:evaluator}'
"""
NANO = {"max_digits": 40, "decimal_places": 0, "db_default": 0}


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0015_sampled_spans'),
    ]

    operations = [
        migrations.RunSQL(WAIT, migrations.RunSQL.noop),
        migrations.AddField('span', 'evaluates', models.BooleanField(null=True)),
        migrations.AddField('trace', 'evaluator_nano', models.BigIntegerField(db_default=0)),
        migrations.AddField('usagehour', 'evaluator_nano', models.DecimalField(**NANO)),
        migrations.AddField('usageday', 'evaluator_nano', models.DecimalField(**NANO)),
        migrations.RunSQL(LOOK_AGAIN, migrations.RunSQL.noop),
    ]
