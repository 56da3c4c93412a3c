"""Traces that become items: one with what a person edits, or many as they were recorded."""

from __future__ import annotations

from collections.abc import Mapping as Named
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts.models import Project
from accounts.services.trail import Actor
from evals.models import Dataset, DatasetItem, DatasetVersion, Source, Split
from evals.queries.datasets import dataset_named
from evals.queries.trace_cases import Mapping, case_of_trace
from evals.services.errors import BadDataset
from evals.services.items import AddItem, change_items

LONGEST_SLICE = 100


def add_trace(
    dataset: Dataset,
    trace_id: str,
    fields: Named[str, Any],
    *,
    span_id: str = "",
    actor: Actor,
    message: str = "",
) -> DatasetVersion:
    """Add an item that a person made of a trace. Raises: BadItem."""
    change = AddItem(
        fields,
        source=Source.PRODUCTION,
        source_trace_id=trace_id[:200],
        source_span_id=span_id[:200],
    )
    return change_items(dataset, [change], actor=actor, message=message or "From a trace")


@transaction.atomic
def add_traces(
    project: Project, trace_ids: Sequence[str], options: Named[str, Any], *, actor: Actor
) -> int:
    """Add an item for each trace that has an input; how many there were.

    Passed over is what the dataset holds already, and what was not recorded, so that the same
    traces may come twice. `options` are those that `checked_options` gave. Raises: BadDataset.
    """
    dataset = dataset_named(project, str(options["dataset"]))
    if dataset is None or dataset.archived_at is not None:
        raise BadDataset(f"There is no dataset {options['dataset']} any more.", "dataset")
    held = DatasetItem.objects.filter(dataset=dataset, source_trace_id__in=list(trace_ids))
    known = set(held.filter(revisions__until=None).values_list("source_trace_id", flat=True))
    changes = []
    for trace_id in trace_ids:
        if trace_id in known:
            continue
        case = case_of_trace(project, trace_id, mapping=str(options["mapping"]))
        if case is None or case.input in (None, ""):
            continue
        changes.append(
            AddItem(
                {
                    "input": case.input,
                    "expected": case.output if options.get("with_output") else None,
                    "slice": options.get("slice", ""),
                    "split": options.get("split", Split.MAIN),
                    "is_draft": bool(options.get("is_draft")),
                },
                source=Source.PRODUCTION,
                source_trace_id=trace_id,
            )
        )
    if changes:
        change_items(dataset, changes, actor=actor, message=f"{len(changes)} from traces")
    return len(changes)


def checked_options(project: Project, given: Named[str, str]) -> dict[str, Any]:
    """What a job over many traces is to know, of a form. Raises: BadDataset, in words."""
    name = given.get("dataset", "").strip()
    dataset = dataset_named(project, name) if name and "\0" not in name else None
    if dataset is None or dataset.archived_at is not None:
        raise BadDataset("Choose a dataset.", "dataset")
    mapping, split = given.get("mapping", Mapping.BEST), given.get("split", Split.MAIN)
    if mapping not in Mapping.values or split not in Split.values:
        raise BadDataset("Choose what becomes the input, and the split.", "mapping")
    slice_ = given.get("slice", "").strip()
    if len(slice_) > LONGEST_SLICE or "\0" in slice_:
        raise BadDataset(f"A slice has at most {LONGEST_SLICE} characters.", "slice")
    return {
        "dataset": dataset.name,
        "mapping": mapping,
        "split": split,
        "slice": slice_,
        "with_output": given.get("with_output") == "1",
    }
