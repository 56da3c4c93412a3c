"""Where incidents are sent, and every message on its way there."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from alerts.models.incidents import Incident, IncidentStep, Severity


class ChannelKind(models.TextChoices):
    """The ways to send an incident."""

    EMAIL = "email", "Email"
    SLACK = "slack", "Slack"
    PAGERDUTY = "pagerduty", "PagerDuty"
    WEBHOOK = "webhook", "Webhook"


class Channel(models.Model):
    """A place that is told of a project's incidents.

    `url` is where it posts; of Slack it is the host alone, because the whole address is the secret.
    `secret` is sealed: Slack's address, PagerDuty's routing key, what signs a webhook.
    Deleting only marks it: a transaction elsewhere may be writing a delivery for it just now.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=ChannelKind)
    name = models.CharField(max_length=100)
    addresses = ArrayField(models.EmailField(max_length=254), default=list, blank=True)
    url = models.CharField(max_length=500, blank=True)
    secret = models.TextField(blank=True)
    least_severity = models.CharField(max_length=6, choices=Severity, default=Severity.TICKET)
    is_enabled = models.BooleanField(default=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    last_status = models.IntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    failing_since = models.DateTimeField(null=True)  # the first failure after the last success
    failures = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["project"], name="alert_channel_live", condition=models.Q(deleted_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def target(self) -> str:
        """Where it leads, as far as that may be shown."""
        if self.kind == ChannelKind.EMAIL:
            return ", ".join(self.addresses)
        return urlsplit(self.url).netloc or self.url

    @property
    def health(self) -> str:
        """`off`, `failing`, `ok`, or `unused` where nothing was sent yet."""
        if not self.is_enabled:
            return "off"
        if self.failing_since is not None:
            return "failing"
        return "unused" if self.last_at is None else "ok"

    @property
    def tells_repeats_apart(self) -> bool:
        """True where the receiver knows a message that it has had, so that it may come again."""
        return self.kind in (ChannelKind.PAGERDUTY, ChannelKind.WEBHOOK)


class Delivery(models.Model):
    """One step of an incident on its way to one channel; without a step, a test.

    Who sends it puts `due_at` to where its lease ends, and its `claim` beside. Killed meanwhile, it
    is due again then where the receiver tells repeats apart, and else is `unsure` for good.
    """

    class State(models.TextChoices):
        """Where a delivery stands."""

        DUE = "due", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"
        UNSURE = "unsure", "Perhaps delivered"

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries")
    incident = models.ForeignKey(Incident, models.CASCADE, null=True, related_name="deliveries")
    step = models.ForeignKey(IncidentStep, models.CASCADE, null=True, related_name="deliveries")
    uid = models.CharField(max_length=40, unique=True)  # by which receivers tell repeats apart
    body = models.TextField()  # JSON, as it was when it happened; without secrets
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, default=timezone.now)  # None once it has ended
    claim = models.CharField(max_length=16, blank=True)
    tries = models.IntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    last_status = models.IntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_duration_ms = models.IntegerField(null=True)
    response_start = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "alert deliveries"
        constraints = [
            models.UniqueConstraint(fields=["step", "channel"], name="alert_delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="alert_delivery_due", condition=models.Q(state="due")
            ),
            models.Index(fields=["channel", "-id"], name="alert_delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.uid} to {self.channel_id}"

    @property
    def is_test(self) -> bool:
        """True where somebody asked for it by hand."""
        return self.step_id is None

    @property
    def is_being_sent(self) -> bool:
        """True while somebody holds it."""
        return self.state == self.State.DUE and bool(self.claim)
