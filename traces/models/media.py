"""Files that spans show, known by their content."""

from __future__ import annotations

from django.db import models


class Media(models.Model):
    """A file that spans show, known by its content: `id` is the start of its SHA-256."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.BigIntegerField()
    id = models.TextField()  # first 22 characters of base64url(sha256)
    sha256 = models.TextField()  # base64
    content_type = models.TextField()
    size = models.BigIntegerField()
    body = models.BinaryField(null=True)  # None: not uploaded yet, or kept in an object store
    is_elsewhere = models.BooleanField(default=False)  # in the object store of the settings
    created_at = models.DateTimeField()  # when it was announced last
    uploaded_at = models.DateTimeField(null=True)
    upload_error = models.TextField(null=True)

    class Meta:
        db_table = "media"

    def __str__(self) -> str:
        return self.id


class MediaUse(models.Model):
    """Where a file is shown: on which span of which trace, in which field."""

    project_id = models.BigIntegerField()
    media_id = models.TextField()
    trace_id = models.TextField()  # "": on none, as the file of a dataset item
    span_id = models.TextField(default="")
    field = models.TextField()  # input, output, metadata

    class Meta:
        db_table = "media_use"
        indexes = [models.Index(fields=["project_id", "media_id"], name="media_use_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "trace_id", "span_id", "field", "media_id"],
                name="media_use_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.media_id} on {self.trace_id}"
