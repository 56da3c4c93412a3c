"""Sums over spans by day and one dimension, filled from the hours that have been folded."""

from pathlib import Path

from django.db import migrations, models

TABLE = (Path(__file__).parent / '0025_usage_totals.sql').read_text()
ID = ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID'))
TEXTS = ('environment', 'feature', 'model', 'provider', 'prompt_name', 'prompt_version')
COUNTS = (
    'spans', 'errors', 'calls', 'unpriced', 'in_uncached', 'in_cached', 'in_cache_write',
    'in_audio', 'out_text', 'out_reasoning', 'out_audio',
)
AMOUNTS = ('cost_nano', 'duration_us')


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0024_users_within_bounds'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, 'drop table usage_total')],
            state_operations=[
                migrations.CreateModel(
                    name='UsageTotal',
                    fields=[
                        ID,
                        ('project_id', models.BigIntegerField()),
                        ('day', models.DateField()),
                        ('dimension', models.SmallIntegerField()),
                        *[(name, models.TextField()) for name in TEXTS],
                        ('sampled', models.BooleanField()),
                        *[(name, models.BigIntegerField()) for name in COUNTS],
                        *[(name, models.DecimalField(decimal_places=0, max_digits=40)) for name in AMOUNTS],
                        ('evaluator_nano', models.DecimalField(decimal_places=0, max_digits=40, db_default=0)),
                    ],
                    options={'db_table': 'usage_total'},
                ),
            ],
        ),
    ]
