"""Spend that nobody expected, what was to be expected, and how far series have been read."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User


class Anomaly(models.Model):
    """One episode of a feature's spend, or of the whole project's where `feature` is ''.

    Amounts are nano-dollars. `causes` are `[{"feature", "model", "prompt", "version", "user",
    "excess", "share", "is_new"}]`, `factors` `{"volume", "tokens", "price", "cache"}` of what is
    over, `figures` what was used then and before.
    """

    class Kind(models.TextChoices):
        """What it looks like; as `costs.detection.episodes.Type`."""

        SPIKE = "spike", "Spike"
        LEVEL = "level", "Higher level"
        LEAK = "leak", "Leak"
        DROP = "drop", "Drop"
        UNIT_COST = "unit_cost", "Dearer requests"
        NO_DATA = "no_data", "No data"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Going on"
        OVER = "over", "Over"
        NORMAL = "normal", "New normal"

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    feature = models.CharField(max_length=200, blank=True)
    grain = models.CharField(max_length=6)  # hourly or daily
    kind = models.CharField(max_length=9, choices=Kind)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    since = models.DateTimeField()  # where it began
    first_at = models.DateTimeField()  # the first bucket that alerted
    last_at = models.DateTimeField()  # the end of the last one
    excess = models.BigIntegerField()
    expected = models.BigIntegerField()
    causes = models.JSONField(default=list)
    factors = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    found_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "anomalies"
        indexes = [
            models.Index(fields=["project", "-since"], name="anomaly_newest"),
            models.Index(fields=["project"], name="anomaly_open", condition=models.Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.feature or 'the project'}"


class PlannedEvent(models.Model):
    """A time of which more or less spend is to be expected; '' is of every feature."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    feature = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    is_holiday = models.BooleanField(default=False)  # nothing alerts; else bars are doubled
    note = models.CharField(max_length=200)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["project", "until"], name="planned_event_times")]

    def __str__(self) -> str:
        return self.note


class SpendReading(models.Model):
    """How far the spend of a project has been read, so that what is due stands in a row."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    grain = models.CharField(max_length=6)
    read_until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "grain"], name="spend_reading_once")
        ]

    def __str__(self) -> str:
        return f"{self.grain} of {self.project_id}"
