"""Online evals: which live traces an evaluator looks at, how many, and for how much a day."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from evals.models.evaluators import Evaluator


class OnlineRule(models.Model):
    """One evaluator on a sample of live traces. The version in use at that moment judges."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="online_rules")
    name = models.CharField(max_length=200)
    evaluator = models.ForeignKey(Evaluator, models.CASCADE, related_name="online_rules")
    feature = models.CharField(max_length=200, blank=True)  # '': every feature
    query = models.TextField(blank=True)  # in the query language; '': everything
    environment = models.CharField(max_length=100, blank=True)  # '': all that is traffic
    share = models.DecimalField(max_digits=7, decimal_places=6)  # of traces, 0 to 1
    daily_budget_nano = models.BigIntegerField(null=True)  # of a UTC day; None: no budget
    is_enabled = models.BooleanField(default=True)
    scanned_to = models.DateTimeField(null=True)  # traces settled before have been looked at
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="online_rule_name_once")
        ]

    def __str__(self) -> str:
        return self.name
