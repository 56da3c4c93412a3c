"""Items added, changed and removed: one call is one version of the dataset, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services.trail import Actor, record, responsible
from evals.models import Dataset, DatasetItem, DatasetVersion, ItemRevision, Source, Split
from evals.queries.datasets import held_out_for_actor
from evals.services.errors import BadItem, HeldOutItem, NeedsPerson, NoSuchItem, NothingToDo
from evals.services.item_changes import AddItem, Change, ChangeItem, PutItem, RemoveItem
from evals.services.item_fields import checked_fields
from evals.values.item_fields import FIELDS
from evals.values.json_values import content_hash, same_json
from evals.values.names import fault_of_key
from evals.values.schemas import fault_of_value

MOST_CHANGES = 20_000  # in one call
MOST_ITEMS = 100_000  # in one dataset
LONGEST_MESSAGE = 500
_AT_ONCE = 1_000
_KEYS_TOLD = 20  # in the audit trail

__all__ = [
    "MOST_CHANGES",
    "MOST_ITEMS",
    "AddItem",
    "Change",
    "ChangeItem",
    "PutItem",
    "RemoveItem",
    "change_items",
]


@dataclass
class _Case:
    """An item as the changes of a call leave it. `now` None: it is not in the next version."""

    key: str
    item: DatasetItem | None = None
    revision: ItemRevision | None = None  # that of the newest version
    now: dict[str, Any] | None = None
    at: int = 0  # the change that touched it last
    made: AddItem | None = None

    @property
    def before(self) -> dict[str, Any] | None:
        """What the item says in the newest version; None: it is not in it."""
        if self.revision is None:
            return None
        return {name: getattr(self.revision, name) for name in FIELDS}


@dataclass
class _Counts:
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@transaction.atomic
def change_items(
    dataset: Dataset, changes: Sequence[Change], *, actor: Actor, message: str = ""
) -> DatasetVersion:
    """Make every change in order, as one version of the dataset; with a fault none is made.

    Where nothing differs afterwards no version is made, and the newest is returned. Drafts are
    taken over by people alone; held-out items are changed by who may open them.

    Raises: BadItem (a value, key or schema says no, or there are too many), NoSuchItem,
    HeldOutItem, NeedsPerson, NothingToDo (nothing was to be changed and no version stands).
    """
    if len(changes) > MOST_CHANGES:
        raise BadItem(f"At most {MOST_CHANGES:,} changes are made at once.")
    dataset = (
        Dataset.objects.select_for_update(no_key=True, of=("self",))
        .select_related("project__organization")
        .get(pk=dataset.pk)
    )
    cases = _cases(dataset, changes)
    for at, change in enumerate(changes):
        _apply(dataset, cases, change, at, actor)
    touched = [case for case in cases.values() if _differs(case)]
    _refuse_closed(dataset, touched, actor)
    for case in touched:
        _refuse_misfit(dataset, case)
    if not touched:
        newest = dataset.versions.order_by("-number").first()
        if newest is None:
            raise NothingToDo(f"Nothing was to be changed in {dataset.name}.")
        return newest
    return _write(dataset, touched, actor, message)


def _cases(dataset: Dataset, changes: Sequence[Change]) -> dict[str, _Case]:
    """Of every key that is named: the item and what it says now."""
    keys = {change.key for change in changes if isinstance(change.key, str) and change.key}
    cases = {key: _Case(key) for key in keys}
    rows = DatasetItem.objects.filter(project_id=dataset.project_id, key__in=_askable(keys))
    for item in rows:
        cases[item.key].item = item
    for revision in ItemRevision.objects.filter(
        item__in=[c.item for c in cases.values() if c.item], until=None
    ).select_related("item"):
        case = cases[revision.item.key]
        case.revision = revision
        case.now = case.before
    return cases


def _askable(keys: set[str]) -> list[str]:
    return [key for key in keys if not fault_of_key(key)]


def _apply(
    dataset: Dataset, cases: dict[str, _Case], change: Change, at: int, actor: Actor
) -> None:
    key = change.key
    if not key and isinstance(change, AddItem):
        key = str(uuid4())
        cases[key] = _Case(key)
    if not isinstance(key, str):
        raise BadItem("it is text.", at=at, where="key")
    if fault := fault_of_key(key):
        raise BadItem(fault, at=at, where="key")
    case = cases[key]
    if case.item is not None and case.item.dataset_id != dataset.pk:
        raise BadItem(f"{key} is an item of another dataset of the project.", at=at, where="key")
    case.at = at
    if isinstance(change, AddItem) and case.now is None:
        case.now = {name: default() for name, default in FIELDS.items()}
        case.made = change
        if change.source == Source.SYNTHETIC:
            case.now["is_draft"] = True
    elif isinstance(change, AddItem) and not isinstance(change, PutItem):
        raise BadItem(f"the dataset has an item {key} already.", at=at, where="key")
    elif case.now is None:
        raise NoSuchItem(f"{dataset.name} has no item {key[:200]}.")
    if isinstance(change, RemoveItem):
        case.now = None
        return
    fields = checked_fields(change.fields, at)
    is_reviewed = case.now is not None and case.now["is_draft"] and fields.get("is_draft") is False
    if is_reviewed and isinstance(actor, ApiKey):
        raise NeedsPerson("A person takes over what a model drafted; a key cannot.")
    case.now = {**(case.now or {}), **fields}


def _differs(case: _Case) -> bool:
    before = case.before
    if before is None or case.now is None:
        return before is not case.now
    return any(not same_json(before[name], case.now[name]) for name in FIELDS)


def _refuse_closed(dataset: Dataset, touched: list[_Case], actor: Actor) -> None:
    """Raises: HeldOutItem where somebody changes what they may not open."""
    closed = [c for c in touched if c.revision is not None and c.revision.split == Split.HELD_OUT]
    if not closed:
        return
    held_out = held_out_for_actor(actor, dataset)
    if not held_out.may_open:
        raise HeldOutItem(f"{closed[0].key} is held out. {held_out.why}")


def _refuse_misfit(dataset: Dataset, case: _Case) -> None:
    """Raises: BadItem where input or expected does not satisfy the dataset's schema."""
    if case.now is None:
        return
    schemas = (("input", dataset.input_schema), ("expected", dataset.expected_schema))
    for name, schema in schemas:
        value = case.now[name]
        if schema is None or (name == "expected" and value is None):
            continue
        if fault := fault_of_value(value, schema):
            raise BadItem(fault, at=case.at, where=name)


