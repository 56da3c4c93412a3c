"""Settled traces that say of which experiment they are, for whoever keeps experiments."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class ExperimentTrace(models.Model):
    """A trace whose spans name an experiment, until that was taken note of."""

    pk = models.CompositePrimaryKey("project_id", "trace_id")
    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    noted_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "experiment_trace"
        indexes = [models.Index(fields=["due_at"], name="experiment_trace_due")]

    def __str__(self) -> str:
        return self.trace_id
