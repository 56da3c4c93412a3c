"""Evaluators: how an answer is scored. Versioned like prompts; they change by review."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from traces.models import BarDirection, DataType


class EvaluatorKind(models.TextChoices):
    """What does the scoring."""

    CODE = "code", "Code"  # a check of ours with settings; no user code runs on the server
    RETRIEVAL = "retrieval", "Retrieval"  # ranks of documents against judged ones
    RAG = "rag", "RAG"  # claims and sentences, by a model
    AGENT = "agent", "Agent"
    JUDGE = "judge", "Judge"  # a model with a rubric
    PAIRWISE = "pairwise", "Pairwise judge"
    REMOTE = "remote", "Remote"  # the user's own process, by a signed request


class Evaluator(models.Model):
    """One evaluator of a project; its name is the name of the scores that it gives."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="evaluators")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=EvaluatorKind)
    description = models.TextField(blank=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    last_number = models.IntegerField(default=0)
    # What runs unless a version is named; None until the first is approved.
    current = models.ForeignKey(
        "evals.EvaluatorVersion", models.SET_NULL, null=True, related_name="+"
    )
    template = models.CharField(max_length=50, blank=True)  # the template it was made from
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="evaluator_name_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_model(self) -> bool:
        """True where a model scores, which must be calibrated before it may gate."""
        return self.kind in (EvaluatorKind.JUDGE, EvaluatorKind.PAIRWISE, EvaluatorKind.RAG)


class EvaluatorVersion(models.Model):
    """How it scored from then on; never changed once it is approved.

    `config` belongs to the kind; its shape is checked by `evals.evaluating.settings`. A number
    lies in `minimum` to `maximum`; a category is one of `categories`, whose `values` turn it into
    a number. The bar says what passes, as that of a score definition does.
    """

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", "Draft"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"

    evaluator = models.ForeignKey(Evaluator, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    config = models.JSONField(default=dict)
    data_type = models.CharField(max_length=10, choices=DataType, default=DataType.NUMBER)
    minimum = models.FloatField(null=True)
    maximum = models.FloatField(null=True)
    categories = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    values = ArrayField(models.FloatField(), default=list, blank=True)  # one for each category
    bar = models.FloatField(null=True)  # of the number; None: nothing passes or fails
    bar_direction = models.CharField(
        max_length=10, choices=BarDirection, default=BarDirection.AT_LEAST
    )
    provider = models.CharField(max_length=80, blank=True)  # name of the connection; '': by model
    model = models.CharField(max_length=200, blank=True)
    parameters = models.JSONField(default=dict)
    secret_sealed = models.TextField(blank=True)  # remote: signs requests; kit.crypto
    message = models.CharField(max_length=500, blank=True)
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=320)
    created_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evaluator", "number"], name="evaluator_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.evaluator} v{self.number}"
