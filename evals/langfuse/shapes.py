"""Datasets and items as Langfuse's API writes them."""

from __future__ import annotations

from typing import Any

from evals.models import Dataset, ItemRevision
from evals.values.langfuse_ids import dataset_id_text
from traces.langfuse.moments import iso_text
from traces.langfuse.projects import project_id_text


def dataset_document(dataset: Dataset) -> dict[str, Any]:
    """A dataset."""
    return {
        "id": dataset_id_text(dataset.pk),
        "name": dataset.name,
        "description": dataset.description or None,
        "metadata": dataset.metadata,
        "inputSchema": dataset.input_schema,
        "expectedOutputSchema": dataset.expected_schema,
        "projectId": project_id_text(dataset.project_id),
        "createdAt": iso_text(dataset.created_at),
        "updatedAt": iso_text(dataset.changed_at),
    }


def item_document(revision: ItemRevision, dataset: Dataset) -> dict[str, Any]:
    """What an item says; SDK 5 takes none without its media, of which there are none here."""
    item = revision.item
    return {
        "id": item.key,
        "status": "ARCHIVED" if revision.is_archived else "ACTIVE",
        "input": revision.input,
        "expectedOutput": revision.expected,
        "metadata": revision.metadata,
        "sourceTraceId": item.source_trace_id or None,
        "sourceObservationId": item.source_span_id or None,
        "datasetId": dataset_id_text(dataset.pk),
        "datasetName": dataset.name,
        "createdAt": iso_text(item.created_at),
        "updatedAt": iso_text(revision.created_at),
        "mediaReferences": [],
    }
