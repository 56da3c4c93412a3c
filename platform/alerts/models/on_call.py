"""Who takes turns for a feature, who took over, and who is away."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from features.models import Feature


class OnCallRotation(models.Model):
    """Persons who take turns for one feature: see `alerts.oncall.Rotation`."""

    feature = models.OneToOneField(Feature, models.CASCADE, related_name="+")
    person_ids = ArrayField(models.BigIntegerField())  # in the order of their turns
    weekday = models.SmallIntegerField()  # of the handover; Monday is 0
    hour = models.SmallIntegerField()
    minute = models.SmallIntegerField(default=0)
    zone = models.CharField(max_length=64)  # a name of the IANA time zone database
    weeks = models.SmallIntegerField(default=1)  # of a turn
    starts = models.DateField()  # a day of the first person's turn
    is_first = models.BooleanField(default=False)  # asked before the owner
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"rotation of {self.feature_id}"


class OnCallStint(models.Model):
    """Somebody took over for some time."""

    rotation = models.ForeignKey(OnCallRotation, models.CASCADE, related_name="stints")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("begins_at")), name="stint_ends_later"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} from {self.begins_at} to {self.ends_at}"


class Absence(models.Model):
    """A person is away from a project's incidents."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    stands_in = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["project", "ends_at"], name="absence_of_project")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("begins_at")), name="absence_ends_later"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} away until {self.ends_at}"
