"""Figures by hour and day, what of a trace stands in them, and the words a trace is found by.

Written by COPY and plain SQL, read by `traces.queries.usage`; the physical design is in the
migration. The tables of figures have no key: any number of rows add up.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class _Sums(models.Model):
    """Sums over spans. Token classes are disjoint and hold only calls that count once."""

    project_id = models.BigIntegerField()
    environment = models.TextField()
    feature = models.TextField()
    model = models.TextField()
    provider = models.TextField()
    sampled = models.BooleanField()  # of spans that were sampled away
    spans = models.BigIntegerField()
    errors = models.BigIntegerField()
    calls = models.BigIntegerField()
    unpriced = models.BigIntegerField()
    in_uncached = models.BigIntegerField()
    in_cached = models.BigIntegerField()
    in_cache_write = models.BigIntegerField()
    in_audio = models.BigIntegerField()
    out_text = models.BigIntegerField()
    out_reasoning = models.BigIntegerField()
    out_audio = models.BigIntegerField()
    cost_nano = models.DecimalField(max_digits=40, decimal_places=0)  # without evaluators
    evaluator_nano = models.DecimalField(max_digits=40, decimal_places=0, db_default=0)
    duration_us = models.DecimalField(max_digits=40, decimal_places=0)

    class Meta:
        abstract = True


class _Spans(_Sums):
    """The same by kind, with a histogram of latencies."""

    kind = models.SmallIntegerField()
    lat_b = ArrayField(models.SmallIntegerField())
    lat_n = ArrayField(models.BigIntegerField())

    class Meta(_Sums.Meta):
        abstract = True


class UsageHour(_Spans):
    """Spans by the hour in which they began; '' is none."""

    hour = models.DateTimeField()
    prompt_name = models.TextField()
    prompt_version = models.TextField()
    fresh = models.BooleanField()  # not yet folded into UsageDay

    class Meta:
        db_table = "usage_hour"

    def __str__(self) -> str:
        return f"{self.hour} {self.feature} {self.model}: {self.spans} spans"


class UsageDay(_Spans):
    """The same by day (UTC) and without prompts."""

    day = models.DateField()

    class Meta:
        db_table = "usage_day"

    def __str__(self) -> str:
        return f"{self.day} {self.feature} {self.model}: {self.spans} spans"


class UsageTotal(_Sums):
    """The same by day and one dimension, without latencies; columns of the others are ''."""

    day = models.DateField()
    dimension = models.SmallIntegerField()  # traces.rollups.totals.Total
    prompt_name = models.TextField()
    prompt_version = models.TextField()

    class Meta:
        db_table = "usage_total"

    def __str__(self) -> str:
        return f"{self.day} {self.dimension}: {self.spans} spans"


class _Traces(models.Model):
    """Sums over settled traces."""

    project_id = models.BigIntegerField()
    environment = models.TextField()
    feature = models.TextField()
    name = models.TextField()
    release = models.TextField()
    sampled = models.BooleanField()
    traces = models.BigIntegerField()
    errors = models.BigIntegerField()
    recovered = models.BigIntegerField()
    duration_us = models.DecimalField(max_digits=40, decimal_places=0)
    lat_b = ArrayField(models.SmallIntegerField())
    # Each once, in order. Last, for the name hides the module from what follows.
    models = ArrayField(models.TextField(), db_default=[])

    class Meta:
        abstract = True


class TraceDay(_Traces):
    """Whole traces by the day (UTC) in which they began."""

    lat_n = ArrayField(models.BigIntegerField())
    day = models.DateField()

    class Meta:
        db_table = "trace_day"

    def __str__(self) -> str:
        return f"{self.day} {self.feature} {self.name}: {self.traces} traces"


class TraceHour(_Traces):
    """Whole traces by the hour in which they began."""

    hour = models.DateTimeField()
    lat_n = ArrayField(models.IntegerField())
    fresh = models.BooleanField()  # not yet folded into TraceDay

    class Meta:
        db_table = "trace_hour"

    def __str__(self) -> str:
        return f"{self.hour} {self.feature} {self.name}: {self.traces} traces"


class TraceCounted(models.Model):
    """What of a trace stands in TraceHour, so that it can be taken back."""

    pk = models.CompositePrimaryKey("project_id", "trace_id")
    project_id = models.BigIntegerField()
    start_time = models.DateTimeField()
    duration_us = models.BigIntegerField()
    status = models.SmallIntegerField()  # 0: ok, 1: an error inside, 2: failed
    trace_id = models.TextField()
    environment = models.TextField()
    feature = models.TextField()
    name = models.TextField()
    release = models.TextField()
    models = ArrayField(models.TextField(), db_default=[])  # each once, in order

    class Meta:
        db_table = "trace_counted"

    def __str__(self) -> str:
        return self.trace_id


class TraceWords(models.Model):
    """Hashes of the words of a trace: see `traces.search.words`."""

    pk = models.CompositePrimaryKey("project_id", "trace_id", "start_time")
    start_time = models.DateTimeField()
    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    words = ArrayField(models.IntegerField())

    class Meta:
        db_table = "trace_words"

    def __str__(self) -> str:
        return f"{self.trace_id}: {len(self.words)} words"


class RollupCheck(models.Model):
    """One comparison of roll-ups with the spans: hours looked at, and those that were wrong."""

    checked_at = models.DateTimeField()
    seconds = models.FloatField()
    hours = models.IntegerField()
    wrong = models.IntegerField()
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        db_table = "rollup_check"

    def __str__(self) -> str:
        return f"{self.checked_at}: {self.wrong} of {self.hours} hours wrong"


class UserDay(models.Model):
    """Whole traces by user and by the day (UTC) in which they began."""

    project_id = models.BigIntegerField()
    day = models.DateField()
    environment = models.TextField()
    user_id = models.TextField()
    sampled = models.BooleanField()  # of traces that were sampled away
    traces = models.BigIntegerField()
    errors = models.BigIntegerField()
    calls = models.BigIntegerField()
    metered = models.BigIntegerField()
    unpriced = models.BigIntegerField()
    tokens_in = models.BigIntegerField()
    tokens_out = models.BigIntegerField()
    cost_nano = models.DecimalField(max_digits=40, decimal_places=0)
    duration_us = models.DecimalField(max_digits=40, decimal_places=0)
    fresh = models.BooleanField()
    users = models.IntegerField(db_default=0)  # of the row of all others, whose user_id is ''

    class Meta:
        db_table = "user_day"

    def __str__(self) -> str:
        return f"{self.day} {self.user_id}: {self.traces} traces"


class UserSampled(models.Model):
    """What traces that were sampled away cost a user in the last hours, by the minute."""

    project_id = models.BigIntegerField()
    at = models.DateTimeField()
    user_id = models.TextField()
    cost_nano = models.DecimalField(max_digits=40, decimal_places=0)  # evaluators in it

    class Meta:
        db_table = "user_sampled"

    def __str__(self) -> str:
        return f"{self.at} {self.user_id}"


class UserCounted(models.Model):
    """What of a trace stands in UserDay, so that it can be taken back."""

    pk = models.CompositePrimaryKey("project_id", "trace_id")
    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    day = models.DateField()
    environment = models.TextField()
    user_id = models.TextField()
    errors = models.IntegerField()
    calls = models.IntegerField()
    metered = models.IntegerField()
    unpriced = models.IntegerField()
    tokens_in = models.BigIntegerField()
    tokens_out = models.BigIntegerField()
    cost_nano = models.BigIntegerField()
    duration_us = models.BigIntegerField()

    class Meta:
        db_table = "user_counted"

    def __str__(self) -> str:
        return self.trace_id
