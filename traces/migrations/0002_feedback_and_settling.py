"""Scores, outcomes, files; and what a trace needs to be looked at once it has settled."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


FOLDER = Path(__file__).parent
TABLES = ''.join(
    (FOLDER / name).read_text() for name in ('0002_feedback.sql', '0002_settling.sql')
)
DROP = 'drop table score, outcome, media, log_event, uncounted, digest_queue'


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('traces', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLES, DROP)],
            state_operations=[
                migrations.CreateModel(
                    name='DigestQueue',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project_id', models.BigIntegerField()),
                        ('trace_id', models.TextField()),
                        ('first_start', models.DateTimeField()),
                        ('last_start', models.DateTimeField()),
                        ('queued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ],
                    options={
                        'db_table': 'digest_queue',
                    },
                ),
                migrations.CreateModel(
                    name='LogEvent',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'trace_id', 'span_id', 'digest', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('project_id', models.BigIntegerField()),
                        ('trace_id', models.TextField()),
                        ('span_id', models.TextField()),
                        ('digest', models.TextField()),
                        ('time_ns', models.BigIntegerField()),
                        ('body', models.BinaryField()),
                        ('received_at', models.DateTimeField()),
                        ('joined_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'db_table': 'log_event',
                    },
                ),
                migrations.CreateModel(
                    name='Media',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('project_id', models.BigIntegerField()),
                        ('id', models.TextField()),
                        ('sha256', models.TextField()),
                        ('content_type', models.TextField()),
                        ('size', models.BigIntegerField()),
                        ('body', models.BinaryField(null=True)),
                        ('is_elsewhere', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField()),
                        ('uploaded_at', models.DateTimeField(null=True)),
                        ('upload_error', models.TextField(null=True)),
                    ],
                    options={
                        'db_table': 'media',
                    },
                ),
                migrations.CreateModel(
                    name='Outcome',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'trace_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('project_id', models.BigIntegerField()),
                        ('trace_id', models.TextField(default='')),
                        ('id', models.TextField()),
                        ('session_id', models.TextField(null=True)),
                        ('name', models.TextField()),
                        ('value', models.DecimalField(decimal_places=9, max_digits=20, null=True)),
                        ('unit', models.TextField(null=True)),
                        ('comment', models.TextField(null=True)),
                        ('metadata', models.JSONField(null=True)),
                        ('author', models.TextField(null=True)),
                        ('at', models.DateTimeField()),
                        ('created_at', models.DateTimeField()),
                        ('updated_at', models.DateTimeField()),
                    ],
                    options={
                        'db_table': 'outcome',
                    },
                ),
                migrations.CreateModel(
                    name='Score',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'trace_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('project_id', models.BigIntegerField()),
                        ('trace_id', models.TextField(default='')),
                        ('id', models.TextField()),
                        ('span_id', models.TextField(null=True)),
                        ('session_id', models.TextField(null=True)),
                        ('run_id', models.TextField(null=True)),
                        ('name', models.TextField()),
                        ('data_type', models.TextField(choices=[('number', 'Number'), ('boolean', 'Yes or no'), ('category', 'Category')])),
                        ('source', models.TextField(choices=[('code', 'Code'), ('judge', 'Judge'), ('human', 'Human'), ('user', 'User')])),
                        ('num', models.FloatField(null=True)),
                        ('label', models.TextField(null=True)),
                        ('comment', models.TextField(null=True)),
                        ('metadata', models.JSONField(null=True)),
                        ('environment', models.TextField(null=True)),
                        ('author', models.TextField(null=True)),
                        ('config_id', models.TextField(null=True)),
                        ('at', models.DateTimeField()),
                        ('created_at', models.DateTimeField()),
                        ('updated_at', models.DateTimeField()),
                    ],
                    options={
                        'db_table': 'score',
                    },
                ),
                migrations.CreateModel(
                    name='Uncounted',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'trace_id', 'span_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('project_id', models.BigIntegerField()),
                        ('trace_id', models.TextField()),
                        ('span_id', models.TextField()),
                        ('reason', models.TextField()),
                        ('counted_span_id', models.TextField(null=True)),
                        ('counted_trace_id', models.TextField(null=True)),
                    ],
                    options={
                        'db_table': 'uncounted',
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='MediaUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project_id', models.BigIntegerField()),
                ('media_id', models.TextField()),
                ('trace_id', models.TextField()),
                ('span_id', models.TextField(default='')),
                ('field', models.TextField()),
            ],
            options={
                'db_table': 'media_use',
                'constraints': [models.UniqueConstraint(fields=('project_id', 'trace_id', 'span_id', 'field', 'media_id'), name='media_use_once')],
            },
        ),
        migrations.CreateModel(
            name='ScoreDefinition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('data_type', models.CharField(choices=[('number', 'Number'), ('boolean', 'Yes or no'), ('category', 'Category')], max_length=10)),
                ('description', models.TextField(blank=True)),
                ('minimum', models.FloatField(null=True)),
                ('maximum', models.FloatField(null=True)),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list, size=None)),
                ('sources', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('code', 'Code'), ('judge', 'Judge'), ('human', 'Human'), ('user', 'User')], max_length=10), default=list, size=None)),
                ('primary_for', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), default=list, size=None)),
                ('is_archived', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.project')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'name'), name='score_definition_once')],
            },
        ),
    ]
