"""Of older days the dearest users stand apart; what was sampled away lately is known by user."""

from django.db import migrations, models

TABLE = """
alter table user_day add column users integer not null default 0;
create table user_sampled (
  project_id bigint not null, at timestamptz not null, user_id text collate "C" not null,
  cost_nano numeric not null              -- evaluators in it; any number of rows add up
);
create index user_sampled_key on user_sampled (project_id, at);
"""
DROP = "drop table user_sampled; alter table user_day drop column users"


class Migration(migrations.Migration):

    dependencies = [
        ('traces', '0023_spend_by_segment_key_route'),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '900ms'", migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, DROP)],
            state_operations=[
                migrations.AddField('userday', 'users', models.IntegerField(db_default=0)),
                migrations.CreateModel(
                    name='UserSampled',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('project_id', models.BigIntegerField()),
                        ('at', models.DateTimeField()),
                        ('user_id', models.TextField()),
                        ('cost_nano', models.DecimalField(decimal_places=0, max_digits=40)),
                    ],
                    options={'db_table': 'user_sampled'},
                ),
            ],
        ),
    ]
