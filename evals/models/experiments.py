"""Experiments: a prompt version and model over a dataset version, K times; and their results."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import ApiKey, Project, User
from evals.models.datasets import Dataset, DatasetItem, ItemRevision, Split
from evals.models.evaluators import EvaluatorVersion
from prompts.models import Prompt, PromptVersion


class ExperimentNumber(models.Model):
    """The last number of a project's experiments; its row is the lock of the next."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="+")
    last = models.IntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class Experiment(models.Model):
    """One run over a dataset version, made here or pushed by the user's own runner.

    What is due, running and done stands in its results and their judgements. A worker holds an
    advisory lock while it runs one; with its process the lock is gone, and the next goes on.
    """

    class Origin(models.TextChoices):
        """Who makes the outputs."""

        PLATFORM = "platform", "Roadworthy"
        PUSHED = "pushed", "Pushed over REST"
        LANGFUSE = "langfuse", "Langfuse SDK"

    class Purpose(models.TextChoices):
        """What it was made for."""

        EXPERIMENT = "experiment", "Experiment"
        GATE = "gate", "Gate"
        SCHEDULE = "schedule", "Schedule"

    class State(models.TextChoices):
        """Where it stands; the first two are open."""

        DUE = "due", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        CAPPED = "capped", "Stopped at its cost cap"
        FAILED = "failed", "Failed"

    OPEN = (State.DUE, State.RUNNING)

    project = models.ForeignKey(Project, models.CASCADE, related_name="experiments")
    number = models.IntegerField()  # in the project
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.PLATFORM)
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.EXPERIMENT)
    external_id = models.TextField(blank=True)  # experiment or dataset run id towards SDKs
    dataset = models.ForeignKey(Dataset, models.CASCADE, null=True, related_name="experiments")
    dataset_version = models.IntegerField(null=True)  # pinned
    prompt = models.ForeignKey(Prompt, models.SET_NULL, null=True, related_name="+")
    prompt_version = models.ForeignKey(PromptVersion, models.SET_NULL, null=True, related_name="+")
    prompt_label = models.CharField(max_length=300, blank=True)  # "name v3", told for ever
    provider = models.CharField(max_length=80, blank=True)
    model = models.CharField(max_length=200, blank=True)
    parameters = models.JSONField(default=dict)
    feature = models.CharField(max_length=200, blank=True)  # whose spend and bar it is
    splits = ArrayField(models.CharField(max_length=8, choices=Split), default=list)  # []: main
    slices = ArrayField(models.CharField(max_length=100), default=list)  # []: all
    most_items = models.IntegerField(null=True)  # the first so many, in a fixed shuffle
    repeats = models.SmallIntegerField(default=1)
    concurrency = models.SmallIntegerField(default=8)
    rate_per_minute = models.IntegerField(null=True)  # calls of the target; None: unlimited
    cost_cap_nano = models.BigIntegerField(null=True)  # of target and judges; None: no cap
    allows_unpriced = models.BooleanField(default=False)  # under a cap: calls without a price too

    state = models.CharField(max_length=9, choices=State, default=State.DUE)
    error = models.CharField(max_length=1000, blank=True)
    failures = models.IntegerField(default=0)  # turns of the worker that broke
    due_at = models.DateTimeField(default=timezone.now)
    total = models.IntegerField(default=0)  # results that there will be: items × repeats
    done = models.IntegerField(default=0)  # of them with an output
    failed = models.IntegerField(default=0)
    judged = models.IntegerField(default=0)  # judgements that are over
    to_judge = models.IntegerField(default=0)
    spent_nano = models.BigIntegerField(default=0)  # of calls that are over and priced
    unpriced = models.IntegerField(default=0)  # calls without a price

    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_with = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=320, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    metadata = models.JSONField(null=True)
    baseline = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")  # of pairs
    baseline_label = models.CharField(max_length=300, blank=True)  # "#12 nightly", told for ever

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="experiment_number_once"),
            models.UniqueConstraint(
                fields=["project", "external_id"],
                condition=~models.Q(external_id=""),
                name="experiment_external_id_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="experiment_open",
                condition=models.Q(state__in=["due", "running"]),
            ),
            models.Index(fields=["project", "-created_at"], name="experiment_newest"),
            models.Index(fields=["dataset", "-created_at"], name="experiment_of_dataset"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.name}"

    @property
    def is_open(self) -> bool:
        """True while it waits or runs."""
        return self.state in self.OPEN


class ExperimentEvaluator(models.Model):
    """An evaluator's version that scores an experiment; one version of each evaluator."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="evaluators")
    version = models.ForeignKey(EvaluatorVersion, models.PROTECT, related_name="+")
    place = models.SmallIntegerField(default=0)  # the first decides

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "version"], name="experiment_evaluator_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.version)


class Result(models.Model):
    """One output: of an item, in one repeat. It has a trace of its own."""

    class State(models.TextChoices):
        """Where it stands; a row that runs without a worker is called again."""

        DUE = "due", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="results")
    item_key = models.CharField(max_length=255)
    item = models.ForeignKey(DatasetItem, models.SET_NULL, null=True, related_name="+")
    revision = models.ForeignKey(ItemRevision, models.SET_NULL, null=True, related_name="+")
    repeat = models.SmallIntegerField(default=1)  # from 1
    place = models.IntegerField(default=0)  # order in the run
    slice = models.CharField(max_length=100, blank=True)
    cluster = models.CharField(max_length=200, blank=True)
    is_held_out = models.BooleanField(default=False)
    state = models.CharField(max_length=7, choices=State, default=State.DUE)
    attempts = models.SmallIntegerField(default=0)
    input = models.JSONField(null=True)  # pushed without an item of ours; else the revision's
    expected = models.JSONField(null=True)
    output = models.JSONField(null=True)  # text, or what the runner pushed
    error = models.CharField(max_length=1000, blank=True)
    trace_id = models.TextField(blank=True)
    span_id = models.TextField(blank=True)
    duration_us = models.BigIntegerField(null=True)
    first_token_us = models.BigIntegerField(null=True)
    cost_nano = models.BigIntegerField(null=True)  # None: unpriced
    input_tokens = models.IntegerField(null=True)
    output_tokens = models.IntegerField(null=True)
    is_refusal = models.BooleanField(null=True)
    metadata = models.JSONField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "item_key", "repeat"], name="experiment_result_once"
            )
        ]
        indexes = [
            models.Index(fields=["experiment", "state", "place"], name="result_due"),
            models.Index(fields=["trace_id"], name="result_of_trace"),
        ]

    def __str__(self) -> str:
        return f"{self.item_key} ×{self.repeat}"
