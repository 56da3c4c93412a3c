"""Review queues: answers that people are to label, one at a time."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User
from evals.models.evaluators import Evaluator
from evals.models.experiments import Result


class ReviewQueue(models.Model):
    """A queue of a project: what is asked of each answer, of how many people, and whether blind.

    `fields` is [{"name", "data_type", "categories", "minimum", "maximum", "description"}]: the
    scores that are asked for, the first of them the evaluator's where the queue calibrates one.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="queues")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    instructions = models.TextField(blank=True)
    evaluator = models.ForeignKey(Evaluator, models.SET_NULL, null=True, related_name="queues")
    fields = models.JSONField(default=list)
    people_each = models.SmallIntegerField(default=1)  # annotators an item needs
    is_blind = models.BooleanField(default=True)  # scores of judges are hidden
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="queue_name_once")]

    def __str__(self) -> str:
        return self.name


class QueueItem(models.Model):
    """One answer in a queue. What was asked and answered is kept, should the trace expire."""

    class Reason(models.TextChoices):
        """Why it is here."""

        CHOSEN = "chosen", "Chosen by a person"
        SAMPLED = "sampled", "Sampled"
        STRATIFIED = "stratified", "Sampled by score"
        DISAGREEMENT = "disagreement", "Evaluators disagree"
        LOW_CONFIDENCE = "low_confidence", "Near the bar, or unsure"
        THUMBS_DOWN = "thumbs_down", "Thumbs down by a user"
        FLIPPED = "flipped", "Flips between repeats"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "Open"
        DONE = "done", "Done"
        FLAGGED = "flagged", "Flagged"

    queue = models.ForeignKey(ReviewQueue, models.CASCADE, related_name="items")
    trace_id = models.TextField()
    span_id = models.TextField(blank=True)
    result = models.ForeignKey(Result, models.SET_NULL, null=True, related_name="+")
    item_key = models.CharField(max_length=255, blank=True)
    slice = models.CharField(max_length=100, blank=True)
    # {"input", "output", "expected", "documents", "messages"}: as an evaluator sees it.
    snapshot = models.JSONField(default=dict)
    reason = models.CharField(max_length=14, choices=Reason, default=Reason.CHOSEN)
    judged = models.JSONField(null=True)  # {"num", "label", "reason", "version"} when it came in
    priority = models.IntegerField(default=0)  # higher first
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    locked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    locked_until = models.DateTimeField(null=True)
    skipped_by = models.JSONField(default=list)  # ids of people who passed it on
    flag = models.CharField(max_length=500, blank=True)
    added_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "trace_id", "span_id"], name="queue_item_once")
        ]
        indexes = [
            models.Index(fields=["queue", "state", "-priority", "id"], name="queue_item_next")
        ]

    def __str__(self) -> str:
        return self.trace_id
