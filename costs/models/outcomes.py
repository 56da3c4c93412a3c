"""What counts as a good end, so that spend can be told for each of them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User


class GoodEnd(models.Model):
    """The score or outcome that says "resolved" in a project, or in one feature of it.

    Of an outcome each one of that name counts; of a score `test` says which values do. `feature` is
    '' for all that have no choice of their own.
    """

    class Kind(models.TextChoices):
        """Where it is told."""

        OUTCOME = "outcome", "An outcome"
        SCORE = "score", "A score"

    class Test(models.TextChoices):
        """Which values of a score are good."""

        YES = "yes", "Yes"
        NO = "no", "No"
        IS = "is", "The category"
        AT_LEAST = "at_least", "At least"
        AT_MOST = "at_most", "At most"

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    feature = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=7, choices=Kind)
    name = models.CharField(max_length=200)
    test = models.CharField(max_length=8, choices=Test, blank=True)  # of scores alone
    value = models.CharField(max_length=40, blank=True)  # the category
    bar = models.FloatField(null=True)  # of at least and at most
    source = models.CharField(max_length=10, blank=True)  # of scores; '' is anybody
    chosen_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    chosen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "feature"], name="good_end_once")]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """`outcome resolved`, `score solved is yes`, `score csat is at least 4`."""
        if self.kind == self.Kind.OUTCOME:
            return f"outcome {self.name}"
        test = self.Test(self.test)
        if test in (self.Test.YES, self.Test.NO):
            said = f"is {test.label.lower()}"
        elif test == self.Test.IS:
            said = f"is {self.value}"
        else:
            said = f"is {test.label.lower()} {self.bar:g}"
        return f"score {self.name} {said}" + (f", by {self.source}" if self.source else "")
