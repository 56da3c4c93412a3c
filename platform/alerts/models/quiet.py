"""Times in which nothing is sent, hours in which tickets wait, and what waits for a person."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from alerts.models.incidents import Incident


class MaintenanceWindow(models.Model):
    """A time in which incidents are kept and nothing is sent of them: see `alerts.quiet.Window`."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    feature = models.CharField(max_length=200, blank=True)  # its name; '': the whole project
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_weekly = models.BooleanField(default=False)
    zone = models.CharField(max_length=64, default="UTC")
    reason = models.CharField(max_length=200)
    made_by_label = models.CharField(max_length=320)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("begins_at")), name="maintenance_ends_later"
            )
        ]
        indexes = [models.Index(fields=["project"], name="maintenance_of_project")]

    def __str__(self) -> str:
        return self.reason


class QuietHours(models.Model):
    """Hours of a project, or of a person in all their projects, in which tickets wait."""

    project = models.OneToOneField(Project, models.CASCADE, null=True, related_name="+")
    person = models.OneToOneField(User, models.CASCADE, null=True, related_name="+")
    begins = models.TimeField()
    ends = models.TimeField()
    zone = models.CharField(max_length=64, default="UTC")

    class Meta:
        verbose_name_plural = "quiet hours"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(project__isnull=True) ^ models.Q(person__isnull=True),
                name="quiet_hours_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.begins:%H:%M} to {self.ends:%H:%M} {self.zone}"


class HeldNotice(models.Model):
    """A notice of an incident that waits until a person's quiet hours are over."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    event = models.CharField(max_length=40)
    title = models.CharField(max_length=600)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.event} for {self.person_id}"
