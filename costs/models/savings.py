"""What could be spent less: what was read of calls, and the advice that came of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User


class SavingsDay(models.Model):
    """What the calls of a UTC day say by feature, model and prompt ('' is none).

    `facts` are those of `costs.saving.facts`: sums, a few hashes of requests, ids of traces.
    Nothing of what was said is in them.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    day = models.DateField()
    feature = models.TextField(blank=True)
    model = models.TextField(blank=True)
    prompt = models.TextField(blank=True)
    facts = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["project", "day"], name="savings_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.feature} {self.model}"


class SavingsReading(models.Model):
    """How far a project's calls were read, so that what is due stands in a row.

    `month` is what was spent in the thirty days before, `together` what all advice saves at most;
    nano-dollars, None before the first look.
    """

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="+")
    read_until = models.DateField()  # all days before it
    calls = models.BigIntegerField(default=0)  # of the last day that was read
    read = models.BigIntegerField(default=0)  # of these, what was read
    silent = models.BigIntegerField(default=0)  # of what was read, without an input
    month = models.BigIntegerField(null=True)
    together = models.BigIntegerField(null=True)
    looked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.project_id} until {self.read_until}"


class SavingsAdvice(models.Model):
    """A piece of advice. Amounts are nano-dollars a month.

    A dismissed one comes back when its amount is twice `dismissed_amount`.
    """

    class Kind(models.TextChoices):
        """What would be done."""

        REPEATS = "repeats", "Answer repeated requests from a cache"
        PREFIX = "prefix", "Let the provider cache the beginning"
        LONG = "long", "Shorten over-long contexts"
        CHUNKS = "chunks", "Retrieve fewer chunks"
        EASY = "easy", "Use a cheaper model for easy traffic"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Open"
        DISMISSED = "dismissed", "Dismissed"
        OVER = "over", "No longer found"

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind)
    feature = models.TextField(blank=True)
    model = models.TextField(blank=True)
    prompt = models.TextField(blank=True)
    other = models.TextField(blank=True)  # the cheaper model
    amount = models.BigIntegerField()
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    is_known = models.BooleanField()  # no trial has to tell first
    evidence = models.JSONField(default=list)  # sentences
    assumptions = models.JSONField(default=list)
    traces = models.JSONField(default=list)  # ids
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    dismissed_amount = models.BigIntegerField(null=True)
    dismissed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    dismissed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["project", "state", "-amount"], name="savings_advice_of")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.feature} {self.model}"
