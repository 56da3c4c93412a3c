"""Tags and notes of people on traces, and links that share their shape."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("traces", "0007_import_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="TraceNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("project_id", models.BigIntegerField()),
                ("trace_id", models.TextField()),
                ("span_id", models.TextField(blank=True)),
                ("text", models.TextField()),
                ("author", models.TextField()),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "trace_note",
                "indexes": [
                    models.Index(fields=["project_id", "trace_id", "at"], name="trace_note_of")
                ],
            },
        ),
        migrations.CreateModel(
            name="TraceShare",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("project_id", models.BigIntegerField()),
                ("trace_id", models.TextField()),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("document", models.JSONField()),
                ("created_by", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.TextField(blank=True)),
                ("views", models.IntegerField(default=0)),
                ("views_told", models.IntegerField(default=0)),
                ("viewed_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "trace_share",
                "indexes": [
                    models.Index(fields=["project_id", "-created_at"], name="trace_share_newest")
                ],
            },
        ),
        migrations.CreateModel(
            name="TraceTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("project_id", models.BigIntegerField()),
                ("trace_id", models.TextField()),
                ("tag", models.TextField()),
                ("author", models.TextField()),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "trace_tag",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "trace_id", "tag"), name="trace_tag_once"
                    )
                ],
            },
        ),
    ]
