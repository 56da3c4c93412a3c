"""What people add to a trace: tags, notes, and links that show its shape to others."""

from __future__ import annotations

from django.db import models


class TraceTag(models.Model):
    """A tag that a person gave. It stands among the trace's facets as well, where lists look."""

    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    tag = models.TextField()
    author = models.TextField()  # e-mail address
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "trace_tag"
        constraints = [
            models.UniqueConstraint(fields=["project_id", "trace_id", "tag"], name="trace_tag_once")
        ]

    def __str__(self) -> str:
        return self.tag


class TraceNote(models.Model):
    """A remark on a trace or on one of its spans."""

    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    span_id = models.TextField(blank=True)  # '': of the whole trace
    text = models.TextField()
    author = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "trace_note"
        indexes = [models.Index(fields=["project_id", "trace_id", "at"], name="trace_note_of")]

    def __str__(self) -> str:
        return self.text[:80]


class TraceShare(models.Model):
    """A link that shows a trace's shape as it was, without its content, to whoever holds it.

    The token itself is nowhere kept. `document` is what the page shows: names, times, models,
    tokens and costs; it is emptied when the link ends.
    """

    project_id = models.BigIntegerField()
    trace_id = models.TextField()
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hex
    document = models.JSONField()
    created_by = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.TextField(blank=True)
    views = models.IntegerField(default=0)
    views_told = models.IntegerField(default=0)  # those that stand in the audit log
    viewed_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "trace_share"
        indexes = [
            models.Index(fields=["project_id", "-created_at"], name="trace_share_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.trace_id} until {self.expires_at}"
