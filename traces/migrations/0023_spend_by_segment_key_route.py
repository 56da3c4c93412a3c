"""Spend by user segment, key and route. The columns of spans come without a rewrite.

Spans that are stored already say none of it until their columns are derived again
(`roadworthy remap`); of keys they never will.
"""

from pathlib import Path

from django.db import migrations, models

WAIT = "set local lock_timeout = '900ms'"
COLUMNS = 'alter table span add column user_segment text collate "C", add column route text collate "C", add column api_key_id bigint'
NO_COLUMNS = 'alter table span drop column user_segment, drop column route, drop column api_key_id'
TABLES = (Path(__file__).parent / '0023_spend.sql').read_text()
DROP = 'drop table spend_hour, spend_day, spend_name'
ID = ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID'))


def _sums():
    return [
        ID,
        ('project_id', models.BigIntegerField()),
        ('dimension', models.SmallIntegerField()),
        ('value', models.TextField()),
        ('environment', models.TextField()),
        ('feature', models.TextField()),
        ('model', models.TextField()),
        ('sampled', models.BooleanField()),
        ('calls', models.BigIntegerField()),
        ('errors', models.BigIntegerField()),
        ('unpriced', models.BigIntegerField()),
        ('tokens_in', models.BigIntegerField()),
        ('tokens_out', models.BigIntegerField()),
        ('cost_nano', models.DecimalField(decimal_places=0, max_digits=40)),
        ('evaluator_nano', models.DecimalField(decimal_places=0, max_digits=40)),
    ]


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0022_score_days'),
    ]

    operations = [
        migrations.RunSQL(WAIT, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(COLUMNS, NO_COLUMNS),
                migrations.RunSQL(TABLES, DROP),
            ],
            state_operations=[
                migrations.AddField('span', 'user_segment', models.TextField(null=True)),
                migrations.AddField('span', 'route', models.TextField(null=True)),
                migrations.AddField('span', 'api_key_id', models.BigIntegerField(null=True)),
                migrations.CreateModel(
                    name='SpendHour',
                    fields=[
                        *_sums(),
                        ('hour', models.DateTimeField()),
                        ('fresh', models.BooleanField()),
                    ],
                    options={'db_table': 'spend_hour'},
                ),
                migrations.CreateModel(
                    name='SpendDay',
                    fields=[*_sums(), ('day', models.DateField())],
                    options={'db_table': 'spend_day'},
                ),
                migrations.CreateModel(
                    name='SpendName',
                    fields=[
                        ('pk', models.CompositePrimaryKey('project_id', 'dimension', 'value', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('project_id', models.BigIntegerField()),
                        ('dimension', models.SmallIntegerField()),
                        ('value', models.TextField()),
                    ],
                    options={'db_table': 'spend_name'},
                ),
            ],
        ),
    ]
