"""Traces by user and day, for the pages of users."""

from pathlib import Path

from django.db import migrations, models

TABLES = (Path(__file__).parent / '0009_user_days.sql').read_text()
DROP = 'drop table user_day, user_counted'


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0008_annotations'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLES, DROP)],
            state_operations=[
                migrations.CreateModel(
                    name='UserCounted',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'trace_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('project_id', models.BigIntegerField()),
                        ('trace_id', models.TextField()),
                        ('day', models.DateField()),
                        ('environment', models.TextField()),
                        ('user_id', models.TextField()),
                        ('errors', models.IntegerField()),
                        ('calls', models.IntegerField()),
                        ('metered', models.IntegerField()),
                        ('unpriced', models.IntegerField()),
                        ('tokens_in', models.BigIntegerField()),
                        ('tokens_out', models.BigIntegerField()),
                        ('cost_nano', models.BigIntegerField()),
                        ('duration_us', models.BigIntegerField()),
                    ],
                    options={
                        'db_table': 'user_counted',
                    },
                ),
                migrations.CreateModel(
                    name='UserDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project_id', models.BigIntegerField()),
                        ('day', models.DateField()),
                        ('environment', models.TextField()),
                        ('user_id', models.TextField()),
                        ('sampled', models.BooleanField()),
                        ('traces', models.BigIntegerField()),
                        ('errors', models.BigIntegerField()),
                        ('calls', models.BigIntegerField()),
                        ('metered', models.BigIntegerField()),
                        ('unpriced', models.BigIntegerField()),
                        ('tokens_in', models.BigIntegerField()),
                        ('tokens_out', models.BigIntegerField()),
                        ('cost_nano', models.DecimalField(decimal_places=0, max_digits=40)),
                        ('duration_us', models.DecimalField(decimal_places=0, max_digits=40)),
                        ('fresh', models.BooleanField()),
                    ],
                    options={
                        'db_table': 'user_day',
                    },
                ),
            ],
        ),
    ]
