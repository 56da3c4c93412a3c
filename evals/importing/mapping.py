"""Which column of a file becomes what of an item, guessed by names and said by people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

IGNORE = "ignore"
TARGETS = {
    "input": "Input",
    "expected": "Expected output",
    "characteristics": "A good answer",
    "metadata": "Metadata",
    "key": "Id",
    "title": "Title",
    "slice": "Slice",
    "split": "Split",
    "cluster": "Cluster",
    IGNORE: "Leave out",
}
MERGED = ("input", "expected", "metadata")  # several columns become an object by their names
_NAMES = {
    "input": {"input", "inputs", "question", "query", "prompt", "messages", "user", "request"},
    "expected": {
        "expected", "expected_output", "expectedoutput", "output", "answer", "reference", "ideal",
        "ground_truth", "target", "completion", "response", "label",
    },
    "characteristics": {"characteristics", "criteria", "rubric"},
    "metadata": {"metadata", "meta"},
    "key": {"id", "key", "item_id", "uuid"},
    "title": {"title", "name"},
    "slice": {"slice", "category", "topic", "type"},
    "split": {"split"},
    "cluster": {"cluster", "group", "document", "document_id"},
}  # fmt: skip


def guessed(columns: list[str]) -> dict[str, str]:
    """A target for each column; what no name says is metadata, and without an input the first."""
    taken: set[str] = set()
    found = {}
    for column in columns:
        plain = column.strip().lower().replace(" ", "_").replace("-", "_")
        target = next((name for name, names in _NAMES.items() if plain in names), "metadata")
        if target in taken and target not in MERGED:
            target = "metadata"
        taken.add(target)
        found[column] = target
    if "input" not in taken and columns:
        found[columns[0]] = "input"
    return found


def fields_of(
    row: Mapping[str, Any], mapping: Mapping[str, str], *, reads_json: bool
) -> dict[str, Any]:
    """The fields of an item, `key` among them, as a row says them."""
    by_target: dict[str, dict[str, Any]] = {}
    for column, target in mapping.items():
        if target != IGNORE and column in row:
            value = row[column]
            by_target.setdefault(target, {})[column] = read_cell(value) if reads_json else value
    fields: dict[str, Any] = {}
    for target, values in by_target.items():
        wanted = [column for column, name in mapping.items() if name == target]
        if target in MERGED and len(wanted) > 1:
            fields[target] = _merged(values, target)
        else:
            (fields[target],) = list(values.values())[:1]
    if "characteristics" in fields:
        fields["characteristics"] = _sentences(fields["characteristics"])
    for name in ("key", "title", "slice", "split", "cluster"):
        if name in fields and not isinstance(fields[name], str):
            fields[name] = _word(fields[name])
    return fields


def read_cell(value: Any) -> Any:
    """A cell that holds an object or a list as text, read; everything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def _merged(values: dict[str, Any], target: str) -> dict[str, Any]:
    """An object by the names of columns; of metadata, an object of that name is poured into it."""
    merged: dict[str, Any] = {}
    for column, value in values.items():
        if target == "metadata" and column in _NAMES["metadata"] and isinstance(value, dict):
            merged = {**value, **merged}
        else:
            merged[column] = value
    return merged


def _sentences(value: Any) -> Any:
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    return value


def _word(value: Any) -> Any:
    """Numbers are taken for words where words are needed."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value
