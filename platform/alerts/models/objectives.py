"""What was counted of service objectives minute by minute, for windows shorter than a roll-up's."""

from __future__ import annotations

from django.db import models

from features.models import Target


class ObjectiveMinute(models.Model):
    """Requests that began, or answers that were scored, in one minute; and how many missed.

    Counted again for a quarter of an hour; what sampling takes away meanwhile does not count down.
    """

    class Name(models.TextChoices):
        """What of a target has a budget."""

        AVAILABILITY = "availability", "Availability"
        LATENCY = "latency", "p95 latency"
        QUALITY = "quality", "Answers that meet the bar"

    target = models.ForeignKey(Target, models.CASCADE, related_name="+")
    name = models.CharField(max_length=12, choices=Name)
    minute = models.DateTimeField()
    total = models.BigIntegerField()
    bad = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target", "name", "minute"], name="objective_minute_once"
            )
        ]
        indexes = [models.Index(fields=["minute"], name="objective_minute_old")]

    def __str__(self) -> str:
        return f"{self.name} of {self.target_id} at {self.minute}: {self.bad} of {self.total}"
