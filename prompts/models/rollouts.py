"""Rollouts: two versions of a label at once, how their share grew, and what was read of each."""

from __future__ import annotations

from django.db import models

from accounts.models import User
from prompts.models.registry import Prompt, PromptVersion
from prompts.models.requests import ChangeRequest

WHOLE = 10_000  # a share of all traffic, in hundredths of a percent


class Rollout(models.Model):
    """A label serves `candidate` to a share of the keys, and `base` to the rest.

    The label itself points at `base` until the rollout is complete.
    """

    class Status(models.TextChoices):
        """Only an active one sends traffic to the candidate."""

        ACTIVE = "active", "Active"
        HALTED = "halted", "Halted"
        COMPLETE = "complete", "Complete"
        ROLLED_BACK = "rolled_back", "Rolled back"

    # Those that hold their label: at most one at a time, and nothing else moves it.
    RUNNING = (Status.ACTIVE, Status.HALTED)

    class Mode(models.TextChoices):
        """How it ends: a person or its stages raise the share, or a test gives one verdict."""

        GRADUAL = "gradual", "Gradual"
        TEST = "test", "A/B test"

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="rollouts")
    label = models.CharField(max_length=100)
    request = models.ForeignKey(ChangeRequest, models.SET_NULL, null=True, related_name="rollouts")
    base = models.ForeignKey(PromptVersion, models.PROTECT, related_name="rollouts_from")
    candidate = models.ForeignKey(PromptVersion, models.PROTECT, related_name="rollouts")
    mode = models.CharField(max_length=7, choices=Mode, default=Mode.GRADUAL)
    status = models.CharField(max_length=11, choices=Status, default=Status.ACTIVE)
    share = models.IntegerField(default=0)  # of WHOLE
    salt = models.CharField(max_length=64)
    # [{"share": of WHOLE, "soak_minutes": …}], ascending; empty: a person raises it.
    stages = models.JSONField(default=list)
    stage_since = models.DateTimeField(null=True)  # when the present share began
    next_stage_at = models.DateTimeField(null=True)  # due, not before
    waits_for = models.CharField(max_length=300, blank=True)  # why the next stage has not begun
    # [{"metric", "margin", …}]: what halts it; see prompts.guarding
    guards = models.JSONField(default=list)
    # Mode test: {"metric", "least_effect", "planned": requests an arm, …}, later with "verdict".
    test = models.JSONField(null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    looked_at = models.DateTimeField(null=True)  # by the guards
    # By metric: {"state", "effect", "low", "high", "n_old", "n_new", "why", …}
    verdicts = models.JSONField(default=dict)
    by_key = models.BooleanField(null=True)  # the keys of reads are users or sessions of traces
    guarded_since = models.DateTimeField(null=True)  # after a halt that somebody overruled
    ended_at = models.DateTimeField(null=True)
    ended_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "label"],
                condition=models.Q(status__in=["active", "halted"]),
                name="rollout_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(share__gte=0, share__lte=WHOLE), name="rollout_share_in_range"
            ),
        ]
        indexes = [
            models.Index(
                fields=["status"],
                condition=models.Q(status="active"),
                name="rollout_active",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.base} → {self.candidate} at {self.share / 100:g} %"


class RolloutEvent(models.Model):
    """One thing that happened to a rollout."""

    class Kind(models.TextChoices):
        """What happened."""

        STARTED = "started", "started"
        SHARE = "share", "share changed"
        HALTED = "halted", "halted"
        RESUMED = "resumed", "resumed"
        COMPLETE = "complete", "complete"
        ROLLED_BACK = "rolled_back", "rolled back"
        UNDONE = "undone", "rollback undone"
        VERDICT = "verdict", "verdict"

    rollout = models.ForeignKey(Rollout, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=11, choices=Kind)
    share_before = models.IntegerField()
    share_after = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_label = models.CharField(max_length=320)  # a person, a key, or what in the product did it
    reason = models.TextField(blank=True)
    evidence = models.JSONField(null=True)  # what a guard saw

    def __str__(self) -> str:
        return f"{self.kind} at {self.share_after / 100:g} %"


class RolloutMinute(models.Model):
    """One metric of one arm in one minute of a rollout: count, sum, sum of squares.

    Derived from traces, and computed again for some time, as calls and scores arrive late.
    """

    rollout = models.ForeignKey(Rollout, models.CASCADE, related_name="minutes")
    minute = models.DateTimeField()
    metric = models.CharField(max_length=250)
    is_new = models.BooleanField()
    n = models.BigIntegerField()
    total = models.FloatField()
    squares = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rollout", "minute", "metric", "is_new"], name="rollout_minute_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} at {self.minute}"


class ReadCount(models.Model):
    """How often a version was read in a minute.

    `keyed` says whether the read named a user or session, and so took part in a split.
    """

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="+")
    minute = models.DateTimeField()
    label = models.CharField(max_length=100, blank=True)  # '': read by number
    number = models.IntegerField()
    keyed = models.BooleanField()
    count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "minute", "label", "number", "keyed"], name="prompt_read_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} of v{self.number}"


class PromptEpoch(models.Model):
    """Grows with every change of what a project's reads answer; what is cached names its epoch."""

    project_id = models.BigIntegerField(primary_key=True)
    epoch = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.project_id}: {self.epoch}"
