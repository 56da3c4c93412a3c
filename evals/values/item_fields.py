"""The fields of an item's revision that people and programs write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evals.models import Split

# Each with what a new item has that says nothing of it.
FIELDS: dict[str, Callable[[], Any]] = {
    "title": str,
    "input": lambda: None,
    "expected": lambda: None,
    "characteristics": list,
    "metadata": lambda: None,
    "slice": str,
    "split": lambda: Split.MAIN.value,
    "is_draft": bool,
    "is_archived": bool,
    "cluster": str,
}
CONTENT = ("title", "input", "expected", "characteristics", "metadata")  # what is held out
