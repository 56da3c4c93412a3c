"""Prices that a project states itself, and the jobs that compute costs again after a change."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User


class Price(models.Model):
    """What a project pays for the models that `pattern` names, within a period of time.

    `pattern` is a model's name in lower case, or the beginning of names with `*` at its end.
    An empty `provider` means any. Of several that fit a call the most specific holds: a whole name
    before a beginning, a longer beginning before a shorter; then a provider before any.

    Prices are per million tokens in `currency`; `usd_per_unit` says what one unit of it is in USD,
    fixed for the whole period, so that a cost never changes by itself. None: the class has the
    price of its broader class (see `pricing.card`). `per_call` is added once a call.

    Periods of one project, provider and pattern never overlap: the services hold a lock, and a
    trigger refuses what comes past them. `valid_to` is exclusive; None: still valid.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="prices")
    provider = models.CharField(max_length=100, blank=True)
    pattern = models.CharField(max_length=200)

    in_uncached = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    in_cached = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    in_cache_write = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    in_cache_write_1h = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    in_audio = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    out_text = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    out_reasoning = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    out_audio = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    per_call = models.DecimalField(max_digits=20, decimal_places=10, default=0)
    extra = models.JSONField(default=dict)  # class of one's own -> price as text
    tiers = models.JSONField(default=list)  # [{"above": tokens, "prices": {class: price as text}}]
    batch_factor = models.DecimalField(max_digits=7, decimal_places=6, null=True)

    currency = models.CharField(max_length=3, default="USD")
    usd_per_unit = models.DecimalField(max_digits=18, decimal_places=9, default=1)

    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["project", "provider", "pattern", "valid_from"], name="price_of")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="price_period",
            ),
            models.CheckConstraint(
                condition=models.Q(usd_per_unit__gt=0), name="price_rate_above_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider or 'any provider'}: {self.pattern}"


class JobState(models.TextChoices):
    """Where a job stands."""

    DUE = "due", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"


class PriceJob(models.Model):
    """Costs of the spans that a change of prices concerns, to be computed again.

    It walks from the newest span backwards; `position` is the last one done, written in the
    transaction that changes the spans, so that it goes on after a kill and counts each once. A
    worker that was killed leaves `beat_at` behind; after a minute another takes over.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="price_jobs")
    provider = models.CharField(max_length=100, blank=True)
    pattern = models.CharField(max_length=200)
    since = models.DateTimeField(null=True)  # first start concerned; None: from the beginning
    until = models.DateTimeField(null=True)  # exclusive; None: to the end
    state = models.CharField(max_length=10, choices=JobState, default=JobState.DUE)
    due_at = models.DateTimeField(default=timezone.now)
    claim = models.CharField(max_length=32, blank=True)  # token of the worker that has it
    beat_at = models.DateTimeField(null=True)
    position = models.JSONField(null=True)  # [start in µs, trace, span]
    expected = models.BigIntegerField(null=True)  # spans to look at, None: not counted yet
    seen = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    newly_priced = models.BigIntegerField(default=0)
    newly_unpriced = models.BigIntegerField(default=0)
    before_nano = models.DecimalField(max_digits=30, decimal_places=0, default=0)  # of the changed
    after_nano = models.DecimalField(max_digits=30, decimal_places=0, default=0)
    error = models.CharField(max_length=500, blank=True)
    failures = models.IntegerField(default=0)
    reason = models.CharField(max_length=200)  # price.set, price.ended, price.removed
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["project", "-created_at"], name="price_job_newest"),
            models.Index(
                fields=["due_at"],
                name="price_job_open",
                condition=models.Q(state__in=["due", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pattern}: {self.state}"

    @property
    def is_open(self) -> bool:
        """True while it waits or runs."""
        return self.state in (JobState.DUE, JobState.RUNNING)

    @property
    def share(self) -> float | None:
        """Part of it that is done, 0 to 1; None where that is not known."""
        if not self.is_open:
            return 1.0
        return min(1.0, self.seen / self.expected) if self.expected else None
