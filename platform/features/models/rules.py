"""Mapping rules: which feature a span belongs to that does not name one itself."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from features.models.features import Feature


class MappingRule(models.Model):
    """The first rule of a project whose conditions all hold gives a span its feature.

    `conditions` is [{"field", "op", "value"}], with "key" where the field is `attribute`; see
    `features.mapping`.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="mapping_rules")
    place = models.IntegerField()  # from 1; the first that fits wins
    conditions = models.JSONField(default=list)
    feature = models.ForeignKey(Feature, models.CASCADE, related_name="mapping_rules")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "place"],
                name="mapping_rule_place_once",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]

    def __str__(self) -> str:
        return f"rule {self.place} to {self.feature}"


class MappingState(models.Model):
    """How often the rules of a project changed, and whether stored spans are to follow."""

    project = models.OneToOneField(
        Project, models.CASCADE, primary_key=True, related_name="mapping_state"
    )
    revision = models.IntegerField(default=0)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    # Stored spans that started since then are to follow; None: nothing is due.
    due_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # when that was asked for
    due_number = models.IntegerField(default=0)  # grows whenever it begins from the start
    reached = models.DateTimeField(null=True)  # everything from here on is done
    seen = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    touched_at = models.DateTimeField(null=True)  # when that was noted
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="mapping_due",
                condition=models.Q(due_since__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"rules of {self.project_id}, revision {self.revision}"
