"""Runs, experiments and their items as Langfuse's API writes them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from evals.models import Dataset, Experiment, Result
from evals.values.langfuse_ids import dataset_id_text
from traces.langfuse.moments import iso_text
from traces.langfuse.score_shapes import score_document
from traces.models import Score


def run_document(run: Experiment, dataset: Dataset) -> dict[str, Any]:
    """A run of a dataset."""
    changed = run.finished_at or run.created_at
    return {
        "id": run.external_id,
        "name": run.name,
        "description": run.description or None,
        "metadata": run.metadata,
        "datasetId": dataset_id_text(dataset.pk),
        "datasetName": dataset.name,
        "createdAt": iso_text(run.created_at),
        "updatedAt": iso_text(max(changed, run.created_at)),
    }


def run_item_document(result: Result, run: Experiment) -> dict[str, Any]:
    """An item of a run."""
    at = iso_text(result.finished_at or run.created_at)
    return {
        "id": f"{run.external_id}-{result.pk}",
        "datasetRunId": run.external_id,
        "datasetRunName": run.name,
        "datasetItemId": result.item_key,
        "traceId": result.trace_id,
        "observationId": result.span_id or None,
        "createdAt": at,
        "updatedAt": at,
    }


def experiment_document(
    run: Experiment, scores: Sequence[Score], groups: Collection[str]
) -> dict[str, Any]:
    """An experiment; `groups` are the parts that were asked for."""
    told: dict[str, Any] = {
        "id": run.external_id,
        "name": run.name,
        "description": run.description or None,
        "startTime": iso_text(run.started_at or run.created_at),
        "endTime": iso_text(run.finished_at or run.started_at or run.created_at),
        "itemCount": run.total,
        "datasetId": dataset_id_text(run.dataset_id) if run.dataset_id else None,
    }
    if "metadata" in groups:
        told["metadata"] = run.metadata if isinstance(run.metadata, dict) else {}
    if "scores" in groups:
        told["scores"] = [score_document(one, run.project_id) for one in scores]
    return told


def experiment_item_document(
    result: Result, run: Experiment, groups: Collection[str], *, is_open: bool
) -> dict[str, Any]:
    """One output of an experiment; content only where `is_open`."""
    at = result.started_at or result.finished_at or run.created_at
    told: dict[str, Any] = {
        "id": result.span_id or result.trace_id,
        "traceId": result.trace_id,
        "startTime": iso_text(at),
        "endTime": iso_text(result.finished_at) if result.finished_at else None,
        "level": "ERROR" if result.state == Result.State.FAILED else "DEFAULT",
        "environment": "sdk-experiment",
        "experimentId": run.external_id,
        "experimentName": run.name,
        "experimentItemId": result.item_key,
    }
    item = result.revision
    if "dataset" in groups:
        told["experimentDatasetId"] = dataset_id_text(run.dataset_id) if run.dataset_id else None
    if "io" in groups and is_open:
        told["input"] = result.input if item is None else item.input
        told["output"] = result.output
        told["expectedOutput"] = result.expected if item is None else item.expected
    if "itemMetadata" in groups and is_open:
        said = result.metadata if item is None else item.metadata
        told["experimentItemMetadata"] = said if isinstance(said, dict) else None
    if "experimentMetadata" in groups:
        told["experimentMetadata"] = run.metadata if isinstance(run.metadata, dict) else None
        told["experimentDescription"] = run.description or None
    return told
