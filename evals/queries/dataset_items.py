"""The items of a version in lists and alone; of what somebody may not open nothing is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

from evals.models import Dataset, ItemRevision, Split
from evals.queries.datasets import revisions_at
from evals.values.duplicates import Near, near_duplicates, nearest, text_of
from evals.values.json_values import content_hash

HELD_OUT = "Held out"  # stands where the content would
MOST_COMPARED = 20_000  # items whose inputs are compared for duplicates


@dataclass(frozen=True)
class ItemFilter:
    """What a list of items is narrowed by; '' and None narrow nothing."""

    search: str = ""  # a part of the id, title, input or expected output, in any case
    slice: str | None = None  # '' is the items without one
    split: str = ""
    source: str = ""
    is_draft: bool | None = None


@dataclass(frozen=True)
class SliceCount:
    """A slice of a version: how many items it has, and how many of them are held out."""

    name: str  # '': items without a slice
    items: int
    held_out: int
    drafts: int


@dataclass(frozen=True)
class Duplicate:
    """Two items whose inputs are the same or nearly so."""

    first: ItemRevision
    second: ItemRevision
    similarity: float  # 1.0 and is_exact: the same JSON
    is_exact: bool


def with_closed(found: QuerySet[ItemRevision]) -> QuerySet[ItemRevision]:
    """Each revision with `is_closed`: it is held out, or its item is so in the newest version.

    What was open once and is held out now is closed in old versions too.
    """
    now = ItemRevision.objects.filter(item=OuterRef("item"), until=None, split=Split.HELD_OUT)
    return found.annotate(
        is_closed=Case(
            When(Q(split=Split.HELD_OUT) | Exists(now), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        )
    )


def items_matching(
    dataset: Dataset, version: int, wanted: ItemFilter, *, may_open: bool
) -> QuerySet[ItemRevision]:
    """The items of a version that `wanted` names, oldest first, each with `is_closed`.

    A search finds held-out items by their content only for who may open them.
    """
    found = with_closed(revisions_at(dataset, version))
    if wanted.slice is not None:
        found = found.filter(slice=wanted.slice)
    if wanted.split:
        found = found.filter(split=wanted.split)
    if wanted.source:
        found = found.filter(item__source=wanted.source)
    if wanted.is_draft is not None:
        found = found.filter(is_draft=wanted.is_draft)
    if wanted.search:
        found = found.annotate(
            said=Cast("input", TextField()), wanted_answer=Cast("expected", TextField())
        )
        holds = (
            Q(title__icontains=wanted.search)
            | Q(said__icontains=wanted.search)
            | Q(wanted_answer__icontains=wanted.search)
        )
        if not may_open:
            holds &= Q(is_closed=False)
        found = found.filter(Q(item__key__icontains=wanted.search) | holds)
    return found


def item_at(dataset: Dataset, version: int, key: str) -> ItemRevision | None:
    """What an item says in a version, with `is_closed`; None where it is not in it."""
    if "\0" in key:
        return None
    return with_closed(revisions_at(dataset, version)).filter(item__key=key).first()


def history_of(revision: ItemRevision) -> QuerySet[ItemRevision]:
    """Every revision of the same item, the newest first, each with `is_closed`."""
    found = ItemRevision.objects.filter(item_id=revision.item_id).select_related("item", "author")
    return with_closed(found).order_by("-since")


def slices_at(dataset: Dataset, version: int) -> list[SliceCount]:
    """How the items of a version are spread over slices, by name; those without one last."""
    rows = (
        revisions_at(dataset, version)
        .order_by()
        .values("slice")
        .annotate(
            items=Count("pk"),
            held_out=Count("pk", filter=Q(split=Split.HELD_OUT)),
            drafts=Count("pk", filter=Q(is_draft=True)),
        )
    )
    counts = [
        SliceCount(row["slice"], row["items"], row["held_out"], row["drafts"]) for row in rows
    ]
    return sorted(counts, key=lambda count: (not count.name, count.name))


def without_closed(found: QuerySet[ItemRevision]) -> QuerySet[ItemRevision]:
    """Only revisions that are open to everybody who reads the project, keys too."""
    return with_closed(found).filter(Q(is_closed=False))


def drafts_at(dataset: Dataset, version: int) -> QuerySet[ItemRevision]:
    """What a model drafted and nobody has reviewed yet, oldest first."""
    return with_closed(revisions_at(dataset, version)).filter(is_draft=True)


def duplicates_at(dataset: Dataset, version: int, *, most: int = 200) -> list[Duplicate]:
    """Items of a version whose inputs are the same or nearly so, the most alike first."""
    rows = list(
        with_closed(revisions_at(dataset, version)).defer("expected", "metadata")[:MOST_COMPARED]
    )
    found = near_duplicates([text_of(row.input) for row in rows], most=most)
    return [_duplicate(rows, near) for near in found]


def alike(dataset: Dataset, input: object, *, but: Sequence[str] = ()) -> list[Duplicate]:
    """Items of the newest version whose input is nearly `input`; `but` are keys left out.

    `first` and `second` are both the item that is alike.
    """
    rows = list(
        with_closed(revisions_at(dataset, dataset.last_number))
        .exclude(item__key__in=list(but))
        .defer("expected", "metadata")[:MOST_COMPARED]
    )
    same = content_hash(input)
    found = nearest(text_of(input), [text_of(row.input) for row in rows])
    told = [
        Duplicate(rows[n.second], rows[n.second], n.similarity, rows[n.second].content_hash == same)
        for n in found
    ]
    return sorted(told, key=lambda duplicate: not duplicate.is_exact)


def _duplicate(rows: list[ItemRevision], near: Near) -> Duplicate:
    first, second = rows[near.first], rows[near.second]
    is_exact = first.content_hash == second.content_hash
    return Duplicate(first, second, near.similarity, is_exact)
