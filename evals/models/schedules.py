"""Schedules: a frozen set run again and again, what each run scored, and the alarms it raised."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from evals.models.datasets import Dataset
from evals.models.evaluators import EvaluatorVersion
from evals.models.experiments import Experiment
from prompts.models import Prompt, PromptVersion

EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]


def every_day() -> list[int]:
    """Monday is 0."""
    return list(EVERY_DAY)


class Schedule(models.Model):
    """A dataset version, a prompt, a model and evaluators, to be run at a time of day.

    With a `label` each run takes the version that the label serves then, so that the team's own
    changes show; without one the pinned version runs for ever. `next_at` is the next slot that has
    no run yet: what is due stands in the rows, whatever beat and workers do.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="schedules")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    feature = models.CharField(max_length=200, blank=True)
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="schedules")
    dataset_version = models.IntegerField()
    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="+")
    prompt_version = models.ForeignKey(PromptVersion, models.CASCADE, null=True, related_name="+")
    label = models.CharField(max_length=100, blank=True)  # '': the pinned version
    provider = models.CharField(max_length=80, blank=True)
    model = models.CharField(max_length=200, blank=True)  # '': the version's own
    parameters = models.JSONField(default=dict)
    concurrency = models.SmallIntegerField(default=8)
    cost_cap_nano = models.BigIntegerField(null=True)  # of one run
    month_cap_nano = models.BigIntegerField(null=True)  # of all that it runs in a month
    # How many stored answers a judge marks again in each run; 0: none.
    judge_answers = models.SmallIntegerField(default=40)

    hour = models.SmallIntegerField()
    minute = models.SmallIntegerField(default=0)
    zone = models.CharField(max_length=64, default="UTC")
    weekdays = ArrayField(models.SmallIntegerField(), default=every_day)
    jitter_minutes = models.SmallIntegerField(default=0)
    # A run that could not begin so long after its slot is missed, and said to be.
    late_minutes = models.IntegerField(default=360)
    retries = models.SmallIntegerField(default=2)  # of a run that came to nothing, in that time
    is_canary = models.BooleanField(default=False)  # speaks for its model in others' alarms
    is_paused = models.BooleanField(default=False)
    next_at = models.DateTimeField()

    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=320, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="schedule_name_once")
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="schedule_due", condition=models.Q(is_paused=False)
            )
        ]

    def __str__(self) -> str:
        return self.name


class ScheduleEvaluator(models.Model):
    """An evaluator's version that scores a schedule's runs; the first is watched."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="evaluators")
    version = models.ForeignKey(EvaluatorVersion, models.CASCADE, related_name="+")
    place = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "version"], name="schedule_evaluator_once")
        ]

    def __str__(self) -> str:
        return str(self.version)


class ScheduleRun(models.Model):
    """One run of a slot: the planned one, a rerun of the same day, or one made after an alarm.

    `scores` is what each item scored, by its key: None where it has no verdict. `fingerprint` says
    what the run was made with; where that changes, a new `segment` begins.
    """

    class Kind(models.TextChoices):
        """What it was made for."""

        PLANNED = "planned", "Planned"
        RERUN = "rerun", "Rerun"
        OLD = "old", "Replay of the previous configuration"
        CURRENT = "current", "Replay of the current configuration"

    class State(models.TextChoices):
        """Where it stands; the first two are open."""

        DUE = "due", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        SILENT = "silent", "No verdict"  # under four of five items were answered
        MISSED = "missed", "Missed"
        FAILED = "failed", "Failed"

    OPEN = (State.DUE, State.RUNNING)
    SERIES = (Kind.PLANNED, Kind.RERUN)

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="runs")
    slot = models.DateTimeField()
    day = models.IntegerField()  # of the slot, where the schedule lives; datetime.date.toordinal
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PLANNED)
    number = models.SmallIntegerField(default=0)  # within slot and kind
    alarm = models.ForeignKey("evals.DriftAlarm", models.CASCADE, null=True, related_name="replays")
    state = models.CharField(max_length=7, choices=State, default=State.DUE)
    due_at = models.DateTimeField()
    # What it runs: filled when it begins, and given from the start for replays.
    prompt_version = models.ForeignKey(PromptVersion, models.SET_NULL, null=True, related_name="+")
    model = models.CharField(max_length=200, blank=True)
    provider = models.CharField(max_length=80, blank=True)
    parameters = models.JSONField(default=dict)
    experiment = models.ForeignKey(Experiment, models.SET_NULL, null=True, related_name="+")
    fingerprint = models.JSONField(default=dict)
    segment = models.IntegerField(null=True)
    scores = models.JSONField(default=dict)
    mean = models.FloatField(null=True)
    z = models.FloatField(null=True)
    cusum = models.FloatField(null=True)
    verdict = models.CharField(max_length=12, blank=True)  # of evals.drift.detector.Step
    # The detector after it, as far as pages draw it: `evals.values.standings`.
    standing = models.JSONField(default=dict)
    error = models.CharField(max_length=1000, blank=True)
    attempts = models.SmallIntegerField(default=0)  # that came to nothing before
    spent_nano = models.BigIntegerField(default=0)  # on its experiments that are over
    is_over_budget = models.BooleanField(default=False)  # missed: the month's budget
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "slot", "kind", "number"],
                condition=models.Q(alarm=None),
                name="schedule_run_once",
            ),
            models.UniqueConstraint(
                fields=["alarm", "kind", "number"],
                condition=models.Q(alarm__isnull=False),
                name="replay_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="schedule_run_open",
                condition=models.Q(state__in=["due", "running"]),
            ),
            models.Index(fields=["schedule", "finished_at", "id"], name="schedule_run_order"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule} {self.slot:%Y-%m-%d} {self.kind} {self.number}"


class DriftAlarm(models.Model):
    """A series fell: since when, by how much, which items, and whose change it was.

    One is open a schedule at most. `cause` is '' until the replays are over.
    """

    class Kind(models.TextChoices):
        """What found it."""

        DROP = "drop", "Sudden drop"
        DECAY = "decay", "Slow decay"
        EDGE = "edge", "Change of what runs"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Open"
        DISMISSED = "dismissed", "Dismissed: the new normal"
        RESOLVED = "resolved", "Resolved"

    class Cause(models.TextChoices):
        """Whose change it was."""

        UPSTREAM = "upstream", "The provider's"
        OWN = "own", "Our own"
        BOTH = "both", "Both"
        JUDGE = "judge", "The judge's"
        NONE = "none", "Nobody's: it does not repeat"
        UNKNOWN = "unknown", "Not enough items"

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="alarms")
    run = models.ForeignKey(ScheduleRun, models.CASCADE, related_name="+")  # that raised it
    kind = models.CharField(max_length=5, choices=Kind)
    segment = models.IntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    since = models.IntegerField()  # day of the change, as that of runs
    effect = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    report = models.JSONField(default=dict)  # items that changed most, runs, detectable drop
    changed = ArrayField(models.CharField(max_length=40), default=list)  # at an edge: fields
    cause = models.CharField(max_length=8, choices=Cause, blank=True)
    confidence = models.CharField(max_length=8, blank=True)
    attribution = models.JSONField(default=dict)  # arms and sentences, as evals.drift gives them
    opened_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True)  # when its cause was found
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    closer_label = models.CharField(max_length=320, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["schedule"], condition=models.Q(state="open"), name="drift_alarm_open_once"
            )
        ]
        indexes = [models.Index(fields=["schedule", "-opened_at"], name="drift_alarm_newest")]

    def __str__(self) -> str:
        return f"{self.schedule}: {self.kind} since {self.since}"
