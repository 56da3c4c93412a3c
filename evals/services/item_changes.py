"""What may be asked of a dataset's items, as `change_items` takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evals.models import Source


@dataclass(frozen=True)
class AddItem:
    """A new item. `fields` are any of FIELDS; without a `key` it gets one."""

    fields: Mapping[str, Any]
    key: str = ""
    source: str = Source.HUMAN
    source_trace_id: str = ""
    source_span_id: str = ""


@dataclass(frozen=True)
class PutItem(AddItem):
    """The item of `key` says this, whether it was there or not; fields not given stay."""


@dataclass(frozen=True)
class ChangeItem:
    """The item of `key` says this from now on; fields not given stay."""

    key: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class RemoveItem:
    """The item of `key` is in no later version."""

    key: str


Change = AddItem | PutItem | ChangeItem | RemoveItem
