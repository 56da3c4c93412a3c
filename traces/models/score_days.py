"""Live scores by day, what of a trace stands in them, and what has to be counted anew.

Written by plain SQL in `traces.rollups.scores`, read by `traces.queries.score_figures`; the
physical design is in the migration, and none of these tables has a key of its own.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class _Scores(models.Model):
    """Sums over traces that have a score; '' is none. A trace counts once for a key."""

    project_id = models.BigIntegerField()
    day = models.DateField()  # UTC, on which the trace began
    environment = models.TextField()
    feature = models.TextField()
    name = models.TextField()
    source = models.TextField()
    data_type = models.TextField()
    label = models.TextField()  # the word of a category, where it is a short one
    evaluator = models.TextField()  # number of the version that gave it
    prompts = ArrayField(models.TextField())  # 'refund/3', each once, in order
    n = models.BigIntegerField()
    weight = models.DecimalField(max_digits=40, decimal_places=6)  # Σ w
    weight_squares = models.DecimalField(max_digits=40, decimal_places=12)  # Σ w²
    total = models.DecimalField(max_digits=60, decimal_places=20)  # Σ w x
    squares = models.DecimalField(max_digits=60, decimal_places=20)  # Σ w x²
    thumbs = models.BigIntegerField()  # of n, those that a user gave as a thumb
    down = models.DecimalField(max_digits=60, decimal_places=20)  # of thumbs, those down
    # Each once, in order. Last, for the name hides the module from what follows.
    models = ArrayField(models.TextField())

    class Meta:
        abstract = True


class ScoreDay(_Scores):
    """By day."""

    fresh = models.BooleanField()  # not yet folded

    class Meta:
        db_table = "score_day"

    def __str__(self) -> str:
        return f"{self.day} {self.feature} {self.name}: {self.n} traces"


class ScoreCounted(_Scores):
    """What of a trace stands in ScoreDay, or ('' its trace) of a session scored as a whole."""

    trace_id = models.TextField()
    session_id = models.TextField()

    class Meta:
        db_table = "score_counted"

    def __str__(self) -> str:
        return f"{self.trace_id or self.session_id} {self.name}"


class ScoreQueue(models.Model):
    """A trace, or a session scored as a whole, whose scores have to be counted anew."""

    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    session_id = models.TextField()

    class Meta:
        db_table = "score_queue"

    def __str__(self) -> str:
        return self.trace_id or self.session_id
