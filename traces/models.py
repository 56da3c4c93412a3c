"""The tables of traces as Django sees them; the physical design is in migration 0001.

The hot path writes them by COPY and never makes instances. Span and content are partitioned by
start time, and no foreign key points at a trace or span.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from traces.ingest.record import Kind, Level


class Span(models.Model):
    """What lists, filters and figures need of a span. Times in UTC, durations in microseconds.

    Token classes are disjoint; None is unknown. `counts` is False where usage repeats that of
    descendants. Cost is in nano-dollars.
    """

    pk = models.CompositePrimaryKey("project_id", "trace_id", "span_id", "start_time")
    start_time = models.DateTimeField()
    duration_us = models.BigIntegerField(null=True)
    project_id = models.BigIntegerField()
    cost_nano = models.BigIntegerField(null=True)
    in_uncached = models.IntegerField(null=True)
    in_cached = models.IntegerField(null=True)
    in_cache_write = models.IntegerField(null=True)
    in_audio = models.IntegerField(null=True)
    out_text = models.IntegerField(null=True)
    out_reasoning = models.IntegerField(null=True)
    out_audio = models.IntegerField(null=True)
    ttft_us = models.BigIntegerField(null=True)
    kind = models.SmallIntegerField(choices=[(kind.value, kind.name) for kind in Kind])
    level = models.SmallIntegerField(choices=[(level.value, level.name) for level in Level])
    cost_source = models.SmallIntegerField(null=True)
    counts = models.BooleanField(default=True)
    trace_id = models.TextField()
    span_id = models.TextField()
    parent_span_id = models.TextField(null=True)
    name = models.TextField()
    status_message = models.TextField(null=True)
    error_type = models.TextField(null=True)
    model = models.TextField(null=True)
    model_requested = models.TextField(null=True)
    provider = models.TextField(null=True)
    feature = models.TextField(null=True)
    environment = models.TextField(null=True)
    user_id = models.TextField(null=True)
    session_id = models.TextField(null=True)
    prompt_name = models.TextField(null=True)
    prompt_version = models.TextField(null=True)
    release = models.TextField(null=True)
    input_preview = models.TextField(null=True)
    output_preview = models.TextField(null=True)

    class Meta:
        db_table = "span"

    def __str__(self) -> str:
        return f"{self.name} {self.span_id}"


class SpanContent(models.Model):
    """What is big of a span: JSON, zstd-compressed. Read only when a span is opened."""

    pk = models.CompositePrimaryKey("project_id", "trace_id", "span_id", "start_time")
    start_time = models.DateTimeField()
    project_id = models.BigIntegerField()
    size = models.IntegerField()  # bytes before compression
    codec = models.SmallIntegerField()  # 0: zstd without a dictionary
    trace_id = models.TextField()
    span_id = models.TextField()
    body = models.BinaryField()

    class Meta:
        db_table = "span_content"

    def __str__(self) -> str:
        return self.span_id


class Trace(models.Model):
    """Totals of a trace, kept right at every write by commutative deltas.

    `ranks` holds, for name, feature, environment, release, user, session and the two previews,
    how early the span stood that gave the value (roots before all others), so that the value does
    not depend on the order of arrival.
    """

    pk = models.CompositePrimaryKey("project_id", "trace_id")
    project_id = models.BigIntegerField()
    start_time = models.DateTimeField()
    end_time = models.DateTimeField()
    duration_us = models.BigIntegerField()
    cost_nano = models.BigIntegerField()
    tokens_in = models.BigIntegerField()
    tokens_out = models.BigIntegerField()
    span_count = models.IntegerField()
    error_count = models.IntegerField()
    call_count = models.IntegerField()
    metered_count = models.IntegerField()  # calls whose usage is known
    unpriced_count = models.IntegerField()
    open_count = models.IntegerField()  # spans without an end
    trace_id = models.TextField()
    root_span_id = models.TextField(null=True)
    name = models.TextField(null=True)
    feature = models.TextField(null=True)
    environment = models.TextField(null=True)
    release = models.TextField(null=True)
    user_id = models.TextField(null=True)
    session_id = models.TextField(null=True)
    facets = ArrayField(models.TextField())  # 'm:gpt-4o', 'p:refund/3', 'k:tool', 't:tag'
    ranks = ArrayField(models.BigIntegerField())
    input_preview = models.TextField(null=True)
    output_preview = models.TextField(null=True)

    class Meta:
        db_table = "trace"

    def __str__(self) -> str:
        return f"{self.name} {self.trace_id}"


class IntakeNotice(models.Model):
    """What intake refused, cut or moved, so that its sender can be told: exporters hide it.

    Equal notices of one minute are one row with a count. `project_id` is None where the request
    carried no key of this installation.
    """

    project_id = models.BigIntegerField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.IntegerField(default=1)
    kind = models.CharField(max_length=10)  # refused, partial, clamped, cut
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
