"""What may be written into each field of an item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.models import Split
from evals.services.errors import BadItem
from evals.values.item_fields import FIELDS
from evals.values.json_values import fault_of_json

MOST_CHARACTERISTICS = 50
LONGEST_CHARACTERISTIC = 2_000
LONGEST_METADATA = 100_000  # bytes
_LONGEST_TEXT = {"title": 200, "slice": 100, "cluster": 200}


def checked_fields(fields: Mapping[str, Any], at: int = 0) -> dict[str, Any]:
    """The fields as they are stored. Raises: BadItem, naming the field; `at` is the change's."""
    return {name: _checked(name, value, at) for name, value in fields.items()}


def _checked(name: str, value: Any, at: int) -> Any:
    if name not in FIELDS:
        raise BadItem(f"an item has no field of the name {name[:100]!r}.", at=at)
    if name in {"input", "expected"}:
        return _json(value, name, at)
    if name == "metadata":
        return _json(value, name, at, longest=LONGEST_METADATA)
    if name in {"is_draft", "is_archived"}:
        if not isinstance(value, bool):
            raise BadItem("it is true or false.", at=at, where=name)
        return value
    if name == "characteristics":
        return _sentences(value, at)
    text = _text(value, name, at, _LONGEST_TEXT.get(name, 20))
    if name == "split" and text not in Split.values:
        raise BadItem(f"it is {' or '.join(Split.values)}.", at=at, where=name)
    return text


def _json(value: Any, name: str, at: int, *, longest: int | None = None) -> Any:
    fault = fault_of_json(value, longest=longest) if longest else fault_of_json(value)
    if fault:
        raise BadItem(f"it cannot be kept: {fault}.", at=at, where=name)
    return value


def _sentences(value: Any, at: int) -> list[str]:
    name = "characteristics"
    if not isinstance(value, list | tuple):
        raise BadItem("it is a list of sentences.", at=at, where=name)
    if len(value) > MOST_CHARACTERISTICS:
        raise BadItem(f"it has at most {MOST_CHARACTERISTICS} sentences.", at=at, where=name)
    told = [_text(sentence, name, at, LONGEST_CHARACTERISTIC) for sentence in value]
    return [sentence for sentence in told if sentence]


def _text(value: Any, name: str, at: int, longest: int) -> str:
    if not isinstance(value, str):
        raise BadItem("it is text.", at=at, where=name)
    if fault := fault_of_json(value):
        raise BadItem(f"it cannot be kept: {fault}.", at=at, where=name)
    text = value.strip()
    if len(text) > longest:
        raise BadItem(f"it has at most {longest} characters.", at=at, where=name)
    return text
