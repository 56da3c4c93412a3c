"""What differs between two versions of a dataset: items added, removed and changed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from evals.models import Dataset, ItemRevision
from evals.queries.dataset_items import with_closed
from evals.queries.datasets import revisions_at
from evals.values.item_fields import FIELDS
from evals.values.json_values import same_json

MOST_SHOWN = 200


@dataclass(frozen=True)
class ItemDiff:
    """One item in both versions. `before` None: it was added; `after` None: it was removed."""

    key: str
    before: ItemRevision | None
    after: ItemRevision | None
    fields: tuple[str, ...] = ()  # which differ, of a changed one

    @property
    def is_closed(self) -> bool:
        """True where either side is held out."""
        return any(getattr(side, "is_closed", False) for side in (self.before, self.after))


@dataclass(frozen=True)
class VersionDiff:
    """How two versions differ. `items` are the first so many, the counts are of all."""

    old: int
    new: int
    added: int
    removed: int
    changed: int
    items: list[ItemDiff]

    @property
    def is_cut(self) -> bool:
        """True where more differ than `items` holds."""
        return self.added + self.removed + self.changed > len(self.items)


def diff_of(dataset: Dataset, old: int, new: int, *, most: int = MOST_SHOWN) -> VersionDiff:
    """What differs from version `old` to version `new`, in the order of the items' making.

    Version 0 is the empty one before the first. An item that changed and changed back differs not.
    """
    low, high = min(old, new), max(old, new)
    touched = (
        ItemRevision.objects.filter(dataset=dataset)
        .filter(Q(since__gt=low, since__lte=high) | Q(until__gt=low, until__lte=high))
        .values("item")
    )
    sides = [
        {
            row.item_id: row
            for row in with_closed(revisions_at(dataset, number)).filter(item__in=touched)
        }
        for number in (old, new)
    ]
    added, removed, changed = 0, 0, 0
    items: list[ItemDiff] = []
    for pk in sorted(sides[0].keys() | sides[1].keys()):
        before, after = sides[0].get(pk), sides[1].get(pk)
        fields = _fields(before, after)
        if before is not None and after is not None and not fields:
            continue
        added += before is None
        removed += after is None
        changed += before is not None and after is not None
        one = after or before
        assert one is not None  # noqa: S101  (it stands on a side)
        if len(items) < most:
            items.append(ItemDiff(one.item.key, before, after, fields))
    return VersionDiff(old, new, added, removed, changed, items)


def _fields(before: ItemRevision | None, after: ItemRevision | None) -> tuple[str, ...]:
    if before is None or after is None or before.pk == after.pk:
        return ()
    return tuple(
        name for name in FIELDS if not same_json(getattr(before, name), getattr(after, name))
    )
