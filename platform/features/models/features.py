"""Features: each use of a model that somebody answers for."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User

LONGEST_NAME = 200  # as in the column of spans


class Feature(models.Model):
    """A registered feature. Its row is the lock of its targets' numbers.

    `name` is what spans carry and never changes. Owner and deputy are persons who may enter the
    project; somebody who left it stays named here and counts as nobody.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="features")
    name = models.CharField(max_length=LONGEST_NAME)
    title = models.CharField(max_length=200, blank=True)  # '': the name
    description = models.TextField(blank=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    deputy = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    runbook_url = models.CharField(max_length=500, blank=True)
    last_number = models.IntegerField(default=0)  # of its newest target
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="feature_name_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def heading(self) -> str:
        """What people call it."""
        return self.title or self.name
