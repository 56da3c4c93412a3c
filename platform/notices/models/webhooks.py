"""Where news goes, what was written when it happened, and how sending it went."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from notices.events import EVERY


class OffReason(models.TextChoices):
    """Why an endpoint gets nothing."""

    HAND = "hand", "Switched off"
    FAILING = "failing", "Switched off after long failure"
    GONE = "gone", "Switched off: it answered 410 Gone"


class WebhookEndpoint(models.Model):
    """An address of a project's own that is told of events. Its secrets are sealed.

    Deleting only marks it: a transaction elsewhere may be writing a delivery for it just now.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True)
    events = ArrayField(models.CharField(max_length=100))  # names, or EVERY alone
    is_enabled = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=10, choices=OffReason, blank=True)
    secret = models.TextField()
    former_secret = models.TextField(blank=True)  # signs too, until `former_until`
    former_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)  # the last attempt, of whatever delivery
    last_status = models.IntegerField(null=True)  # None: no answer came
    last_error = models.CharField(max_length=300, blank=True)  # empty: it was taken
    failing_since = models.DateTimeField(null=True)  # the first failure after the last success
    failures = models.IntegerField(default=0)  # attempts that failed since then

    class Meta:
        indexes = [
            models.Index(
                fields=["project"],
                name="webhook_endpoint_live",
                condition=models.Q(deleted_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.description or self.host

    @property
    def host(self) -> str:
        """The name of its server; what follows in the address may be a secret of theirs."""
        return urlsplit(self.url).netloc

    @property
    def wants_all(self) -> bool:
        """True where every event goes there."""
        return EVERY in self.events

    @property
    def has_former_secret(self) -> bool:
        """True while the secret before this one signs too."""
        until = self.former_until
        return bool(self.former_secret) and until is not None and timezone.now() < until

    @property
    def health(self) -> str:
        """`off`, `failing`, `ok`, or `unused` where nothing was sent yet."""
        if not self.is_enabled:
            return "off"
        if self.failing_since is not None:
            return "failing"
        return "unused" if self.last_at is None else "ok"


class WebhookMessage(models.Model):
    """What happened, as every endpoint is told of it: the very text, fixed when it happened."""

    uid = models.CharField(max_length=40, unique=True)  # `webhook-id`, by which receivers dedupe
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    type = models.CharField(max_length=100)
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.type} {self.uid}"


class WebhookDelivery(models.Model):
    """A message on its way to one endpoint.

    Who sends it puts `due_at` to where its lease ends, and its `claim` beside: killed meanwhile, it
    is due again at that time; slower than that, what it records is not taken.
    """

    class State(models.TextChoices):
        """Where a delivery stands."""

        DUE = "due", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"

    message = models.ForeignKey(WebhookMessage, models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    is_test = models.BooleanField(default=False)  # asked for by hand: one attempt, no retries
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, default=timezone.now)  # None once it has ended
    claim = models.CharField(max_length=16, blank=True)  # of who is sending it
    tries = models.IntegerField(default=0)  # since it was made due, by the event or a replay
    attempts = models.IntegerField(default=0)  # in all
    last_at = models.DateTimeField(null=True)
    last_status = models.IntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_duration_ms = models.IntegerField(null=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "message"], name="webhook_delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at"],
                name="webhook_delivery_due",
                condition=models.Q(state="due"),
            ),
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_newest"),
            models.Index(fields=["created_at"], name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} to {self.endpoint_id}"

    @property
    def is_being_sent(self) -> bool:
        """True while somebody holds it."""
        return self.state == self.State.DUE and bool(self.claim)


class WebhookAttempt(models.Model):
    """One request of a delivery, and what came back."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="log")
    at = models.DateTimeField()
    status = models.IntegerField(null=True)
    duration_ms = models.IntegerField()
    error = models.CharField(max_length=300, blank=True)
    response_start = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.delivery_id} at {self.at:%H:%M:%S}"
