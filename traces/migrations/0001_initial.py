"""Spans, contents and traces, by hand: partitions, collations and indexes beyond Django's words."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models


TABLES = Path(__file__).with_suffix('.sql').read_text()


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLES, 'drop table span, span_content, trace'),
            ],
            state_operations=[
                migrations.CreateModel(
                    name='Span',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'trace_id', 'span_id', 'start_time', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('start_time', models.DateTimeField()),
                        ('duration_us', models.BigIntegerField(null=True)),
                        ('project_id', models.BigIntegerField()),
                        ('cost_nano', models.BigIntegerField(null=True)),
                        ('in_uncached', models.IntegerField(null=True)),
                        ('in_cached', models.IntegerField(null=True)),
                        ('in_cache_write', models.IntegerField(null=True)),
                        ('in_audio', models.IntegerField(null=True)),
                        ('out_text', models.IntegerField(null=True)),
                        ('out_reasoning', models.IntegerField(null=True)),
                        ('out_audio', models.IntegerField(null=True)),
                        ('ttft_us', models.BigIntegerField(null=True)),
                        ('kind', models.SmallIntegerField(choices=[(0, 'SPAN'), (1, 'GENERATION'), (2, 'EMBEDDING'), (3, 'RERANKER'), (4, 'AGENT'), (5, 'TOOL'), (6, 'RETRIEVER'), (7, 'CHAIN'), (8, 'EVALUATOR'), (9, 'GUARDRAIL'), (10, 'EVENT')])),
                        ('level', models.SmallIntegerField(choices=[(0, 'DEBUG'), (1, 'DEFAULT'), (2, 'WARNING'), (3, 'ERROR')])),
                        ('cost_source', models.SmallIntegerField(null=True)),
                        ('counts', models.BooleanField(default=True)),
                        ('trace_id', models.TextField()),
                        ('span_id', models.TextField()),
                        ('parent_span_id', models.TextField(null=True)),
                        ('name', models.TextField()),
                        ('status_message', models.TextField(null=True)),
                        ('error_type', models.TextField(null=True)),
                        ('model', models.TextField(null=True)),
                        ('model_requested', models.TextField(null=True)),
                        ('provider', models.TextField(null=True)),
                        ('feature', models.TextField(null=True)),
                        ('environment', models.TextField(null=True)),
                        ('user_id', models.TextField(null=True)),
                        ('session_id', models.TextField(null=True)),
                        ('prompt_name', models.TextField(null=True)),
                        ('prompt_version', models.TextField(null=True)),
                        ('release', models.TextField(null=True)),
                        ('input_preview', models.TextField(null=True)),
                        ('output_preview', models.TextField(null=True)),
                    ],
                    options={
                        'db_table': 'span',
                    },
                ),
                migrations.CreateModel(
                    name='SpanContent',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'trace_id', 'span_id', 'start_time', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('start_time', models.DateTimeField()),
                        ('project_id', models.BigIntegerField()),
                        ('size', models.IntegerField()),
                        ('codec', models.SmallIntegerField()),
                        ('trace_id', models.TextField()),
                        ('span_id', models.TextField()),
                        ('body', models.BinaryField()),
                    ],
                    options={
                        'db_table': 'span_content',
                    },
                ),
                migrations.CreateModel(
                    name='Trace',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'trace_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('project_id', models.BigIntegerField()),
                        ('start_time', models.DateTimeField()),
                        ('end_time', models.DateTimeField()),
                        ('duration_us', models.BigIntegerField()),
                        ('cost_nano', models.BigIntegerField()),
                        ('tokens_in', models.BigIntegerField()),
                        ('tokens_out', models.BigIntegerField()),
                        ('span_count', models.IntegerField()),
                        ('error_count', models.IntegerField()),
                        ('call_count', models.IntegerField()),
                        ('metered_count', models.IntegerField()),
                        ('unpriced_count', models.IntegerField()),
                        ('open_count', models.IntegerField()),
                        ('trace_id', models.TextField()),
                        ('root_span_id', models.TextField(null=True)),
                        ('name', models.TextField(null=True)),
                        ('feature', models.TextField(null=True)),
                        ('environment', models.TextField(null=True)),
                        ('release', models.TextField(null=True)),
                        ('user_id', models.TextField(null=True)),
                        ('session_id', models.TextField(null=True)),
                        ('facets', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                        ('ranks', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                        ('input_preview', models.TextField(null=True)),
                        ('output_preview', models.TextField(null=True)),
                    ],
                    options={
                        'db_table': 'trace',
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='IntakeNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project_id', models.BigIntegerField(null=True)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('times', models.IntegerField(default=1)),
                ('kind', models.CharField(max_length=10)),
                ('status', models.SmallIntegerField()),
                ('method', models.CharField(max_length=10)),
                ('path', models.CharField(max_length=200)),
                ('reason', models.CharField(max_length=500)),
                ('where', models.CharField(blank=True, max_length=300)),
                ('spans', models.IntegerField(default=0)),
                ('public_key', models.CharField(blank=True, max_length=80)),
                ('client', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'db_table': 'intake_notice',
                'indexes': [models.Index(fields=['project_id', '-last_at'], name='intake_notice_newest')],
            },
        ),
    ]
