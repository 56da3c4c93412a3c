"""Datasets: made, described, archived. What their items say changes by `change_items`."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Project, User
from accounts.services.trail import Actor, person, record, responsible
from evals.models import Dataset, Gate
from evals.queries.datasets import revisions_at
from evals.services.errors import BadDataset, InUse, NothingToDo
from evals.services.items import AddItem, ChangeItem, PutItem, RemoveItem, change_items
from evals.values.json_values import fault_of_json, same_json
from evals.values.names import fault_of_name
from evals.values.schemas import fault_of_schema, fault_of_value

LONGEST_DESCRIPTION = 20_000
MOST_FAULTS = 3  # told when a schema does not fit the items that stand

__all__ = [
    "AddItem",
    "ChangeItem",
    "PutItem",
    "RemoveItem",
    "archive_dataset",
    "change_items",
    "create_dataset",
    "describe_dataset",
    "restore_dataset",
]


@transaction.atomic
def create_dataset(
    project: Project,
    name: str,
    *,
    actor: Actor,
    description: str = "",
    metadata: Any = None,
    input_schema: Any = None,
    expected_schema: Any = None,
    owner: User | None = None,
) -> Dataset:
    """Make an empty dataset; its first items make version 1. Whoever makes it owns it.

    Raises: BadDataset (its name, schema or metadata, or the name is taken).
    """
    if fault := fault_of_name(name):
        raise BadDataset(fault)
    dataset = Dataset(
        project=project,
        name=name,
        description=_clean(description),
        metadata=metadata,
        input_schema=input_schema,
        expected_schema=expected_schema,
        owner=owner or person(actor),
        created_by=responsible(actor),
    )
    _refuse_faults(dataset)
    made = Dataset.objects.bulk_create([dataset], ignore_conflicts=True)
    stored = Dataset.objects.select_for_update(no_key=True).get(project=project, name=name)
    if not made or stored.created_at != dataset.created_at:
        again = " It is archived, and can be restored." if stored.archived_at else ""
        raise BadDataset(f"There is a dataset called {name} already.{again}")
    record("dataset.created", actor=actor, project=project, subject=stored, name=name)
    return stored


@transaction.atomic
def describe_dataset(dataset: Dataset, *, actor: Actor, **fields: Any) -> Dataset:
    """Change what is said about a dataset, and which JSON its items hold.

    `fields` are any of description, metadata, input_schema, expected_schema, owner; those that are
    not given stay. A schema must fit the items of the newest version.
    Raises: BadDataset, TypeError (a field of another name).
    """
    known = {"description", "metadata", "input_schema", "expected_schema", "owner"}
    if unknown := set(fields) - known:
        raise TypeError(f"No such field of a dataset: {', '.join(sorted(unknown))}.")
    dataset = lock(dataset)
    before = {name: getattr(dataset, name) for name in fields}
    if "description" in fields:
        fields["description"] = _clean(fields["description"] or "")
    for name, value in fields.items():
        setattr(dataset, name, value)
    changed = [name for name in fields if not _same(before[name], fields[name])]
    if not changed:
        return dataset
    _refuse_faults(dataset)
    _refuse_misfits(dataset, changed)
    dataset.changed_at = timezone.now()
    dataset.save(update_fields=[*changed, "changed_at"])
    record(
        "dataset.described",
        actor=actor,
        project=dataset.project,
        subject=dataset,
        name=dataset.name,
        before={name: _told(before[name]) for name in changed},
        after={name: _told(fields[name]) for name in changed},
    )
    return dataset


@transaction.atomic
def archive_dataset(dataset: Dataset, *, actor: Actor) -> Dataset:
    """Take it out of lists; experiments keep what they ran on. Raises: InUse, NothingToDo."""
    dataset = lock(dataset)
    if dataset.archived_at is not None:
        raise NothingToDo(f"{dataset.name} is archived already.")
    users = Gate.objects.filter(dataset=dataset, is_enabled=True).select_related("prompt")
    if named := ", ".join(f"{gate.prompt.name} in {gate.environment}" for gate in users):
        raise InUse(f"{dataset.name} is in use: the gate of {named} judges by it.")
    return _archive(dataset, actor, "dataset.archived", is_archived=True)


@transaction.atomic
def restore_dataset(dataset: Dataset, *, actor: Actor) -> Dataset:
    """Bring an archived one back. Raises: NothingToDo."""
    dataset = lock(dataset)
    if dataset.archived_at is None:
        raise NothingToDo(f"{dataset.name} is not archived.")
    return _archive(dataset, actor, "dataset.restored", is_archived=False)


def lock(dataset: Dataset) -> Dataset:
    """The dataset, alone for the rest of the transaction. Raises: Dataset.DoesNotExist."""
    return (
        Dataset.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project__organization", "owner")
        .get(pk=dataset.pk)
    )


def _archive(dataset: Dataset, actor: Actor, action: str, *, is_archived: bool) -> Dataset:
    dataset.archived_at = timezone.now() if is_archived else None
    dataset.changed_at = timezone.now()
    dataset.save(update_fields=["archived_at", "changed_at"])
    record(action, actor=actor, project=dataset.project, subject=dataset, name=dataset.name)
    return dataset


def _refuse_faults(dataset: Dataset) -> None:
    if fault := fault_of_json(dataset.metadata, longest=100_000):
        raise BadDataset(f"The metadata cannot be kept: {fault}.", "metadata")
    for field in ("input_schema", "expected_schema"):
        schema = getattr(dataset, field)
        if schema is None:
            continue
        if fault := fault_of_json(schema, longest=100_000) or fault_of_schema(schema):
            raise BadDataset(f"The schema cannot be used. {fault}", field)


def _refuse_misfits(dataset: Dataset, changed: list[str]) -> None:
    """Raises: BadDataset, naming items that a new schema does not fit."""
    for field, of_item in (("input_schema", "input"), ("expected_schema", "expected")):
        schema = getattr(dataset, field)
        if field not in changed or schema is None:
            continue
        faults = []
        for revision in revisions_at(dataset, dataset.last_number).iterator():
            value = getattr(revision, of_item)
            if of_item == "expected" and value is None:
                continue
            if fault := fault_of_value(value, schema):
                told = "held out" if revision.split == "held_out" else fault
                faults.append(f"{revision.item.key} ({told})")
                if len(faults) == MOST_FAULTS:
                    break
        if faults:
            raise BadDataset(f"Items do not satisfy the schema: {'; '.join(faults)}.", field)


def _clean(text: str) -> str:
    kept = text.replace("\0", "").encode("utf-8", "replace").decode()
    return kept[:LONGEST_DESCRIPTION].strip()


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, User) or isinstance(other, User):
        return bool(one == other)
    return same_json(one, other)


def _told(value: Any) -> Any:
    return str(value) if isinstance(value, User) else value
