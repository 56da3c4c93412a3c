"""Budgets: of what, how much, for how long, and what of it is used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import models
from django.utils import timezone

from accounts.models import Organization, Project, User

HOUR = timedelta(hours=1)


class Scope(models.TextChoices):
    """What a budget is of."""

    ORGANIZATION = "organization", "The organization"
    PROJECT = "project", "The project"
    FEATURE = "feature", "A feature"
    SEGMENT = "segment", "A user segment"
    MODEL = "model", "A model"
    KEY = "key", "A key"
    USER = "user", "Each user"


class Unit(models.TextChoices):
    """What it is counted in."""

    MONEY = "money", "Dollars"
    TOKENS = "tokens", "Tokens"


class Period(models.TextChoices):
    """For how long it is; calendar periods begin at midnight UTC, weeks on Monday."""

    DAY = "day", "Day"
    WEEK = "week", "Week"
    MONTH = "month", "Month"
    ROLLING = "rolling", "Rolling hours"


class Budget(models.Model):
    """A limit on what is spent in a scope and a period. Its row is the lock of its use.

    Amounts are nano-dollars, or tokens. `value` names the feature, segment, model or key (its
    public key); '' where the scope names itself. A budget of the organization has no project.
    Deleting only marks it: a reservation may be settled just now.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=12, choices=Scope)
    value = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=6, choices=Unit, default=Unit.MONEY)
    period = models.CharField(max_length=7, choices=Period, default=Period.MONTH)
    rolling_hours = models.IntegerField(null=True)  # of rolling ones alone
    limit = models.BigIntegerField()
    is_hard = models.BooleanField(default=False)  # refuses what would go over
    is_enabled = models.BooleanField(default=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)
    # What the figures of traces say of the running period; None: not looked at yet.
    actual = models.BigIntegerField(null=True)
    actual_since = models.DateTimeField(null=True)
    actual_at = models.DateTimeField(null=True)
    # What is expected of the period; None: too little is known.
    forecast = models.BigIntegerField(null=True)
    forecast_low = models.BigIntegerField(null=True)
    forecast_high = models.BigIntegerField(null=True)
    chance = models.FloatField(null=True)  # of breaking
    breaks_on = models.DateField(null=True)
    breaks_from = models.DateField(null=True)
    breaks_to = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "project"],
                name="budget_live",
                condition=models.Q(deleted_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_money(self) -> bool:
        """True where amounts are nano-dollars."""
        return self.unit == Unit.MONEY

    def since(self, now: datetime) -> datetime:
        """When the period that holds `now` began; of a rolling one, its oldest hour."""
        if self.period == Period.ROLLING:
            return bucket_hour(now) - ((self.rolling_hours or 24) - 1) * HOUR
        return period_start(Period(self.period), now)

    def until(self, now: datetime) -> datetime:
        """When the period that holds `now` ends; of a rolling one, the next hour."""
        since = self.since(now)
        if self.period == Period.ROLLING:
            return bucket_hour(now) + HOUR
        if self.period == Period.MONTH:
            return (since + timedelta(days=32)).replace(day=1)
        return since + timedelta(days=7 if self.period == Period.WEEK else 1)

    def bucket(self, now: datetime) -> datetime:
        """Where what is used at `now` is counted."""
        return bucket_hour(now) if self.period == Period.ROLLING else self.since(now)

    def known_actual(self, now: datetime) -> int:
        """What traces say of the running period; 0 where that was not looked at yet."""
        is_of_now = self.period == Period.ROLLING or self.actual_since == self.since(now)
        return self.actual or 0 if is_of_now else 0


def period_start(period: Period, now: datetime) -> datetime:
    """When the calendar period that holds `now` began."""
    now = now.astimezone(UTC)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == Period.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == Period.MONTH else day


def bucket_hour(now: datetime) -> datetime:
    """The hour that holds an instant."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


class BudgetUse(models.Model):
    """What of a budget is settled and reserved in one period; of a rolling one, in one hour."""

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="uses")
    bucket = models.DateTimeField()
    settled = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "bucket"], name="budget_use_once"),
            models.CheckConstraint(
                condition=models.Q(settled__gte=0) & models.Q(reserved__gte=0),
                name="budget_use_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} in {self.bucket}"


class BudgetMark(models.Model):
    """Something that was reached in a period, told once: a share, or that it is about to break."""

    class Kind(models.TextChoices):
        """What was reached."""

        HALF = "50", "half"
        MOST = "80", "80 %"
        ALL = "100", "all of it"
        MAY_BREAK = "may_break", "may break"
        WILL_BREAK = "will_break", "will probably break"
        USER = "user", "a user above the limit"
        DRILL = "drill", "drill"

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="marks")
    period_start = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=Kind)
    subject = models.CharField(max_length=200, blank=True)  # the user; '' of the budget itself
    amount = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "period_start", "kind", "subject"], name="budget_mark_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.budget_id}"


class RaiseRequest(models.Model):
    """A higher limit that somebody asked for; the budget's owner, or an admin, decides."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Open"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="raises")
    limit = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["budget"], name="budget_raise_open_once", condition=models.Q(state="open")
            )
        ]

    def __str__(self) -> str:
        return f"raise of {self.budget_id}"
