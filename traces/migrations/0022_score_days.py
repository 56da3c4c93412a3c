"""Live scores by day, for the page of quality."""

from pathlib import Path

import django.contrib.postgres.fields
from django.db import migrations, models

TABLES = (Path(__file__).parent / '0022_score_days.sql').read_text()
DROP = 'drop table score_day, score_counted, score_queue'
ID = ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID'))
OF_A_TRACE = [
    ('project_id', models.BigIntegerField()),
    ('trace_id', models.TextField()),
    ('session_id', models.TextField()),
]


def _sums():
    return [
        ('day', models.DateField()),
        ('environment', models.TextField()),
        ('feature', models.TextField()),
        ('name', models.TextField()),
        ('source', models.TextField()),
        ('data_type', models.TextField()),
        ('label', models.TextField()),
        ('evaluator', models.TextField()),
        ('prompts', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
        ('models', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
        ('n', models.BigIntegerField()),
        ('weight', models.DecimalField(decimal_places=6, max_digits=40)),
        ('weight_squares', models.DecimalField(decimal_places=12, max_digits=40)),
        ('total', models.DecimalField(decimal_places=20, max_digits=60)),
        ('squares', models.DecimalField(decimal_places=20, max_digits=60)),
        ('thumbs', models.BigIntegerField()),
        ('down', models.DecimalField(decimal_places=20, max_digits=60)),
    ]


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0021_traces_of_experiments'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLES, DROP)],
            state_operations=[
                migrations.CreateModel(
                    name='ScoreCounted',
                    fields=[ID, *OF_A_TRACE, *_sums()],
                    options={'db_table': 'score_counted'},
                ),
                migrations.CreateModel(
                    name='ScoreDay',
                    fields=[
                        ID,
                        ('project_id', models.BigIntegerField()),
                        *_sums(),
                        ('fresh', models.BooleanField()),
                    ],
                    options={'db_table': 'score_day'},
                ),
                migrations.CreateModel(
                    name='ScoreQueue',
                    fields=[ID, *OF_A_TRACE],
                    options={'db_table': 'score_queue'},
                ),
            ],
        ),
    ]
