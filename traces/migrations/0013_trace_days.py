"""Whole traces by day, for the overview of long ranges."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

TABLE = (Path(__file__).parent / '0013_trace_days.sql').read_text()
DROP = 'drop table trace_day'


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0012_score_bars'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, DROP)],
            state_operations=[
                migrations.CreateModel(
                    name='TraceDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project_id', models.BigIntegerField()),
                        ('environment', models.TextField()),
                        ('feature', models.TextField()),
                        ('name', models.TextField()),
                        ('release', models.TextField()),
                        ('sampled', models.BooleanField()),
                        ('traces', models.BigIntegerField()),
                        ('errors', models.BigIntegerField()),
                        ('recovered', models.BigIntegerField()),
                        ('duration_us', models.DecimalField(decimal_places=0, max_digits=40)),
                        ('lat_b', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
                        ('lat_n', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('day', models.DateField()),
                    ],
                    options={
                        'db_table': 'trace_day',
                    },
                ),
            ],
        ),
    ]
