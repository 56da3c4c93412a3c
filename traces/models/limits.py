"""What a project may send, what of it is kept, and which traces were sampled away.

How much was sampled away stands in the figures by hour: `traces.models.rollups`, `sampled`.
"""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class ProjectLimits(models.Model):
    """Limits of a project and the share of its traces that is kept; without a row, none.

    None of a limit: the project sets none of its own. The installation's hold in any case.
    """

    project_id = models.BigIntegerField(primary_key=True)
    spans_per_second = models.IntegerField(null=True)
    burst_spans = models.IntegerField(null=True)  # None: ten seconds of the rate
    spans_per_day = models.BigIntegerField(null=True)
    keep_percent = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(100))
    slow_ms = models.BigIntegerField(null=True)  # a trace that took longer is kept
    keep_features = ArrayField(models.TextField(), default=list)
    keep_tags = ArrayField(models.TextField(), default=list)
    wait_minutes = models.IntegerField(default=15)  # of quiet before a trace may go
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "project_limits"

    def __str__(self) -> str:
        return f"limits of project {self.project_id}"


class IntakeAllowance(models.Model):
    """What is left of a project's rate, and what the day has brought; shared by all processes.

    `tokens` is what was left at `filled_at`; below zero where more was taken than there was. The
    limits are those in force, of the project and of the installation.
    """

    project_id = models.BigIntegerField(primary_key=True)
    rate = models.FloatField(null=True)  # spans a second
    burst = models.FloatField(default=0)
    per_day = models.BigIntegerField(null=True)
    tokens = models.FloatField()
    filled_at = models.DateTimeField(db_default=Now())
    day = models.DateField()  # in UTC
    day_spans = models.BigIntegerField(default=0)
    over_since = models.DateTimeField(null=True)  # when the quota of `day` was used up

    class Meta:
        db_table = "intake_allowance"

    def __str__(self) -> str:
        return f"allowance of project {self.project_id}"


class SamplingCandidate(models.Model):
    """A settled trace outside of the share that is kept: judged once it was quiet long enough."""

    pk = models.CompositePrimaryKey("project_id", "trace_id")
    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    due_at = models.DateTimeField()

    class Meta:
        db_table = "sampling_candidate"
        indexes = [models.Index(fields=["due_at"], name="sampling_candidate_due")]

    def __str__(self) -> str:
        return self.trace_id


class SampledTrace(models.Model):
    """A trace that was sampled away, remembered for two days for what comes late."""

    pk = models.CompositePrimaryKey("project_id", "trace_id")
    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    at = models.DateTimeField()
    spans = ArrayField(models.BigIntegerField(), null=True)  # hashes of the ids that went

    class Meta:
        db_table = "sampled_trace"
        indexes = [models.Index(fields=["at"], name="sampled_trace_at")]

    def __str__(self) -> str:
        return self.trace_id
