"""Incidents, every act on them, and what a project wishes of its alerts."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from prompts.models import LabelMove

LONGEST_CAUSE = 200
LONGEST_SENTENCE = 500
ROLLBACK_WITHIN = timedelta(days=7)  # an older move is hardly what broke it


class Severity(models.TextChoices):
    """How loud an incident is, the quietest first."""

    INFO = "info", "Info"
    TICKET = "ticket", "Ticket"
    PAGE = "page", "Page"

    @property
    def rank(self) -> int:
        """Place in the order; higher is louder."""
        return list(Severity).index(self)


class State(models.TextChoices):
    """Where an incident stands."""

    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    SNOOZED = "snoozed", "Snoozed"
    RESOLVED = "resolved", "Resolved"


class Origin(models.TextChoices):
    """Whose change it was, as far as the evidence says."""

    UNKNOWN = "unknown", "Not known yet"
    US = "us", "Our own change"
    PROVIDER = "provider", "The provider"
    TRAFFIC = "traffic", "The traffic"
    BOTH = "both", "Ours and the provider’s"
    JUDGE = "judge", "The judge"


class StepKind(models.TextChoices):
    """What happened to an incident."""

    OPENED = "opened", "opened"
    SEEN = "seen", "seen again"
    WORSENED = "worsened", "became more severe"
    FOLDED = "folded", "another cause folded in"
    ACKNOWLEDGED = "acknowledged", "acknowledged"
    ASSIGNED = "assigned", "assigned"
    SNOOZED = "snoozed", "snoozed"
    REOPENED = "reopened", "open again"
    ESCALATED = "escalated", "escalated"
    ROLLED_BACK = "rolled_back", "rolled back"
    RESOLVED = "resolved", "resolved"
    RELEASED = "released", "told after it was held back"


class Incident(models.Model):
    """Something that is wrong, until it is resolved. Its row is the lock of its steps.

    One that came while another of the project was fresh is folded into that, its `lead`: nothing is
    sent of it, and what is done to the lead is done to it.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    cause = models.CharField(max_length=LONGEST_CAUSE)  # by which a second one is told
    feature = models.CharField(max_length=200, blank=True)  # its name; '' where it is of none
    sentence = models.CharField(max_length=LONGEST_SENTENCE)  # leaves the house: no content
    severity = models.CharField(max_length=6, choices=Severity)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.UNKNOWN)
    evidence = models.JSONField(default=dict)  # alerts.values.Evidence
    runbook_url = models.CharField(max_length=500, blank=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    implicated = models.ForeignKey(LabelMove, models.SET_NULL, null=True, related_name="+")
    # Which channels are told; [] is all that want its severity.
    channel_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    lead = models.ForeignKey("self", models.CASCADE, null=True, related_name="folded")
    opened_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)  # the last time its cause was found
    times_seen = models.IntegerField(default=1)
    acknowledged_at = models.DateTimeField(null=True)  # None again once it is open again
    snoozed_until = models.DateTimeField(null=True)
    escalate_at = models.DateTimeField(null=True)  # None: nobody is waited for
    escalations = models.IntegerField(default=0)
    resolved_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)  # until then nothing is sent of it
    last_number = models.IntegerField(default=0)  # of its newest step

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "cause"],
                name="incident_open_once",
                condition=~models.Q(state="resolved"),
            )
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="incident_newest"),
            models.Index(
                fields=["escalate_at"],
                name="incident_escalates",
                condition=models.Q(escalate_at__isnull=False),
            ),
            models.Index(
                fields=["snoozed_until"],
                name="incident_snoozed",
                condition=models.Q(state="snoozed"),
            ),
            models.Index(
                fields=["held_until"],
                name="incident_held",
                condition=models.Q(held_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"incident {self.pk}"

    @property
    def is_over(self) -> bool:
        """True once it is resolved."""
        return self.state == State.RESOLVED

    @property
    def page_path(self) -> str:
        """Its page, as messages link to it."""
        return f"/p/{self.project.slug}/alerts/{self.pk}/"


class IncidentStep(models.Model):
    """One act on an incident, kept as long as that is."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="steps")
    number = models.IntegerField()
    kind = models.CharField(max_length=12, choices=StepKind)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by_label = models.CharField(max_length=320)
    text = models.CharField(max_length=1000, blank=True)  # what else there is to say of it
    details = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="incident_step_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.incident_id}"


class AlertSettings(models.Model):
    """What a project wishes of its alerts; without a row, what stands here."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="+")
    content_leaves = models.BooleanField(default=False)  # excerpts of traces go along in messages
    escalate_minutes = models.IntegerField(default=15)  # without an acknowledgement of a page
    fold_minutes = models.IntegerField(
        default=10
    )  # how long a storm folds into its first; 0: never

    class Meta:
        verbose_name_plural = "alert settings"

    def __str__(self) -> str:
        return f"alerts of {self.project_id}"
