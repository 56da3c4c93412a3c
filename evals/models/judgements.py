"""Judgements: what an evaluator said of one answer, in an experiment, live, or to be calibrated."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project
from evals.models.evaluators import EvaluatorVersion
from evals.models.experiments import Experiment, Result
from evals.models.online import OnlineRule


class Judgement(models.Model):
    """One verdict, or one that is due. The same value also stands as a score on the trace.

    Exactly one of `result` and (`trace_id`, `span_id`) names what is judged by; a result has its
    own trace. `num` is the number that counts (a boolean is 1 or 0, a category its value); None
    with state `done` is undefined: counted apart, never as 0 or 1.
    """

    class State(models.TextChoices):
        """Where it stands."""

        DUE = "due", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Skipped"  # over its budget, or nothing to judge

    class Purpose(models.TextChoices):
        """What it is for."""

        EXPERIMENT = "experiment", "Experiment"
        ONLINE = "online", "Live traffic"
        CALIBRATION = "calibration", "Calibration"  # of answers that people labelled

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=11, choices=Purpose)
    name = models.CharField(max_length=200)  # of the score
    version = models.ForeignKey(EvaluatorVersion, models.CASCADE, null=True, related_name="+")
    experiment = models.ForeignKey(
        Experiment, models.CASCADE, null=True, related_name="judgements"
    )  # of the result
    result = models.ForeignKey(Result, models.CASCADE, null=True, related_name="judgements")
    other = models.ForeignKey(Result, models.SET_NULL, null=True, related_name="+")  # of a pair
    rule = models.ForeignKey(OnlineRule, models.SET_NULL, null=True, related_name="judgements")
    trace_id = models.TextField(blank=True)
    span_id = models.TextField(blank=True)
    repeat = models.SmallIntegerField(default=1)
    state = models.CharField(max_length=7, choices=State, default=State.DUE)
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    num = models.FloatField(null=True)
    label = models.TextField(null=True)
    passed = models.BooleanField(null=True)  # None: there is no bar, or it is undefined
    reason = models.TextField(blank=True)
    evidence = models.JSONField(default=list)  # texts that are quoted
    details = models.JSONField(null=True)  # claims with verdicts, both orders of a pair, …
    error = models.CharField(max_length=1000, blank=True)
    cost_nano = models.BigIntegerField(null=True)
    judge_trace_id = models.TextField(blank=True)  # the judge's own call
    judge_span_id = models.TextField(blank=True)
    score_id = models.TextField(blank=True)  # of the score on the trace
    at = models.DateTimeField(null=True)  # when it was said

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["result", "name", "repeat"],
                condition=models.Q(result__isnull=False, purpose="experiment"),
                name="judgement_of_result_once",
            ),
            models.UniqueConstraint(
                fields=["version", "trace_id", "span_id", "purpose", "repeat"],
                condition=models.Q(result=None),
                name="judgement_of_span_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["purpose", "due_at"],
                name="judgement_open",
                condition=models.Q(state__in=["due", "running"]),
            ),
            models.Index(fields=["experiment", "name"], name="judgement_of_experiment"),
            models.Index(fields=["version", "purpose", "-at"], name="judgement_of_version"),
            models.Index(fields=["project", "trace_id"], name="judgement_of_trace"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.result_id or self.trace_id}"
