"""Figures of whole traces know the models these called. The columns come without a rewrite."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

TABLES = {"traceday": "trace_day", "tracehour": "trace_hour", "tracecounted": "trace_counted"}
COLUMN = """alter table {} add column models text[] collate "C" not null default '{{}}'"""


class Migration(migrations.Migration):

    dependencies = [
        ("traces", "0018_scores_of_users"),
    ]

    operations = [
        migrations.RunSQL("set local lock_timeout = '900ms'", migrations.RunSQL.noop),
        *(
            migrations.RunSQL(
                COLUMN.format(table),
                f"alter table {table} drop column models",
                [migrations.AddField(model, "models", ArrayField(models.TextField(), db_default=[]))],
            )
            for model, table in TABLES.items()
        ),
    ]
