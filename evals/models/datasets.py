"""Datasets: golden cases, versioned. Every change of an item makes a version of the dataset."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import Project, User


class Split(models.TextChoices):
    """Who may open an item: held-out ones are shown to no author of a prompt that they gate."""

    MAIN = "main", "Main"
    HELD_OUT = "held_out", "Held out"


class Source(models.TextChoices):
    """Where an item comes from."""

    HUMAN = "human", "Written by a person"
    PRODUCTION = "production", "From a trace"
    SYNTHETIC = "synthetic", "Drafted by a model"
    IMPORTED = "imported", "Imported"


class Dataset(models.Model):
    """A named set of cases. Its row is the lock of its versions."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=255)  # may hold folders, as prompts' names do
    description = models.TextField(blank=True)
    metadata = models.JSONField(null=True)
    input_schema = models.JSONField(null=True)  # JSON Schema that inputs must satisfy; None: any
    expected_schema = models.JSONField(null=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    last_number = models.IntegerField(default=0)  # of the newest version; 0: no item yet
    items = models.IntegerField(default=0)  # in the newest version
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="dataset_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class DatasetVersion(models.Model):
    """One change of a dataset: what it did, and who did it. Numbers have no gaps."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="versions")
    number = models.IntegerField()
    message = models.CharField(max_length=500, blank=True)
    added = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    removed = models.IntegerField(default=0)
    items = models.IntegerField(default=0)  # afterwards, drafts and both splits included
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=320)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="dataset_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.dataset}@{self.number}"


class DatasetItem(models.Model):
    """One case through all versions. What it says stands in its revisions."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="all_items")
    key = models.CharField(max_length=255)  # its id towards users and SDKs, unique in the project
    source = models.CharField(max_length=10, choices=Source, default=Source.HUMAN)
    source_trace_id = models.TextField(blank=True)
    source_span_id = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="dataset_item_key_once")
        ]
        indexes = [models.Index(fields=["project", "source_trace_id"], name="item_of_trace")]

    def __str__(self) -> str:
        return self.key


class ItemRevision(models.Model):
    """What an item says from version `since` on, up to but not in version `until`.

    The items of version v are the revisions with since <= v and (until is None or until > v). A
    revision is never changed but for its end.
    """

    item = models.ForeignKey(DatasetItem, models.CASCADE, related_name="revisions")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="revisions")
    since = models.IntegerField()
    until = models.IntegerField(null=True)
    title = models.CharField(max_length=200, blank=True)  # shown in lists; '' is told from input
    input = models.JSONField(null=True)
    expected = models.JSONField(null=True)  # None: no expected output is known
    characteristics = models.JSONField(default=list)  # sentences that a good answer satisfies
    metadata = models.JSONField(null=True)
    slice = models.CharField(max_length=100, blank=True)  # edge, messy, adversarial, own; '': none
    split = models.CharField(max_length=8, choices=Split, default=Split.MAIN)
    # A draft (of a model) takes part in no run of a gate until a person has reviewed it.
    is_draft = models.BooleanField(default=False)
    is_archived = models.BooleanField(default=False)  # Langfuse's status ARCHIVED: kept, not run
    # Items that are not independent (questions on one document) share a cluster; '': its own.
    cluster = models.CharField(max_length=200, blank=True)
    content_hash = models.CharField(max_length=64)  # of input, for duplicates
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    author_label = models.CharField(max_length=320)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "since"], name="item_revision_once"),
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(until=None), name="item_revision_one_current"
            ),
        ]
        indexes = [
            models.Index(fields=["dataset", "since", "until"], name="item_revision_of_version"),
            models.Index(fields=["dataset", "content_hash"], name="item_revision_same_input"),
        ]

    def __str__(self) -> str:
        return f"{self.item} since {self.since}"


SLICES = ("edge", "messy", "adversarial")  # suggested; a project may name its own

__all__ = [
    "SLICES",
    "Dataset",
    "DatasetItem",
    "DatasetVersion",
    "ItemRevision",
    "Source",
    "Split",
]
