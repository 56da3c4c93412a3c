"""Jobs over many traces, and saved views of their list."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('traces', '0009_user_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkJobPart',
            fields=[
                ('pk', models.CompositePrimaryKey('job_id', 'place', blank=True, editable=False, primary_key=True, serialize=False)),
                ('job_id', models.BigIntegerField()),
                ('place', models.IntegerField()),
                ('size', models.BigIntegerField()),
                ('notes', models.JSONField(null=True)),
            ],
            options={
                'db_table': 'bulk_job_part',
            },
        ),
        migrations.CreateModel(
            name='BulkJobTrace',
            fields=[
                ('pk', models.CompositePrimaryKey('job_id', 'place', blank=True, editable=False, primary_key=True, serialize=False)),
                ('job_id', models.BigIntegerField()),
                ('place', models.BigIntegerField()),
                ('trace_id', models.TextField()),
            ],
            options={
                'db_table': 'bulk_job_trace',
                'constraints': [models.UniqueConstraint(fields=('job_id', 'trace_id'), name='bulk_job_trace_once')],
            },
        ),
        migrations.CreateModel(
            name='BulkJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('export', 'Export'), ('tag', 'Tag'), ('untag', 'Remove tags'), ('delete', 'Delete')], max_length=10)),
                ('state', models.CharField(choices=[('due', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('cancelled', 'Cancelled'), ('failed', 'Failed')], default='due', max_length=10)),
                ('query', models.TextField(blank=True)),
                ('ids', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None)),
                ('options', models.JSONField(default=dict)),
                ('position', models.JSONField(null=True)),
                ('is_chosen', models.BooleanField(default=False)),
                ('total', models.BigIntegerField(default=0)),
                ('done', models.BigIntegerField(default=0)),
                ('changed', models.BigIntegerField(default=0)),
                ('failures', models.IntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('size', models.BigIntegerField(default=0)),
                ('expires_at', models.DateTimeField(null=True)),
                ('removed_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_with', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.apikey')),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.project')),
            ],
            options={
                'db_table': 'bulk_job',
                'indexes': [models.Index(fields=['project', '-created_at'], name='bulk_job_newest'), models.Index(condition=models.Q(('state__in', ['due', 'running'])), fields=['due_at'], name='bulk_job_open')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('query', models.TextField(blank=True)),
                ('is_shared', models.BooleanField(default=False)),
                ('is_default', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.project')),
            ],
            options={
                'db_table': 'saved_view',
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_shared', True)), fields=('project', 'name'), name='saved_view_name_of_the_team'), models.UniqueConstraint(condition=models.Q(('is_shared', False)), fields=('project', 'owner', 'name'), name='saved_view_name_of_mine'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('project',), name='saved_view_one_default'), models.CheckConstraint(condition=models.Q(('is_shared', True), ('is_default', False), _connector='OR'), name='saved_view_default_is_shared')],
            },
        ),
    ]
