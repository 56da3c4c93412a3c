"""Items of datasets as the test panel is filled in with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from django.db.models import Q, QuerySet

from accounts.access import Door
from accounts.models import User
from evals.calling import filling
from evals.models import Dataset, ItemRevision, Split
from evals.queries.datasets import held_out_for
from gateway.panel.from_trace import Taken
from prompts.content import Content
from prompts.rendering import placeholders_of, variables_of

MOST = 30  # items that one look shows


def datasets_to_choose(door: Door) -> QuerySet[Dataset]:
    """Those with items, by name."""
    found = Dataset.objects.filter(project=door.project, archived_at=None, items__gt=0)
    return found.order_by("name")


def items_to_choose(dataset: Dataset, text: str = "") -> list[ItemRevision]:
    """The first current items whose key, title or slice holds `text`; none that is held out."""
    found = ItemRevision.objects.filter(
        dataset=dataset, until=None, is_archived=False, split=Split.MAIN
    ).select_related("item")
    if text:
        holds = Q(title__icontains=text) | Q(item__key__icontains=text) | Q(slice__icontains=text)
        found = found.filter(holds)
    return list(found.order_by("item_id")[:MOST])


def taken_from_item(door: Door, asks: User, key: str, contents: Sequence[Content]) -> Taken:
    """The input of the item of `key`, filled into what `contents` want; else why not."""
    found = ItemRevision.objects.filter(
        item__project=door.project, item__key=key.replace("\0", ""), until=None
    )
    revision = found.select_related("item", "dataset__project").first()
    if revision is None:
        return Taken(fault=f"No dataset of this project holds an item {key}.")
    if revision.split == Split.HELD_OUT:
        opened = held_out_for(asks, door.role, revision.dataset)
        if not opened.may_open:
            return Taken(fault=f"The item {key} is held out. {opened.why}")
    names = list(dict.fromkeys(name for one in contents for name in variables_of(one)))
    wanted = list(dict.fromkeys(name for one in contents for name in placeholders_of(one)))
    variables, placed, follows = filling(names, wanted, revision.input)
    conversation = follows if follows is not None else next(iter(placed.values()), [])
    if isinstance(conversation, str):
        conversation = [{"role": "user", "content": conversation}]
    told = {name: _text(value) for name, value in variables.items()}
    missing = [name for name in names if name not in told]
    how = f"{revision.dataset.name}, as it stands now."
    if missing:
        how += f" It says nothing of {', '.join(missing)}."
    return Taken(told, conversation or [], how)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
