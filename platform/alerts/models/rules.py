"""Alert rules: what is watched, when it is too much, where each stands, and what it saw."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from alerts.models.channels import Channel
from alerts.models.incidents import Incident, Severity
from alerts.rules.deciding import Condition, Standing, Terms
from alerts.rules.metrics import METRICS, Metric
from alerts.rules.windows import Baseline, Frame

LONGEST_QUERY = 2_000


class AlertRule(models.Model):
    """A figure of a project's traces that opens an incident when it is too high, low, or gone.

    Amounts stand in the smallest unit of the metric (`alerts.rules.metrics`), a change in percent
    as a ratio. `next_at` is when it looks again: what is due stands in the rows.
    """

    class Condition(models.TextChoices):
        """When it is too much; the values of `alerts.rules.deciding`."""

        ABOVE = Condition.ABOVE.value, "is above"
        BELOW = Condition.BELOW.value, "is below"
        RISES = Condition.RISES.value, "rises against before by more than"
        FALLS = Condition.FALLS.value, "falls against before by more than"
        SILENT = Condition.SILENT.value, "stays away"

    class Baseline(models.TextChoices):
        """What a change is measured against."""

        DAY = Baseline.DAY.value, "the same time the day before"
        WEEK = Baseline.WEEK.value, "the same time a week before"
        MEDIAN = Baseline.MEDIAN.value, "the median of the same time on the days before"

    class State(models.TextChoices):
        """Where it stands."""

        NEW = "new", "Has not looked yet"
        FINE = "fine", "Fine"
        FIRING = "firing", "Firing"
        UNKNOWN = "unknown", "Cannot tell"

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    metric = models.CharField(max_length=30)
    scope = models.CharField(max_length=LONGEST_QUERY, blank=True)  # query language; '': all
    match = models.CharField(max_length=LONGEST_QUERY, blank=True)  # what `matching` looks for
    score = models.CharField(max_length=200, blank=True)
    score_bar = models.FloatField(null=True)
    score_is_most = models.BooleanField(default=False)  # what is above its bar does not pass
    other = models.CharField(max_length=200, blank=True)  # the second score of a pair
    other_bar = models.FloatField(null=True)
    other_is_most = models.BooleanField(default=False)
    subject = models.CharField(max_length=40, blank=True)  # what a source watches: its key

    condition = models.CharField(max_length=10, choices=Condition)
    amount = models.DecimalField(max_digits=30, decimal_places=9, default=0)
    is_percent = models.BooleanField(default=True)  # of a change
    baseline = models.CharField(max_length=10, choices=Baseline, blank=True)
    baseline_days = models.SmallIntegerField(default=7)  # of the median
    window_minutes = models.IntegerField(default=60)
    least = models.IntegerField(default=0)  # fewer are too few to say
    breaches = models.SmallIntegerField(default=1)  # of so many windows
    windows = models.SmallIntegerField(default=1)
    clear_minutes = models.IntegerField(default=10)

    severity = models.CharField(max_length=6, choices=Severity, default=Severity.TICKET)
    feature = models.CharField(max_length=200, blank=True)  # whose owner is told
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    runbook_url = models.CharField(max_length=500, blank=True)
    channels = models.ManyToManyField(Channel, related_name="+")  # none: all that want it
    is_enabled = models.BooleanField(default=True)
    muted_until = models.DateTimeField(null=True)

    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    since = models.DateTimeField(null=True)  # of firing, or of not firing
    fine_since = models.DateTimeField(null=True)  # firing, and fine since then
    has_seen = models.BooleanField(default=False)
    evaluated_at = models.DateTimeField(null=True)  # the end of the newest window
    next_at = models.DateTimeField(default=timezone.now)
    last_value = models.DecimalField(max_digits=40, decimal_places=9, null=True)
    last_bar = models.DecimalField(max_digits=40, decimal_places=9, null=True)
    last_count = models.BigIntegerField(null=True)
    problem = models.CharField(max_length=300, blank=True)  # why it could not look
    incident = models.ForeignKey(Incident, models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="alert_rule_name_once")
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="alert_rule_due", condition=models.Q(is_enabled=True)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def page_path(self) -> str:
        """Its page, as incidents link to it."""
        return f"/p/{self.project.slug}/alerts/rules/{self.pk}/"

    @property
    def cause(self) -> str:
        """By which its incident is told."""
        return f"rule {self.pk}"

    @property
    def measured(self) -> Metric:
        """What it watches."""
        return METRICS[self.metric]

    @property
    def terms(self) -> Terms:
        """What it asks."""
        return Terms(
            condition=Condition(self.condition),
            amount=Fraction(self.amount),
            is_percent=self.is_percent,
            least=self.least,
            breaches=self.breaches,
            windows=self.windows,
            clear_after=timedelta(minutes=self.clear_minutes),
        )

    @property
    def frame(self) -> Frame:
        """Which windows it looks at."""
        baseline = Baseline(self.baseline) if self.baseline else None
        return Frame(self.window_minutes, self.windows, baseline, self.baseline_days)

    @property
    def standing(self) -> Standing:
        """Where it stands."""
        is_firing = self.state == self.State.FIRING
        return Standing(is_firing, self.since, self.fine_since, self.has_seen)


class RuleEvent(models.Model):
    """A rule fired or was over: what it saw then. Kept for a year."""

    class Kind(models.TextChoices):
        """What happened."""

        FIRED = "fired", "Fired"
        OVER = "over", "Over"

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=5, choices=Kind)
    at = models.DateTimeField()
    value = models.DecimalField(max_digits=40, decimal_places=9, null=True)
    bar = models.DecimalField(max_digits=40, decimal_places=9, null=True)
    count = models.BigIntegerField(default=0)
    was_muted = models.BooleanField(default=False)
    incident = models.ForeignKey(Incident, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "at", "kind"], name="alert_rule_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.kind} {self.at}"
