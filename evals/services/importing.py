"""Files imported into a dataset: kept for a preview, checked row by row, then all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from evals.importing.mapping import IGNORE, TARGETS, fields_of
from evals.importing.reading import BadFile, Table, format_of, read
from evals.models import Dataset, DatasetItem, DatasetUpload, DatasetVersion, ItemRevision, Source
from evals.services.errors import BadDataset, BadItem, NothingToDo
from evals.services.item_fields import checked_fields
from evals.services.items import AddItem, PutItem, change_items
from evals.values.json_values import content_hash
from evals.values.names import fault_of_key
from evals.values.schemas import fault_of_value

MOST_FAULTS = 50
MOST_UPLOADS = 5  # of one person at a time; the oldest go
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell: its row in the file, its column ('' where it is the row)."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class Wish:
    """How a file is taken."""

    mapping: Mapping[str, str]  # a target for each column
    reads_json: bool = True  # cells that hold JSON as text are read
    changes: bool = False  # items whose id is there are changed, rather than refused
    skips_same: bool = False  # rows whose input the dataset has already are left out


@dataclass
class Checked:
    """A file as it would be imported. With faults it is not."""

    items: list[AddItem] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)  # the row of each item
    faults: list[Fault] = field(default_factory=list)
    same: int = 0  # rows whose input is in the dataset already, or twice in the file
    skipped: int = 0

    @property
    def is_cut(self) -> bool:
        """True where there are more faults than are told."""
        return len(self.faults) >= MOST_FAULTS


@transaction.atomic
def keep_upload(dataset: Dataset, name: str, content: bytes, *, actor: User) -> DatasetUpload:
    """Keep a file until it is imported, for two hours at most. Raises: BadDataset."""
    try:
        kind = format_of(name, content)
        table = read(content, kind)
    except BadFile as bad:
        raise BadDataset(str(bad), "file") from None
    forget_uploads()
    mine = DatasetUpload.objects.filter(created_by=actor).order_by("-pk")
    old = list(mine.values_list("pk", flat=True)[MOST_UPLOADS - 1 :])
    DatasetUpload.objects.filter(pk__in=old).delete()
    return DatasetUpload.objects.create(
        dataset=dataset,
        name=name.replace("\0", "")[:255],
        format=kind,
        content=content,
        rows=len(table.rows),
        created_by=actor,
    )


def forget_uploads() -> int:
    """Files that nobody imported in time are gone; how many."""
    return DatasetUpload.objects.filter(expires_at__lte=timezone.now()).delete()[0]


def table_of(upload: DatasetUpload) -> Table:
    """The rows of a kept file."""
    return read(bytes(upload.content), upload.format)


def check_rows(dataset: Dataset, table: Table, wish: Wish) -> Checked:
    """What a file would become, and what is wrong with it, cell by cell."""
    checked = Checked()
    if unknown := set(wish.mapping.values()) - set(TARGETS):
        raise BadDataset(f"{', '.join(sorted(unknown))} is nothing that an item has.", "mapping")
    if "input" not in wish.mapping.values():
        checked.faults.append(Fault(table.numbers[0], "", "No column becomes the input."))
        return checked
    known_keys, known_inputs = _known(dataset, table, wish)
    seen_keys: dict[str, int] = {}
    for number, row in zip(table.numbers, table.rows, strict=True):
        fields = fields_of(row, wish.mapping, reads_json=wish.reads_json)
        key = fields.pop("key", "")
        _check(dataset, checked, wish, number, fields)
        text = _fault_of(key, number, seen_keys, known_keys, wish)
        if text:
            checked.faults.append(Fault(number, _column(wish, "key"), text))
        if checked.is_cut:
            checked.faults = checked.faults[:MOST_FAULTS]
            break
        if checked.faults:
            continue
        same = content_hash(fields["input"])
        if same in known_inputs and not (wish.changes and key in known_keys):
            checked.same += 1
            if wish.skips_same:
                checked.skipped += 1
                continue
        known_inputs.add(same)
        kind = PutItem if wish.changes and key else AddItem
        checked.items.append(kind(fields, key=key, source=Source.IMPORTED))
        checked.rows.append(number)
    return checked


def import_upload(upload: DatasetUpload, wish: Wish, *, actor: User) -> DatasetVersion:
    """Make every row of a kept file an item, as one version; with a fault none.

    Raises: BadDataset (there are faults; `check_rows` says which), BadItem, NothingToDo.
    """
    checked = check_rows(upload.dataset, table_of(upload), wish)
    if checked.faults:
        one = checked.faults[0]
        raise BadDataset(f"Row {one.row}: {one.text}", "file")
    if not checked.items:
        raise NothingToDo("There is nothing to import: the dataset has all of it already.")
    with transaction.atomic():
        try:
            version = change_items(
                upload.dataset, checked.items, actor=actor, message=f"Imported {upload.name}"
            )
        except BadItem as bad:
            row = checked.rows[bad.at] if bad.at < len(checked.rows) else 0
            raise BadDataset(f"Row {row}: {bad.text}", "file") from None
        DatasetUpload.objects.filter(pk=upload.pk).delete()
    return version


def _check(
    dataset: Dataset, checked: Checked, wish: Wish, number: int, fields: dict[str, Any]
) -> None:
    """Add what is wrong with the fields of a row."""
    if fields.get("input") in (None, ""):
        checked.faults.append(Fault(number, _column(wish, "input"), "There is no input."))
        return
    for name, value in fields.items():
        try:
            checked_fields({name: value})
        except BadItem as bad:
            checked.faults.append(Fault(number, _column(wish, name), bad.text))
            return
    for name, schema in (("input", dataset.input_schema), ("expected", dataset.expected_schema)):
        value = fields.get(name)
        if schema is not None and value is not None and (text := fault_of_value(value, schema)):
            checked.faults.append(Fault(number, _column(wish, name), text))


def _fault_of(
    key: Any, number: int, seen: dict[str, int], known: dict[str, int], wish: Wish
) -> str:
    """Why a row cannot have this id, or ''."""
    if key == "":
        return ""
    if not isinstance(key, str):
        return "An id is text."
    if fault := fault_of_key(key):
        return fault
    if key in seen:
        return f"Row {seen[key]} has the same id."
    seen[key] = number
    if key not in known:
        return ""
    if known[key] != 0:
        return "The id is that of an item of another dataset."
    return "" if wish.changes else "The dataset has an item of this id already."


def _known(dataset: Dataset, table: Table, wish: Wish) -> tuple[dict[str, int], set[str]]:
    """Ids of the project that the file names (0: of this dataset), and the inputs that stand."""
    column = _column(wish, "key")
    keys = [str(row[column]) for row in table.rows if column and row.get(column) is not None]
    known = {}
    askable = [key for key in keys if not fault_of_key(key)]
    for start in range(0, len(askable), _AT_ONCE):
        found = DatasetItem.objects.filter(
            project_id=dataset.project_id, key__in=askable[start : start + _AT_ONCE]
        )
        for key, owner in found.values_list("key", "dataset_id"):
            known[key] = 0 if owner == dataset.pk else owner
    current = ItemRevision.objects.filter(dataset=dataset, until=None)
    standing = set(current.values_list("item__key", flat=True)) if known else set()
    known = {key: owner for key, owner in known.items() if owner or key in standing}
    return known, set(current.values_list("content_hash", flat=True))


def _column(wish: Wish, target: str) -> str:
    """The column that became a field, '' for none."""
    return next((name for name, to in wish.mapping.items() if to == target != IGNORE), "")
