"""Targets: what good means for a feature, written, dated and approved."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import ApiKey, User
from features.models.features import Feature


class BarDirection(models.TextChoices):
    """On which side of the bar the metric holds; the bar itself does. As of score definitions."""

    AT_LEAST = "at_least", "At least"
    AT_MOST = "at_most", "At most"


class BlastRadius(models.TextChoices):
    """What a bad output can do."""

    READ_ONLY = "read_only", "Read only"
    WRITES = "writes", "Writes data"
    SENDS_MESSAGES = "sends_messages", "Sends messages"
    MOVES_MONEY = "moves_money", "Moves money"
    REGULATED_DATA = "regulated_data", "Touches regulated data"


class SensitiveData(models.TextChoices):
    """Kinds of data that the feature may see."""

    PERSONAL = "personal", "Personal data"
    CONTACT = "contact", "Contact details"
    FINANCIAL = "financial", "Financial data"
    HEALTH = "health", "Health data"
    CREDENTIALS = "credentials", "Credentials"
    CHILDREN = "children", "Children's data"
    BIOMETRIC = "biometric", "Biometric data"
    CONFIDENTIAL = "confidential", "Confidential business data"


class Target(models.Model):
    """One version of a feature's target. Once approved it never changes (the database refuses);
    the next approved one replaces it.

    A feature has at most one draft or proposal at a time, and at most one approved target.
    """

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", "Draft"
        PROPOSED = "proposed", "Proposed"
        APPROVED = "approved", "Approved"
        REPLACED = "replaced", "Replaced"  # approved once; a later one holds
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    OPEN = (State.DRAFT, State.PROPOSED)

    feature = models.ForeignKey(Feature, models.CASCADE, related_name="targets")
    number = models.IntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    base = models.IntegerField(null=True)  # number of the target that held when it was written

    metric = models.CharField(max_length=200)  # name of a score
    bar = models.FloatField()
    bar_direction = models.CharField(
        max_length=10, choices=BarDirection, default=BarDirection.AT_LEAST
    )
    margin = models.FloatField(default=0.03)  # how much worse than what serves is still as good
    smallest_sample = models.IntegerField(default=0)  # items that a decision needs
    slices = ArrayField(
        models.CharField(max_length=100), default=list, blank=True
    )  # each by itself
    business_metric = models.CharField(max_length=200, blank=True)
    business_note = models.TextField(blank=True)
    tolerated_failure_ratio = models.FloatField(null=True, blank=True)  # 0 to 1
    bad_output_usd = models.DecimalField(max_digits=20, decimal_places=9, null=True, blank=True)
    blast_radius = ArrayField(
        models.CharField(max_length=20, choices=BlastRadius), default=list, blank=True
    )
    blast_note = models.CharField(max_length=500, blank=True)
    regulatory_regime = models.CharField(max_length=500, blank=True)  # '': none named
    sensitive_data = ArrayField(
        models.CharField(max_length=20, choices=SensitiveData), default=list, blank=True
    )
    p95_latency_ms = models.IntegerField(null=True, blank=True)
    first_token_ms = models.IntegerField(null=True, blank=True)
    availability_ratio = models.FloatField(null=True, blank=True)  # 0 to 1

    reason = models.TextField(blank=True)  # why it is so, in the author's words
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_with = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=320)
    # Ids of everybody who wrote a part of it: none of them approves it, but for the only one there.
    writers = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField(default=timezone.now)
    proposed_at = models.DateTimeField(null=True)
    approver = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    approver_label = models.CharField(max_length=320, blank=True)
    decided_at = models.DateTimeField(null=True)  # approved, declined or withdrawn
    note = models.TextField(blank=True)  # of who decided
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feature", "number"], name="target_number_once"),
            models.UniqueConstraint(
                fields=["feature"],
                condition=models.Q(state="approved"),
                name="target_one_approved",
            ),
            models.UniqueConstraint(
                fields=["feature"],
                condition=models.Q(state__in=["draft", "proposed"]),
                name="target_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"target {self.number} of {self.feature}"

    @property
    def is_open(self) -> bool:
        """True while it may be written, approved or declined."""
        return self.state in self.OPEN

    @property
    def was_approved(self) -> bool:
        """True where it holds, or held once."""
        return self.state in (self.State.APPROVED, self.State.REPLACED)

    @property
    def approved_at(self) -> object:
        """When it was approved; None where it was not."""
        return self.decided_at if self.was_approved else None
