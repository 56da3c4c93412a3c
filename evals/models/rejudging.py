"""Stored answers that a schedule's judge marks again in each run, to see whether it changed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from evals.models.schedules import Schedule, ScheduleRun


class StoredAnswer(models.Model):
    """One answer with all that the judge was shown; it outlives the run, the item and the trace.

    `shown` is as `evals.queries.stored_answers.subject_in` reads it.
    """

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="stored_answers")
    item_key = models.CharField(max_length=255)
    run = models.ForeignKey(ScheduleRun, models.SET_NULL, null=True, related_name="+")  # its own
    shown = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "item_key", "run"], name="stored_answer_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_key} of {self.schedule_id}"


class Rejudging(models.Model):
    """The stored answers of a schedule, marked again in one run.

    `marks` is the mark of each answer by its primary key, as the detector has scores: less is
    worse. Those of answers that the run itself gave are its own. What has no mark yet is due.
    """

    class State(models.TextChoices):
        """Where it stands."""

        DUE = "due", "Waiting"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"  # under four of five answers were marked
        SKIPPED = "skipped", "Skipped"  # it would have gone over the run's cost cap

    run = models.OneToOneField(ScheduleRun, models.CASCADE, related_name="rejudging")
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="rejudgings")
    day = models.IntegerField()  # of the run
    state = models.CharField(max_length=7, choices=State, default=State.DUE)
    marks = models.JSONField(default=dict)
    mean = models.FloatField(null=True)
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=1000, blank=True)
    calls = models.IntegerField(default=0)  # of models
    cost_nano = models.BigIntegerField(default=0)  # of calls that have a price
    unpriced = models.IntegerField(default=0)  # verdicts without one
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="rejudging_due", condition=models.Q(state="due")),
            models.Index(fields=["schedule", "day"], name="rejudging_order"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} on {self.day}"
