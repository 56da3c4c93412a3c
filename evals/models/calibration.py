"""Labels by people, and how far a judge agrees with them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from evals.models.evaluators import EvaluatorVersion
from evals.models.queues import QueueItem


class HumanLabel(models.Model):
    """What a person says of an answer under the name of a score; the person's last word counts.

    The same value also stands as a score on the trace.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)  # of the score
    trace_id = models.TextField()
    span_id = models.TextField(blank=True)
    queue_item = models.ForeignKey(QueueItem, models.SET_NULL, null=True, related_name="labels")
    item_key = models.CharField(max_length=255, blank=True)
    slice = models.CharField(max_length=100, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=320)
    num = models.FloatField(null=True)
    label = models.TextField(null=True)
    passed = models.BooleanField(null=True)
    reason = models.TextField(blank=True)
    seconds = models.FloatField(null=True)  # how long the item was open
    is_dropped = models.BooleanField(default=False)  # "the judge is right": no longer counted
    # Who looked at it beside the judge, and dropped or kept it; not looked at again since.
    settled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    score_id = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name", "trace_id", "span_id", "author"], name="label_once"
            )
        ]
        indexes = [models.Index(fields=["project", "name", "-at"], name="label_of_score")]

    def __str__(self) -> str:
        return f"{self.name} of {self.trace_id}"


class Calibration(models.Model):
    """How far one version of an evaluator agrees with people: figures reckoned from all labels."""

    class State(models.TextChoices):
        """May it decide?"""

        UNCALIBRATED = "uncalibrated", "No labels"
        TOO_FEW = "too_few", "Too few labels"
        ADVISORY = "advisory", "Informs, does not gate"
        USABLE = "usable", "Usable as a gate"
        STALE = "stale", "To be calibrated again"

    version = models.OneToOneField(
        EvaluatorVersion, models.CASCADE, primary_key=True, related_name="calibration"
    )
    state = models.CharField(max_length=12, choices=State, default=State.UNCALIBRATED)
    labels = models.IntegerField(default=0)  # answers with a label by people
    kappa = models.FloatField(null=True)
    low = models.FloatField(null=True)  # 95 % interval
    high = models.FloatField(null=True)
    human_kappa = models.FloatField(null=True)  # of people with each other: the ceiling
    agreement = models.FloatField(null=True)
    bar = models.FloatField(default=0.6)
    figures = models.JSONField(default=dict)  # confusion, bias, flips, slices, thresholds, …
    newest_label_at = models.DateTimeField(null=True)
    reckoned_at = models.DateTimeField(null=True)
    is_due = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["reckoned_at"], name="calibration_due", condition=models.Q(is_due=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.state}"
