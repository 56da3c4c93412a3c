"""The gate: what a version must show before a label may move to it, and each time it was asked."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import ApiKey, Project, User
from evals.models.datasets import Dataset
from evals.models.experiments import Experiment
from prompts.models import ChangeRequest, Prompt, PromptVersion


class Gate(models.Model):
    """The settings of one prompt in one environment. They change only by an approved proposal.

    The feature's approved target says bar, margin, slices and smallest sample; where the gate says
    them itself it is never weaker.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="gates")
    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="gates")
    environment = models.CharField(max_length=100, default="production")
    feature = models.CharField(max_length=200, blank=True)  # name of the feature with the target
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="gates")
    dataset_version = models.IntegerField()
    # [{"evaluator": id of EvaluatorVersion, "name", "role": "primary" | "guard" | "advisory",
    #   "margin", "bar", "direction"}]; the primary one decides.
    evaluators = models.JSONField(default=list)
    # [{"metric": "cost" | "p95_latency" | "refusals" | …, "margin": relative or absolute, "kind"}]
    guards = models.JSONField(default=list)
    margin = models.FloatField(default=0.03)
    bar = models.FloatField(null=True)
    repeats = models.SmallIntegerField(default=1)
    smallest_sample = models.IntegerField(default=0)
    slices = ArrayField(models.CharField(max_length=100), default=list)  # each must hold by itself
    with_held_out = models.BooleanField(default=True)
    provider = models.CharField(max_length=80, blank=True)
    model = models.CharField(max_length=200, blank=True)  # '': the version's own
    cost_cap_nano = models.BigIntegerField(null=True)
    is_enabled = models.BooleanField(default=True)
    revision = models.IntegerField(default=1)  # grows with each change; runs of old ones are stale
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prompt", "environment"], name="gate_once")]

    def __str__(self) -> str:
        return f"{self.prompt} in {self.environment}"


class GateRun(models.Model):
    """One answer of the gate: a candidate against what serves, or against the bar alone."""

    class State(models.TextChoices):
        """What came of it."""

        RUNNING = "running", "Running"
        PASS = "pass", "Pass"
        FAIL = "fail", "Fail"
        INCONCLUSIVE = "inconclusive", "Inconclusive"
        ERROR = "error", "Error"
        CANCELLED = "cancelled", "Cancelled"

    class Trigger(models.TextChoices):
        """Who asked."""

        PROPOSED = "proposed", "A version was proposed"
        PAGE = "page", "A person"
        CLI = "cli", "roadworthy gate"
        API = "api", "API"

    gate = models.ForeignKey(Gate, models.CASCADE, related_name="runs")
    revision = models.IntegerField()  # of the gate
    settings = models.JSONField(default=dict)  # the gate as it was asked
    target_number = models.IntegerField(null=True)  # of the feature's approved target
    candidate = models.ForeignKey(PromptVersion, models.CASCADE, related_name="+")
    baseline = models.ForeignKey(PromptVersion, models.SET_NULL, null=True, related_name="+")
    model = models.CharField(max_length=200, blank=True)  # of the candidate, where it differs
    candidate_experiment = models.ForeignKey(
        Experiment, models.SET_NULL, null=True, related_name="+"
    )
    baseline_experiment = models.ForeignKey(
        Experiment, models.SET_NULL, null=True, related_name="+"
    )
    request = models.ForeignKey(ChangeRequest, models.SET_NULL, null=True, related_name="+")
    trigger = models.CharField(max_length=8, choices=Trigger)
    state = models.CharField(max_length=12, choices=State, default=State.RUNNING)
    verdict = models.JSONField(default=dict)  # the whole reckoning, as evals.deciding gives it
    summary = models.CharField(max_length=500, blank=True)
    error = models.CharField(max_length=1000, blank=True)
    is_posted = models.BooleanField(default=False)  # its check stands on the change request
    due_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_with = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["gate", "-created_at"], name="gate_run_newest"),
            models.Index(
                fields=["due_at"],
                name="gate_run_open",
                condition=models.Q(state="running") | models.Q(is_posted=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gate}: {self.candidate} {self.state}"
