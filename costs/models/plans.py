"""Cost plans of features before their launch; what was promised stays as it was."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User


class Plan(models.Model):
    """What a feature is expected to cost. Its terms stand in versions, which never change."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    feature = models.CharField(max_length=200)  # of the newest version
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["project", "-id"], name="plan_newest")]

    def __str__(self) -> str:
        return self.name


class PlanVersion(models.Model):
    """Terms and prices as they were said on a day; `costs.values.plans` reads the documents.

    `items` are the measured tokens, `summary` what a list shows of the first model.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    terms = models.JSONField()
    items = models.JSONField()
    summary = models.JSONField()
    prices = models.JSONField()
    note = models.CharField(max_length=500, blank=True)  # why it is another
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once")]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.number}"
