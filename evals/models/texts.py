"""Text watches: what a feature's inputs and outputs are about, day by day, beside a reference."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import Project, User


class Side(models.TextChoices):
    """Which texts of a trace."""

    INPUT = "input", "Inputs"
    OUTPUT = "output", "Outputs"


class TextWatch(models.Model):
    """One feature's texts are watched. Off until somebody makes one."""

    class Method(models.TextChoices):
        """How texts become vectors."""

        PIECES = "pieces", "Hashed three-character pieces (words, not meanings)"
        PROVIDER = "provider", "A provider's embeddings"
        LOCAL = "local", "The embedding model on this machine"

    project = models.ForeignKey(Project, models.CASCADE, related_name="text_watches")
    feature = models.CharField(max_length=200)
    inputs = models.BooleanField(default=True)
    outputs = models.BooleanField(default=True)
    method = models.CharField(max_length=8, choices=Method, default=Method.PIECES)
    provider = models.CharField(max_length=80, blank=True)  # name of the connection; '': by model
    model = models.CharField(max_length=200, blank=True)
    runs_gates = models.BooleanField(default=False)  # of the feature, when a drift is found
    is_enabled = models.BooleanField(default=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "feature"], name="text_watch_once")
        ]

    def __str__(self) -> str:
        return f"texts of {self.feature}"

    @property
    def sides(self) -> list[str]:
        """Which texts it watches."""
        both = ((self.inputs, Side.INPUT), (self.outputs, Side.OUTPUT))
        return [str(side.value) for is_on, side in both if is_on]

    @property
    def way(self) -> str:
        """How vectors are made; those of another way do not compare."""
        if self.method == self.Method.PROVIDER:
            return f"{self.provider}/{self.model}"
        return str(self.method)


class TextReference(models.Model):
    """What a side was like: up to 1,000 traces, and their vectors where a model made these.

    A trace that is gone is left out. `vectors` are rows of float32 in the order of `trace_ids`,
    compressed; empty where texts are compared as pieces, which takes the texts themselves.
    """

    watch = models.ForeignKey(TextWatch, models.CASCADE, related_name="references")
    side = models.CharField(max_length=6, choices=Side)
    way = models.CharField(max_length=300)
    trace_ids = ArrayField(models.TextField())
    vectors = models.BinaryField(default=b"")
    until = models.DateTimeField()  # windows begin from there on
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["watch", "side"], name="text_reference_once")
        ]

    def __str__(self) -> str:
        return f"{len(self.trace_ids)} {self.side} texts"


class TextDay(models.Model):
    """One side on one day: due, or what the comparison said. Days as `date.toordinal`, UTC."""

    class State(models.TextChoices):
        """Where it stands."""

        DUE = "due", "Waiting"
        DONE = "done", "Compared"
        SHORT = "short", "Too few texts"
        FAILED = "failed", "Failed"

    watch = models.ForeignKey(TextWatch, models.CASCADE, related_name="days")
    side = models.CharField(max_length=6, choices=Side)
    day = models.IntegerField()
    state = models.CharField(max_length=6, choices=State, default=State.DUE)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.SmallIntegerField(default=0)
    error = models.CharField(max_length=1000, blank=True)
    way = models.CharField(max_length=300, blank=True)
    n = models.IntegerField(default=0)  # texts of the window
    reference_n = models.IntegerField(default=0)
    p = models.FloatField(null=True)
    share = models.FloatField(null=True)  # neighbours of the same side
    expected = models.FloatField(null=True)
    distance = models.FloatField(null=True)  # of the mean vectors
    said = models.CharField(max_length=20, blank=True)  # as `evals.drift.semantic.Said`
    successive = models.IntegerField(default=0)  # days that differed in a row
    examples = ArrayField(models.TextField(), default=list)  # trace ids: what is new
    cost_nano = models.BigIntegerField(null=True)  # of embedding; None: nothing known, or nothing
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["watch", "side", "day"], name="text_day_once")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="due"), name="text_day_due")
        ]

    def __str__(self) -> str:
        return f"{self.side} on {self.day}: {self.said or self.state}"


class TextDrift(models.Model):
    """Texts differed on two successive days. One is open a watch and side."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"
        DISMISSED = "dismissed", "New normal"

    watch = models.ForeignKey(TextWatch, models.CASCADE, related_name="drifts")
    side = models.CharField(max_length=6, choices=Side)
    day = models.ForeignKey(TextDay, models.CASCADE, related_name="+")
    since = models.IntegerField()  # the first of the days that differed
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=1000, blank=True)
    gates = models.JSONField(default=list)  # what running the gates came to, in words

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["watch", "side"], condition=models.Q(state="open"), name="text_drift_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.watch} drifted since {self.since}"
