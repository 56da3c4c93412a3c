"""Limits of projects, the share of traces that is kept, and what was sampled away."""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0004_media_use_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='IntakeAllowance',
            fields=[
                ('project_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('rate', models.FloatField(null=True)),
                ('burst', models.FloatField(default=0)),
                ('per_day', models.BigIntegerField(null=True)),
                ('tokens', models.FloatField()),
                ('filled_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('day', models.DateField()),
                ('day_spans', models.BigIntegerField(default=0)),
                ('over_since', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'intake_allowance',
            },
        ),
        migrations.CreateModel(
            name='ProjectLimits',
            fields=[
                ('project_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('spans_per_second', models.IntegerField(null=True)),
                ('burst_spans', models.IntegerField(null=True)),
                ('spans_per_day', models.BigIntegerField(null=True)),
                ('keep_percent', models.DecimalField(decimal_places=2, default=Decimal('100'), max_digits=5)),
                ('slow_ms', models.BigIntegerField(null=True)),
                ('keep_features', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('keep_tags', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('wait_minutes', models.IntegerField(default=15)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'db_table': 'project_limits',
            },
        ),
        migrations.CreateModel(
            name='SampledTrace',
            fields=[
                ('pk', models.CompositePrimaryKey('project_id', 'trace_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('project_id', models.BigIntegerField()),
                ('trace_id', models.TextField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'db_table': 'sampled_trace',
                'indexes': [models.Index(fields=['at'], name='sampled_trace_at')],
            },
        ),
        migrations.CreateModel(
            name='SamplingCandidate',
            fields=[
                ('pk', models.CompositePrimaryKey('project_id', 'trace_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('project_id', models.BigIntegerField()),
                ('trace_id', models.TextField()),
                ('due_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'sampling_candidate',
                'indexes': [models.Index(fields=['due_at'], name='sampling_candidate_due')],
            },
        ),
    ]
