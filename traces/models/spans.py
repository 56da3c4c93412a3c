"""Spans, their content and the totals of traces as Django sees them.

The physical design is in the migrations. The hot path writes these tables by COPY and never makes
instances. Span and content are partitioned by start time; no foreign key points at a trace or span.
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
    evaluates = models.BooleanField(null=True)  # an evaluator made it: its cost stands apart
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
    # The span's own, else those of what stands above it: see `traces.digest.paying`.
    user_segment = models.TextField(null=True)
    route = models.TextField(null=True)
    api_key_id = models.BigIntegerField(null=True)  # the key that sent it

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
    cost_nano = models.BigIntegerField()  # without that of evaluators
    evaluator_nano = models.BigIntegerField(db_default=0)
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
    root_ok = models.BooleanField(null=True)  # it ended without an error; None: it has not come
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


class Uncounted(models.Model):
    """A call whose usage is not counted, because another span counts it; says which and why."""

    pk = models.CompositePrimaryKey("project_id", "trace_id", "span_id")
    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    span_id = models.TextField()
    reason = models.TextField()
    counted_span_id = models.TextField(null=True)
    counted_trace_id = models.TextField(null=True)  # where it stands in another trace

    class Meta:
        db_table = "uncounted"

    def __str__(self) -> str:
        return f"{self.span_id}: {self.reason}"
