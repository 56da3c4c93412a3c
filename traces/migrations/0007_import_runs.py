"""Runs of an import from another installation."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0006_rollups_and_words'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('project_id', models.BigIntegerField()),
                ('source', models.CharField(max_length=20)),
                ('host', models.CharField(max_length=500)),
                ('place', models.CharField(blank=True, max_length=500)),
                ('since', models.DateTimeField(null=True)),
                ('asked_until', models.DateTimeField(null=True)),
                ('until', models.DateTimeField()),
                ('cursor', models.JSONField(null=True)),
                ('counts', models.JSONField(default=dict)),
                ('skipped', models.JSONField(default=dict)),
                ('started_at', models.DateTimeField()),
                ('saved_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('error', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'import_run',
                'indexes': [models.Index(fields=['project_id', '-started_at'], name='import_run_newest')],
            },
        ),
    ]
