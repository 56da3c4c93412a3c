"""The newest scores of users, for what they said of a range: made beside writers."""

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("traces", "0017_root_ok"),
    ]

    operations = [
        migrations.RunSQL(
            "create index concurrently if not exists score_of_users on score (project_id, at desc) "
            "include (trace_id, num) where source = 'user'",
            "drop index concurrently if exists score_of_users",
        )
    ]
