"""Scores and outcomes: what people, judges and the business say of traces and sessions."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class DataType(models.TextChoices):
    """What a score's value is; the names of Langfuse's SDKs stand in `traces.langfuse`."""

    NUMBER = "number", "Number"
    BOOLEAN = "boolean", "Yes or no"
    CATEGORY = "category", "Category"


class BarDirection(models.TextChoices):
    """On which side of its bar a number passes; the bar itself does."""

    AT_LEAST = "at_least", "At least"
    AT_MOST = "at_most", "At most"


class ScoreSource(models.TextChoices):
    """Who gave a score."""

    CODE = "code", "Code"
    JUDGE = "judge", "Judge"
    HUMAN = "human", "Human"
    USER = "user", "User"


class Score(models.Model):
    """A named value on a span, a trace, a session or an experiment run; the later write wins.

    `trace_id` is '' where the score hangs on a session or a run alone. A boolean is 1 or 0 in
    `num`; a category stands in `label`. An id is unique in its project: the service sees to it.
    """

    pk = models.CompositePrimaryKey("project_id", "trace_id", "id")
    project_id = models.BigIntegerField()
    trace_id = models.TextField(default="")
    id = models.TextField()
    span_id = models.TextField(null=True)
    session_id = models.TextField(null=True)
    run_id = models.TextField(null=True)  # experiment run (Langfuse: datasetRunId)
    name = models.TextField()
    data_type = models.TextField(choices=DataType)
    source = models.TextField(choices=ScoreSource)
    num = models.FloatField(null=True)
    label = models.TextField(null=True)
    comment = models.TextField(null=True)
    metadata = models.JSONField(null=True)
    environment = models.TextField(null=True)
    author = models.TextField(null=True)  # e-mail address of a person, public key of a program
    config_id = models.TextField(null=True)  # as sent by Langfuse SDKs
    at = models.DateTimeField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "score"

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class Outcome(models.Model):
    """What became of a trace or session in the business: resolved, refunded, escalated, …"""

    pk = models.CompositePrimaryKey("project_id", "trace_id", "id")
    project_id = models.BigIntegerField()
    trace_id = models.TextField(default="")
    id = models.TextField()
    session_id = models.TextField(null=True)
    name = models.TextField()
    value = models.DecimalField(max_digits=20, decimal_places=9, null=True)
    unit = models.TextField(null=True)  # of `value`, such as USD
    comment = models.TextField(null=True)
    metadata = models.JSONField(null=True)
    author = models.TextField(null=True)
    at = models.DateTimeField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "outcome"

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class ScoreDefinition(models.Model):
    """What a score of this name means in a project: type, range, bar, who may give it.

    The bar of a number is `bar` with its direction; of the other types `passing` holds the values
    that pass: "true" or "false" of a boolean, categories of a category.
    """

    project = models.ForeignKey("accounts.Project", models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    data_type = models.CharField(max_length=10, choices=DataType)
    description = models.TextField(blank=True)
    minimum = models.FloatField(null=True)
    maximum = models.FloatField(null=True)
    categories = ArrayField(models.CharField(max_length=200), default=list)
    bar = models.FloatField(null=True)
    bar_direction = models.CharField(
        max_length=10, choices=BarDirection, default=BarDirection.AT_LEAST
    )
    passing = ArrayField(models.CharField(max_length=200), default=list)
    sources = ArrayField(models.CharField(max_length=10, choices=ScoreSource), default=list)
    primary_for = ArrayField(models.CharField(max_length=200), default=list)  # features
    is_archived = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="score_definition_once")
        ]

    def __str__(self) -> str:
        return self.name
