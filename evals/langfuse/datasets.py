"""Datasets and their items for Langfuse's SDKs: what is held out or drafted is not given away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet

from accounts.models import ApiKey, Project
from evals.langfuse.bodies import NewDataset, NewItem, body_of
from evals.langfuse.shapes import dataset_document, item_document
from evals.models import Dataset, DatasetVersion, ItemRevision
from evals.queries.dataset_items import with_closed, without_closed
from evals.queries.dataset_list import datasets_matching
from evals.queries.datasets import dataset_named, revisions_at
from evals.services.datasets import create_dataset, describe_dataset, restore_dataset
from evals.services.errors import BadDataset, BadItem, NoSuchItem
from evals.services.items import RemoveItem, change_items
from traces.langfuse.envelope import ApiError, Call
from traces.langfuse.parameters import Parameters


def put_dataset(call: Call) -> dict[str, Any]:
    """Make the dataset, or change what is said about the one of the name."""
    asked = body_of(call, NewDataset)
    project, actor = _project(call), actor_of(call)
    with refused_as_here():
        found = dataset_named(project, asked.name) if "\0" not in asked.name else None
        if found is None:
            made = create_dataset(project, asked.name, actor=actor, **asked.fields())
            return dataset_document(made)
        if found.archived_at is not None:
            found = restore_dataset(found, actor=actor)
        return dataset_document(describe_dataset(found, actor=actor, **asked.fields()))


def datasets(call: Call) -> dict[str, Any]:
    """A page of datasets by name."""
    page = Parameters(call.request.GET).page()
    found = datasets_matching(_project(call))
    rows = found[page.first : page.first + page.limit]
    return page.of([dataset_document(row) for row in rows], found.count())


def dataset(call: Call, name: str) -> dict[str, Any]:
    """One dataset. Raises: ApiError 404."""
    return dataset_document(dataset_of(call, name))


def dataset_v1(call: Call, name: str) -> dict[str, Any]:
    """One dataset before v2: with all its items, and the names of its runs."""
    found = dataset_of(call, name)
    rows = open_items(found, found.last_number)
    names = found.experiments.order_by("-created_at").values_list("name", flat=True)
    return {
        **dataset_document(found),
        "items": [item_document(row, found) for row in rows],
        "runs": list(dict.fromkeys(names[:1000])),
    }


def put_item(call: Call) -> dict[str, Any]:
    """Add an item, or change the one of the id."""
    asked = body_of(call, NewItem)
    found = dataset_of(call, asked.dataset_name)
    key = asked.id or str(uuid4())
    with refused_as_here():
        version = change_items(found, [asked.change(key)], actor=actor_of(call))
    row = revisions_at(found, version.number).get(item__key=key)
    return item_document(row, found)


def items(call: Call) -> dict[str, Any]:
    """A page of the items of a dataset, as they are or as they were at `version`, a time."""
    parameters = Parameters(call.request.GET)
    page = parameters.page()
    name = parameters.text("datasetName")
    if not name:
        raise ApiError(400, "datasetName: Say which dataset.")
    found = dataset_of(call, name)
    at = parameters.time("version")
    number = found.last_number if at is None else _number_at(found, at)
    rows = open_items(found, number)
    if trace_id := parameters.text("sourceTraceId"):
        rows = rows.filter(item__source_trace_id=trace_id)
    if span_id := parameters.text("sourceObservationId"):
        rows = rows.filter(item__source_span_id=span_id)
    data = [item_document(row, found) for row in rows[page.first : page.first + page.limit]]
    return page.of(data, rows.count())


def item(call: Call, key: str) -> dict[str, Any]:
    """One item as it is, also one that is archived. Raises: ApiError 404."""
    row = _row(call, key)
    return item_document(row, row.dataset)


def delete_item(call: Call, key: str) -> dict[str, Any]:
    """Leave the item out of the next version. Raises: ApiError 404."""
    row = _row(call, key)
    with refused_as_here():
        change_items(row.dataset, [RemoveItem(key)], actor=actor_of(call))
    return {"message": "Dataset item successfully deleted"}


def open_items(dataset: Dataset, number: int) -> QuerySet[ItemRevision]:
    """What a client may run on: no held-out items, no drafts, none that are archived."""
    found = without_closed(revisions_at(dataset, number))
    return found.filter(is_draft=False, is_archived=False)


def dataset_of(call: Call, name: str) -> Dataset:
    """The dataset of the name. Raises: ApiError 404."""
    found = dataset_named(_project(call), name) if "\0" not in name else None
    if found is None or found.archived_at is not None:
        raise ApiError(404, f"Dataset not found: '{name[:200]}'")
    return found


def actor_of(call: Call) -> ApiKey:
    """The key that acts."""
    return ApiKey.objects.get(pk=call.bearer.key_id)


@contextmanager
def refused_as_here() -> Iterator[None]:
    """Turn what the services refuse into what SDKs neither repeat nor take for a success."""
    try:
        yield
    except (BadDataset, BadItem) as bad:
        raise ApiError(400, str(bad)) from None
    except NoSuchItem as missing:
        raise ApiError(404, str(missing)) from None


def _row(call: Call, key: str) -> ItemRevision:
    """What an item says now. One that is held out is not there for a key. Raises: ApiError 404."""
    found = with_closed(
        ItemRevision.objects.filter(item__project_id=call.project_id, item__key=key, until=None)
    )
    row = found.select_related("item", "dataset__project__organization").first()
    if row is None or getattr(row, "is_closed", True):
        raise ApiError(404, f"Dataset item not found: '{key[:200]}'")
    return row


def _number_at(dataset: Dataset, at: datetime) -> int:
    """The version that was the newest at that time; 0 before the first."""
    found = DatasetVersion.objects.filter(dataset=dataset, created_at__lte=at)
    return found.order_by("-number").values_list("number", flat=True).first() or 0


def _project(call: Call) -> Project:
    return Project.objects.select_related("organization").get(pk=call.project_id)
