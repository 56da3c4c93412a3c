"""Traces by name, and what was sampled away: made beside writers."""

from django.db import migrations

INDEXES = {
    "trace_name": "trace (project_id, left(name, 200), start_time desc)",
    "usage_hour_sampled": "usage_hour (project_id, hour) where sampled",
    "trace_hour_sampled": "trace_hour (project_id, hour) where sampled",
}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("traces", "0010_jobs_and_views"),
    ]

    operations = [
        migrations.RunSQL(
            f"create index concurrently if not exists {name} on {definition}",
            f"drop index concurrently if exists {name}",
        )
        for name, definition in INDEXES.items()
    ]
