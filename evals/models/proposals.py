"""Proposals: changes of what decides (a gate, an evaluator) that another person approves."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import ApiKey, Project, User
from evals.models.evaluators import EvaluatorVersion
from evals.models.gates import Gate
from prompts.models import Prompt


class Proposal(models.Model):
    """One change: of a gate's settings (a new gate too), or an evaluator's version to be used."""

    class Kind(models.TextChoices):
        """What changes."""

        GATE = "gate", "Gate"
        EVALUATOR = "evaluator", "Evaluator"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Open"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    project = models.ForeignKey(Project, models.CASCADE, related_name="eval_proposals")
    kind = models.CharField(max_length=9, choices=Kind)
    gate = models.ForeignKey(Gate, models.CASCADE, null=True, related_name="proposals")
    prompt = models.ForeignKey(Prompt, models.CASCADE, null=True, related_name="+")  # of a new gate
    environment = models.CharField(max_length=100, blank=True)
    version = models.ForeignKey(
        EvaluatorVersion, models.CASCADE, null=True, related_name="proposals"
    )
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    weakens = models.JSONField(default=list)  # sentences: in which respects less is asked
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_with = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=320)
    created_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["project", "state", "-created_at"], name="proposal_list")]

    def __str__(self) -> str:
        return f"{self.kind} proposal {self.pk}"
