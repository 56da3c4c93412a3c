"""Files on their way into a dataset, between their preview and their import."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from accounts.models import User
from evals.models.datasets import Dataset

KEPT = timedelta(hours=2)


def _expiry() -> datetime:
    return timezone.now() + KEPT


class DatasetUpload(models.Model):
    """A file that somebody looks at before it is imported; nobody else sees it."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=255)
    format = models.CharField(max_length=10)
    content = models.BinaryField()
    rows = models.IntegerField()
    created_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=_expiry)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="dataset_upload_expiry")]

    def __str__(self) -> str:
        return self.name
