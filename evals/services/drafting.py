"""Drafts of items by a model: asked for, marked, and taken over by a person or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.services.trail import record
from evals.calling import Ceiling, ceiling_of
from evals.models import Dataset, DatasetVersion, Source, Split
from evals.queries.dataset_items import drafts_at
from evals.queries.datasets import items_of, revisions_at
from evals.services.errors import BadDataset, BadItem, NothingToDo
from evals.services.item_fields import checked_fields
from evals.services.items import AddItem, ChangeItem, RemoveItem, change_items
from evals.values.drafts import MOST_DRAFTS, MOST_SEEDS, NoDrafts, items_in, request_for
from evals.values.json_values import content_hash, without_odd_letters
from evals.values.schemas import fault_of_value
from gateway import client
from gateway.client.errors import BadRequest
from gateway.models import Provider
from gateway.queries import connection_to, traced_as
from pricing.pricer import PRICER


@dataclass(frozen=True)
class DraftWish:
    """What is asked of which model. Without `seeds` it is shown the first items of the slice."""

    provider: Provider
    model: str
    number: int
    slice: str = ""
    wishes: str = ""
    seeds: Sequence[str] = ()  # keys of items; never a held-out one


@dataclass(frozen=True)
class Drafted:
    """What came: the version that holds the drafts, and what the call cost (None: unpriced)."""

    version: DatasetVersion
    made: int
    dropped: int  # that could not be kept, or stand there already
    cost_nano: int | None
    trace_id: str


def ceiling_of_drafts(dataset: Dataset, wish: DraftWish) -> Ceiling:
    """The most that it may cost, before it is asked. Raises: BadDataset."""
    prices = PRICER.table(dataset.project_id)
    return ceiling_of(_request(dataset, wish), traced_as(wish.provider), prices)


def draft_items(dataset: Dataset, wish: DraftWish, *, actor: User) -> Drafted:
    """Ask the model, and add what it wrote as drafts, in one version.

    The call is a trace of the platform's own. A provider that takes no schema is asked again
    without one. Raises: BadDataset (the wish, or an answer without items), CallFailed.
    """
    request = _request(dataset, wish)
    about = client.About(
        project_id=dataset.project_id,
        name="draft items",
        user_id=str(actor.pk),
        metadata={"dataset": dataset.name, "slice": wish.slice},
    )
    connection = connection_to(wish.provider)
    try:
        called = client.chat(connection, request, about)
    except BadRequest:
        plain = client.ChatRequest(request.model, request.messages, parameters=request.parameters)
        called = client.chat(connection, plain, about)
    try:
        found = items_in(called.given.text)
    except NoDrafts as none:
        raise BadDataset(str(none), "model") from None
    changes, dropped = _kept(dataset, found[: wish.number], wish.slice)
    record(
        "dataset.drafted",
        actor=actor,
        project=dataset.project,
        subject=dataset,
        name=dataset.name,
        model=wish.model,
        drafts=len(changes),
        trace_id=called.trace_id,
        cost_nano=called.cost_nano,
    )
    if not changes:
        raise BadDataset(f"None of the {dropped} drafts could be kept.", "model")
    message = f"{len(changes)} drafted by {wish.model}"
    version = change_items(dataset, changes, actor=actor, message=message)
    return Drafted(version, len(changes), dropped, called.cost_nano, called.trace_id)


def approve_drafts(dataset: Dataset, keys: Sequence[str], *, actor: User) -> DatasetVersion:
    """Take drafts over as they are, as one version. Raises: NothingToDo (none of them is one)."""
    drafted = _drafted(dataset, keys)
    changes = [ChangeItem(key, {"is_draft": False}) for key in drafted]
    return change_items(dataset, changes, actor=actor, message=_said("approved", drafted))


def reject_drafts(dataset: Dataset, keys: Sequence[str], *, actor: User) -> DatasetVersion:
    """Leave drafts out of the next version. Raises: NothingToDo (none of them is one)."""
    drafted = _drafted(dataset, keys)
    changes = [RemoveItem(key) for key in drafted]
    return change_items(dataset, changes, actor=actor, message=_said("rejected", drafted))


def _said(what: str, keys: Sequence[str]) -> str:
    return f"{len(keys)} draft{'s' * (len(keys) != 1)} {what}"


def _drafted(dataset: Dataset, keys: Sequence[str]) -> list[str]:
    found = drafts_at(dataset, dataset.last_number).filter(item__key__in=list(keys))
    drafted = list(found.values_list("item__key", flat=True))
    if not drafted:
        raise NothingToDo("That is no draft any more.")
    return drafted


def _request(dataset: Dataset, wish: DraftWish) -> client.ChatRequest:
    if not 1 <= wish.number <= MOST_DRAFTS:
        raise BadDataset(f"From 1 to {MOST_DRAFTS} drafts are made at once.", "number")
    return request_for(
        wish.model,
        wish.number,
        _seeds(dataset, wish),
        about=dataset.description,
        slice_name=wish.slice,
        wishes=wish.wishes,
        input_schema=dataset.input_schema if isinstance(dataset.input_schema, dict) else None,
    )


def _seeds(dataset: Dataset, wish: DraftWish) -> list[dict[str, Any]]:
    """Items that the model varies: those named, else of the slice, else the first; all open."""
    found = items_of(dataset, dataset.last_number, splits=[Split.MAIN])
    if wish.seeds:
        chosen = list(found.filter(item__key__in=list(wish.seeds))[:MOST_SEEDS])
        if len(chosen) < len(set(wish.seeds)):
            raise BadDataset("An item to begin with is not there, or is no open one.", "seeds")
    else:
        chosen = list(found.filter(slice=wish.slice)[:MOST_SEEDS]) if wish.slice else []
        chosen = chosen or list(found[:MOST_SEEDS])
    return [{"input": row.input, "expected": row.expected} for row in chosen]


def _kept(
    dataset: Dataset, found: Sequence[Mapping[str, Any]], slice_name: str
) -> tuple[list[AddItem], int]:
    """The drafts that can be kept, and how many cannot or say what an item says already."""
    standing = revisions_at(dataset, dataset.last_number)
    known = set(standing.values_list("content_hash", flat=True))
    changes, dropped = [], 0
    for one in found:
        fields = {
            "input": without_odd_letters(one["input"]),
            "expected": without_odd_letters(one.get("expected")) or None,
            "title": str(without_odd_letters(one.get("title") or ""))[:200],
            "slice": slice_name,
            "is_draft": True,
        }
        try:
            checked_fields(fields)
        except BadItem:
            dropped += 1
            continue
        same = content_hash(fields["input"])
        if same in known or _misfits(dataset, fields):
            dropped += 1
            continue
        known.add(same)
        changes.append(AddItem(fields, source=Source.SYNTHETIC))
    return changes, dropped


def _misfits(dataset: Dataset, fields: Mapping[str, Any]) -> bool:
    pairs = (("input", dataset.input_schema), ("expected", dataset.expected_schema))
    return any(
        schema is not None and fields[name] is not None and fault_of_value(fields[name], schema)
        for name, schema in pairs
    )
