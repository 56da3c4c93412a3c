"""Jobs over many traces: what is due, how far it came, and what it left to download."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import ApiKey, Project, User


class BulkJob(models.Model):
    """One act on all traces of a query, or on those of a list of ids.

    First the traces are chosen (`bulk_job_trace`), so that what arrives later is not part of it and
    `total` is exact; then they are worked off in that order. `done` is the place of the last one,
    saved with what was done, so that after a kill the next turn goes on there. A worker holds an
    advisory lock while it works; with its process the lock is gone.
    """

    class Kind(models.TextChoices):
        """What is done."""

        EXPORT = "export", "Export"
        TAG = "tag", "Tag"
        UNTAG = "untag", "Remove tags"
        DELETE = "delete", "Delete"

    class State(models.TextChoices):
        """Where a job stands."""

        DUE = "due", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_with = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+")
    query = models.TextField(blank=True)  # parameters of the list's address, its range fixed
    ids = ArrayField(models.TextField(), null=True)  # chosen by hand; then `query` is not asked
    options = models.JSONField(default=dict)  # tags; format, content
    position = models.JSONField(null=True)  # while choosing: [start, trace] of the last one
    is_chosen = models.BooleanField(default=False)
    total = models.BigIntegerField(default=0)  # traces chosen; exact once `is_chosen`
    done = models.BigIntegerField(default=0)  # of them worked off
    changed = models.BigIntegerField(default=0)  # of those tagged, deleted, written
    failures = models.IntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    size = models.BigIntegerField(default=0)  # bytes to download
    expires_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)  # the parts are gone

    class Meta:
        db_table = "bulk_job"
        indexes = [
            models.Index(fields=["project", "-created_at"], name="bulk_job_newest"),
            models.Index(
                fields=["due_at"],
                name="bulk_job_open",
                condition=models.Q(state__in=["due", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        """True while it waits or runs."""
        return self.state in (self.State.DUE, self.State.RUNNING)

    @property
    def is_ready(self) -> bool:
        """There is something to download."""
        return (
            self.kind == self.Kind.EXPORT
            and self.state == self.State.DONE
            and self.removed_at is None
            and self.expires_at is not None
            and self.expires_at > timezone.now()
        )


class BulkJobTrace(models.Model):
    """One trace that a job was given, in the order in which it is worked off."""

    pk = models.CompositePrimaryKey("job_id", "place")
    job_id = models.BigIntegerField()
    place = models.BigIntegerField()  # from 1
    trace_id = models.TextField()

    class Meta:
        db_table = "bulk_job_trace"
        constraints = [
            models.UniqueConstraint(fields=["job_id", "trace_id"], name="bulk_job_trace_once")
        ]

    def __str__(self) -> str:
        return self.trace_id


class BulkJobPart(models.Model):
    """One part of what is downloaded; its bytes are where `traces.exporting.places` puts them."""

    pk = models.CompositePrimaryKey("job_id", "place")
    job_id = models.BigIntegerField()
    place = models.IntegerField()  # from 0
    size = models.BigIntegerField()
    notes = models.JSONField(null=True)  # what the format must know of it at the end

    class Meta:
        db_table = "bulk_job_part"

    def __str__(self) -> str:
        return f"{self.job_id}/{self.place}"


class SavedView(models.Model):
    """A list of traces by name: the parameters of its address, for oneself or the whole team."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True)  # as traces.services.saved_views.cleaned writes it
    is_shared = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)  # of the project; then it is shared
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "saved_view"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                condition=models.Q(is_shared=True),
                name="saved_view_name_of_the_team",
            ),
            models.UniqueConstraint(
                fields=["project", "owner", "name"],
                condition=models.Q(is_shared=False),
                name="saved_view_name_of_mine",
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(is_default=True),
                name="saved_view_one_default",
            ),
            models.CheckConstraint(
                condition=models.Q(is_shared=True) | models.Q(is_default=False),
                name="saved_view_default_is_shared",
            ),
        ]

    def __str__(self) -> str:
        return self.name