def _write(dataset: Dataset, touched: list[_Case], actor: Actor, message: str) -> DatasetVersion:
    number = dataset.last_number + 1
    counts = _counted(touched)
    dataset.items += len(counts.added) - len(counts.removed)
    if dataset.items > MOST_ITEMS:
        raise BadItem(f"A dataset has at most {MOST_ITEMS:,} items.")
    now = timezone.now()
    ended = [case.revision.pk for case in touched if case.revision is not None]
    ItemRevision.objects.filter(pk__in=ended).update(until=number)
    _make_items(dataset, touched)
    author, label = responsible(actor), label_of(actor)
    ItemRevision.objects.bulk_create(
        [
            ItemRevision(
                item=case.item,
                dataset=dataset,
                since=number,
                content_hash=content_hash(case.now["input"]),
                author=author,
                author_label=label,
                created_at=now,
                **case.now,
            )
            for case in touched
            if case.now is not None
        ],
        batch_size=_AT_ONCE,
    )
    dataset.last_number, dataset.changed_at = number, now
    dataset.save(update_fields=["last_number", "items", "changed_at"])
    version = DatasetVersion.objects.create(
        dataset=dataset,
        number=number,
        message=message.replace("\0", "").encode("utf-8", "replace").decode()[:LONGEST_MESSAGE],
        added=len(counts.added),
        changed=len(counts.changed),
        removed=len(counts.removed),
        items=dataset.items,
        author=author,
        author_label=label,
        created_at=now,
    )
    record(
        "dataset.changed",
        actor=actor,
        project=dataset.project,
        subject=dataset,
        name=dataset.name,
        version=number,
        message=version.message,
        added=counts.added[:_KEYS_TOLD],
        changed=counts.changed[:_KEYS_TOLD],
        removed=counts.removed[:_KEYS_TOLD],
        counts=[len(counts.added), len(counts.changed), len(counts.removed)],
    )
    return version


def _counted(touched: list[_Case]) -> _Counts:
    counts = _Counts()
    for case in touched:
        if case.revision is None:
            counts.added.append(case.key)
        elif case.now is None:
            counts.removed.append(case.key)
        else:
            counts.changed.append(case.key)
    return counts


def _make_items(dataset: Dataset, touched: list[_Case]) -> None:
    """The rows of items that are new, in the order in which they were given."""
    new = [case for case in touched if case.item is None and case.now is not None]
    new.sort(key=lambda case: case.at)
    for case in new:
        made = case.made or AddItem({})
        case.item = DatasetItem(
            project_id=dataset.project_id,
            dataset=dataset,
            key=case.key,
            source=made.source,
            source_trace_id=made.source_trace_id,
            source_span_id=made.source_span_id,
        )
    try:
        with transaction.atomic():
            DatasetItem.objects.bulk_create([c.item for c in new if c.item], batch_size=_AT_ONCE)
    except IntegrityError:
        raise BadItem(
            "its id was given to an item of another dataset just now.", at=new[0].at, where="key"
        ) from None


def label_of(actor: Actor) -> str:
    """How the actor is called in history: a person's name, a key's, or the product."""
    if isinstance(actor, User):
        return actor.display_name
    return f"key {actor.name}" if isinstance(actor, ApiKey) else "Roadworthy"
