"""Which versions of prompts there were, and since when, without reading every hour."""

from django.db import migrations

NAME = "usage_hour_prompt"
COLUMNS = "project_id, prompt_name, prompt_version, hour"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("traces", "0013_trace_days"),
    ]

    operations = [
        migrations.RunSQL(
            f"create index concurrently if not exists {NAME} on usage_hour ({COLUMNS}) "
            "where prompt_name <> ''",
            f"drop index concurrently if exists {NAME}",
        ),
    ]
