"""Runs of an import from another installation."""

from __future__ import annotations

from django.db import models


class ImportRun(models.Model):
    """One reading of one project elsewhere into one of ours; an unfinished one is gone on with.

    `cursor` is the source's own and is saved after what it covers is stored. `until` is fixed when
    the run starts, so that what arrives meanwhile shifts no page. No key is kept.
    """

    project_id = models.BigIntegerField()
    source = models.CharField(max_length=20)  # langfuse, phoenix, mlflow
    host = models.CharField(max_length=500)
    place = models.CharField(max_length=500, blank=True)  # project or experiment there
    since = models.DateTimeField(null=True)
    asked_until = models.DateTimeField(null=True)
    until = models.DateTimeField()
    cursor = models.JSONField(null=True)
    counts = models.JSONField(default=dict)  # {"traces", "spans", "scores": new, "known_…": here}
    skipped = models.JSONField(default=dict)  # why -> how many
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True)  # when `cursor` last moved
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)  # what stopped it last

    class Meta:
        db_table = "import_run"
        indexes = [models.Index(fields=["project_id", "-started_at"], name="import_run_newest")]

    def __str__(self) -> str:
        return f"{self.source} {self.host} {self.place}".strip()
