"""Money or tokens put aside for a call that has not ended."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import ApiKey, Project


class Reservation(models.Model):
    """What one call may cost at most, until it is settled, or until it expires.

    `parts` are `[budget id, bucket as ISO time, amount]`: what stands reserved in which use, so
    that exactly that is taken back.
    """

    class State(models.TextChoices):
        """Where it stands."""

        RESERVED = "reserved", "Reserved"
        SETTLED = "settled", "Settled"
        EXPIRED = "expired", "Expired"

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    uid = models.CharField(max_length=100)  # by which a caller tells a repeat
    key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+")
    feature = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=200, blank=True)
    segment = models.CharField(max_length=200, blank=True)
    nano = models.BigIntegerField()
    tokens = models.BigIntegerField()
    parts = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.RESERVED)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    settled_nano = models.BigIntegerField(null=True)
    settled_tokens = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "uid"], name="reservation_once"),
            models.CheckConstraint(
                condition=models.Q(nano__gte=0) & models.Q(tokens__gte=0),
                name="reservation_not_negative",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="reservation_open",
                condition=models.Q(state="reserved"),
            ),
            models.Index(fields=["ended_at"], name="reservation_ended"),
        ]

    def __str__(self) -> str:
        return self.uid
