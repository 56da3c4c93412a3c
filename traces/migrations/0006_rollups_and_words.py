"""Figures by hour and day, and the words that traces are found by."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

TABLES = (Path(__file__).parent / '0006_rollups.sql').read_text()
DROP = 'drop table usage_hour, usage_day, trace_hour, trace_counted, trace_words, rollup_check'


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0005_limits_and_sampling'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLES, DROP)],
            state_operations=[
                migrations.CreateModel(
                    name='RollupCheck',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('checked_at', models.DateTimeField()),
                        ('seconds', models.FloatField()),
                        ('hours', models.IntegerField()),
                        ('wrong', models.IntegerField()),
                        ('since', models.DateTimeField(null=True)),
                        ('until', models.DateTimeField(null=True)),
                    ],
                    options={
                        'db_table': 'rollup_check',
                    },
                ),
                migrations.CreateModel(
                    name='TraceCounted',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'trace_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('project_id', models.BigIntegerField()),
                        ('start_time', models.DateTimeField()),
                        ('duration_us', models.BigIntegerField()),
                        ('status', models.SmallIntegerField()),
                        ('trace_id', models.TextField()),
                        ('environment', models.TextField()),
                        ('feature', models.TextField()),
                        ('name', models.TextField()),
                        ('release', models.TextField()),
                    ],
                    options={
                        'db_table': 'trace_counted',
                    },
                ),
                migrations.CreateModel(
                    name='TraceHour',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project_id', models.BigIntegerField()),
                        ('hour', models.DateTimeField()),
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
                        ('lat_n', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                        ('fresh', models.BooleanField()),
                    ],
                    options={
                        'db_table': 'trace_hour',
                    },
                ),
                migrations.CreateModel(
                    name='TraceWords',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'trace_id', 'start_time', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('start_time', models.DateTimeField()),
                        ('project_id', models.BigIntegerField()),
                        ('trace_id', models.TextField()),
                        ('words', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                    ],
                    options={
                        'db_table': 'trace_words',
                    },
                ),
                migrations.CreateModel(
                    name='UsageDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project_id', models.BigIntegerField()),
                        ('environment', models.TextField()),
                        ('feature', models.TextField()),
                        ('model', models.TextField()),
                        ('provider', models.TextField()),
                        ('kind', models.SmallIntegerField()),
                        ('sampled', models.BooleanField()),
                        ('spans', models.BigIntegerField()),
                        ('errors', models.BigIntegerField()),
                        ('calls', models.BigIntegerField()),
                        ('unpriced', models.BigIntegerField()),
                        ('in_uncached', models.BigIntegerField()),
                        ('in_cached', models.BigIntegerField()),
                        ('in_cache_write', models.BigIntegerField()),
                        ('in_audio', models.BigIntegerField()),
                        ('out_text', models.BigIntegerField()),
                        ('out_reasoning', models.BigIntegerField()),
                        ('out_audio', models.BigIntegerField()),
                        ('cost_nano', models.DecimalField(decimal_places=0, max_digits=40)),
                        ('duration_us', models.DecimalField(decimal_places=0, max_digits=40)),
                        ('lat_b', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
                        ('lat_n', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('day', models.DateField()),
                    ],
                    options={
                        'db_table': 'usage_day',
                    },
                ),
                migrations.CreateModel(
                    name='UsageHour',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project_id', models.BigIntegerField()),
                        ('environment', models.TextField()),
                        ('feature', models.TextField()),
                        ('model', models.TextField()),
                        ('provider', models.TextField()),
                        ('kind', models.SmallIntegerField()),
                        ('sampled', models.BooleanField()),
                        ('spans', models.BigIntegerField()),
                        ('errors', models.BigIntegerField()),
                        ('calls', models.BigIntegerField()),
                        ('unpriced', models.BigIntegerField()),
                        ('in_uncached', models.BigIntegerField()),
                        ('in_cached', models.BigIntegerField()),
                        ('in_cache_write', models.BigIntegerField()),
                        ('in_audio', models.BigIntegerField()),
                        ('out_text', models.BigIntegerField()),
                        ('out_reasoning', models.BigIntegerField()),
                        ('out_audio', models.BigIntegerField()),
                        ('cost_nano', models.DecimalField(decimal_places=0, max_digits=40)),
                        ('duration_us', models.DecimalField(decimal_places=0, max_digits=40)),
                        ('lat_b', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
                        ('lat_n', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('hour', models.DateTimeField()),
                        ('prompt_name', models.TextField()),
                        ('prompt_version', models.TextField()),
                        ('fresh', models.BooleanField()),
                    ],
                    options={
                        'db_table': 'usage_hour',
                    },
                ),
            ],
        ),
    ]
