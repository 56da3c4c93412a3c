"""What intake has to tell its senders, and what waits for a settled look."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class IntakeNotice(models.Model):
    """What intake refused, cut or moved, so that its sender can be told: exporters hide it.

    Equal notices of one minute are one row with a count. `project_id` is None where the request
    carried no key of this installation.
    """

    project_id = models.BigIntegerField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.IntegerField(default=1)
    kind = models.CharField(max_length=10)  # refused, limited, partial, clamped, cut
    status = models.SmallIntegerField()
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)
    where = models.CharField(max_length=300, blank=True)
    spans = models.IntegerField(default=0)  # spans concerned
    public_key = models.CharField(max_length=80, blank=True)
    client = models.CharField(max_length=200, blank=True)  # the sender's User-Agent

    class Meta:
        db_table = "intake_notice"
        indexes = [models.Index(fields=["project_id", "-last_at"], name="intake_notice_newest")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}"


class IntakeCount(models.Model):
    """What arrived in one minute from one SDK in one dialect. Written by `keep_counts` alone."""

    pk = models.CompositePrimaryKey("project_id", "minute", "client", "version", "dialect")
    project_id = models.BigIntegerField()
    minute = models.DateTimeField()
    client = models.TextField()  # the SDK; empty where it does not say its name
    version = models.TextField()
    dialect = models.TextField()  # empty where no dialect showed
    requests = models.BigIntegerField()  # taken, at least in part
    spans = models.BigIntegerField()
    refused = models.BigIntegerField()  # requests
    rejected = models.BigIntegerField()  # spans of requests that were taken
    cut = models.BigIntegerField()  # spans
    clamped = models.BigIntegerField()  # spans
    last_at = models.DateTimeField()
    lags = ArrayField(models.BigIntegerField())  # spans by `traces.values.lag`'s buckets

    class Meta:
        db_table = "intake_count"
        indexes = [models.Index(fields=["minute"], name="intake_count_minute")]

    def __str__(self) -> str:
        return f"{self.client} {self.version}: {self.spans} spans"


class LogEvent(models.Model):
    """A message that came as an OTLP log record and waits for its span, or has joined it.

    `digest` names the event by its content, so that a repeated export is one row.
    """

    pk = models.CompositePrimaryKey("project_id", "trace_id", "span_id", "digest")
    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    span_id = models.TextField()
    digest = models.TextField()
    time_ns = models.BigIntegerField()
    body = models.BinaryField()  # zstd of JSON {"name", "time_ns", "attributes"}
    received_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "log_event"

    def __str__(self) -> str:
        return f"{self.span_id} {self.digest}"


class DigestQueue(models.Model):
    """Traces that were written to and wait for their settled look. Append only in intake."""

    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    first_start = models.DateTimeField()
    last_start = models.DateTimeField()
    queued_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "digest_queue"

    def __str__(self) -> str:
        return self.trace_id
