"""Datasets, items, versions and their differences as the REST API gives them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from evals.models import Dataset, DatasetVersion, ItemRevision, Source, Split
from evals.queries.dataset_diffs import VersionDiff
from evals.queries.dataset_items import HELD_OUT
from evals.queries.dataset_list import ListedDataset
from evals.values.item_fields import CONTENT
from prompts.rest.documents import Document


class DatasetDocument(Document):
    """A dataset."""

    name = serializers.CharField()
    description = serializers.CharField()
    metadata = serializers.JSONField(allow_null=True)
    input_schema = serializers.JSONField(allow_null=True)
    expected_schema = serializers.JSONField(allow_null=True)
    owner = serializers.CharField(allow_null=True, help_text="E-mail address.")
    version = serializers.IntegerField(help_text="The newest; 0: it has no item yet.")
    items = serializers.IntegerField()
    sources = serializers.DictField(child=serializers.IntegerField())
    held_out = serializers.IntegerField()
    drafts = serializers.IntegerField()
    gates = serializers.ListField(child=serializers.DictField())
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)


class DatasetPageDocument(Document):
    """A page of datasets."""

    data_ = DatasetDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class ItemDocument(Document):
    """What an item says. Of a held-out one that the reader may not open the content is null."""

    id = serializers.CharField()
    title = serializers.CharField(allow_null=True)
    input = serializers.JSONField(allow_null=True)
    expected = serializers.JSONField(allow_null=True)
    characteristics = serializers.ListField(child=serializers.CharField(), allow_null=True)
    metadata = serializers.JSONField(allow_null=True)
    slice = serializers.CharField()
    split = serializers.ChoiceField(choices=Split.choices)
    closed = serializers.CharField(allow_null=True, help_text="Why the content is not shown.")
    draft = serializers.BooleanField()
    archived = serializers.BooleanField()
    cluster = serializers.CharField()
    source_ = serializers.ChoiceField(choices=Source.choices)
    source_trace_id = serializers.CharField(allow_null=True)
    source_span_id = serializers.CharField(allow_null=True)
    since = serializers.IntegerField(help_text="The version since which it says this.")
    author = serializers.CharField()
    changed_at = serializers.DateTimeField()


class ItemPageDocument(Document):
    """A page of a version's items."""

    version = serializers.IntegerField()
    data_ = ItemDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class DatasetVersionDocument(Document):
    """One change of a dataset."""

    dataset = serializers.CharField()
    version = serializers.IntegerField()
    message = serializers.CharField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    removed = serializers.IntegerField()
    items = serializers.IntegerField(help_text="Afterwards.")
    author = serializers.CharField()
    created_at = serializers.DateTimeField()


class DatasetVersionPageDocument(Document):
    """A page of versions, the newest first."""

    data_ = DatasetVersionDocument(many=True)
    next_cursor = serializers.CharField(allow_null=True)


class ItemDiffDocument(Document):
    """One item that differs."""

    id = serializers.CharField()
    change = serializers.ChoiceField(choices=["added", "removed", "changed"])
    fields_ = serializers.ListField(child=serializers.CharField())
    before = ItemDocument(allow_null=True)
    after = ItemDocument(allow_null=True)


class DatasetDiffDocument(Document):
    """What differs between two versions."""

    old = serializers.IntegerField()
    new = serializers.IntegerField()
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    changed = serializers.IntegerField()
    items = ItemDiffDocument(many=True)
    cut = serializers.BooleanField(help_text="true: more differ than `items` holds.")


def dataset_document(listed: ListedDataset) -> dict[str, Any]:
    """A dataset with its figures."""
    dataset = listed.dataset
    return {
        "name": dataset.name,
        "description": dataset.description,
        "metadata": dataset.metadata,
        "input_schema": dataset.input_schema,
        "expected_schema": dataset.expected_schema,
        "owner": dataset.owner.email if dataset.owner else None,
        "version": dataset.last_number,
        "items": dataset.items,
        "sources": listed.sources,
        "held_out": listed.held_out,
        "drafts": listed.drafts,
        "gates": [
            {
                "prompt": gate.prompt.name,
                "environment": gate.environment,
                "version": gate.dataset_version,
            }
            for gate in listed.gates
        ],
        "created_at": dataset.created_at,
        "changed_at": dataset.changed_at,
        "archived_at": dataset.archived_at,
    }


def item_document(revision: ItemRevision, *, may_open: bool) -> dict[str, Any]:
    """What an item says; `revision` has `is_closed`."""
    is_closed = not may_open and getattr(revision, "is_closed", True)
    item = revision.item
    content = {name: None if is_closed else getattr(revision, name) for name in CONTENT}
    return {
        "id": item.key,
        **content,
        "slice": revision.slice,
        "split": revision.split,
        "closed": HELD_OUT if is_closed else None,
        "draft": revision.is_draft,
        "archived": revision.is_archived,
        "cluster": revision.cluster,
        "source": item.source,
        "source_trace_id": None if is_closed else item.source_trace_id or None,
        "source_span_id": None if is_closed else item.source_span_id or None,
        "since": revision.since,
        "author": revision.author_label,
        "changed_at": revision.created_at,
    }


def version_document(version: DatasetVersion, dataset: Dataset) -> dict[str, Any]:
    """One change of a dataset."""
    return {
        "dataset": dataset.name,
        "version": version.number,
        "message": version.message,
        "added": version.added,
        "changed": version.changed,
        "removed": version.removed,
        "items": version.items,
        "author": version.author_label,
        "created_at": version.created_at,
    }


def diff_document(found: VersionDiff, *, may_open: bool) -> dict[str, Any]:
    """What differs; of what is held out only that it does."""
    items = []
    for one in found.items:
        sides = {"before": one.before, "after": one.after}
        may = may_open or not one.is_closed
        told = {
            name: None if side is None else {
                **item_document(side, may_open=may),
                **({} if may else {"closed": HELD_OUT, **dict.fromkeys(CONTENT)}),
            }
            for name, side in sides.items()
        }  # fmt: skip
        change = "added" if one.before is None else "removed" if one.after is None else "changed"
        items.append({"id": one.key, "change": change, "fields": list(one.fields), **told})
    return {
        "old": found.old,
        "new": found.new,
        "added": found.added,
        "removed": found.removed,
        "changed": found.changed,
        "items": items,
        "cut": found.is_cut,
    }
