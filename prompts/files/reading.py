"""YAML as values that know their lines, safe to read from anyone.

Scalars follow the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema): `yes`,
`2026-01-31` and `1:30` are texts. Anchors, aliases, tags, further documents and keys that stand
twice are refused, so that a small file is a small value.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import yaml

from prompts.files.writing import MOST_BYTES

MOST_NODES = 500_000
DEEPEST = 260  # JSON is taken 254 deep

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]{1,400}|0o[0-7]{1,400}|0x[0-9a-fA-F]{1,400}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True)
class FileFault:
    """What cannot stand in a file, and where. `line` is None for the file as a whole."""

    where: str
    line: int | None
    text: str

    def __str__(self) -> str:
        place = self.where if self.line is None else f"{self.where}:{self.line}"
        return f"{place}: {self.text}"


class BadFile(ValueError):
    """Files cannot be taken; `faults` names file, line and what was expected."""

    def __init__(self, faults: list[FileFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True)
class Node:
    """A value of a file: `value` is a scalar, a list of nodes, or a dict of them by key."""

    value: Any
    line: int

    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def at(self, path: str) -> Node:
        """The node at a path such as `prompt[2].role`, as far as there is one."""
        node = self
        for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
            if index and isinstance(node.value, list) and int(index) < len(node.value):
                node = node.value[int(index)]
            elif name and isinstance(node.value, dict) and name in node.value:
                node = node.value[name]
            else:
                break
        return node


def read(text: str, where: str) -> Node:
    """The one document of `text`, an object. `where` names the file. Raises: BadFile."""
    if len(text) > MOST_BYTES or len(text.encode(errors="replace")) > MOST_BYTES:
        raise BadFile([FileFault(where, None, f"A file has at most {MOST_BYTES:,} bytes.")])
    reader = _Reader(text, where)
    try:
        return reader.document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        line = None if mark is None else mark.line + 1
        raise BadFile([FileFault(where, line, f"This is not YAML: {reason}.")]) from None


class _Reader:
    def __init__(self, text: str, where: str) -> None:
        self.where = where
        self.events = yaml.parse(text, Loader=_LOADER)
        self.nodes = 0

    def document(self) -> Node:
        for _ in range(2):  # start of the stream and of the document
            event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            raise self.bad(event, "The file is empty.")
        first = next(self.events)
        if not isinstance(first, yaml.MappingStartEvent):
            raise self.bad(first, "A file is keys with their values, such as `type: text`.")
        node = self.node(first, 0)
        next(self.events)  # end of the document
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise self.bad(event, "A file holds one document.")
        return node

    def node(self, event: Any, depth: int) -> Node:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise self.bad(event, f"A file holds at most {MOST_NODES:,} values.")
        if depth > DEEPEST:
            raise self.bad(event, f"Values stand in each other at most {DEEPEST} deep.")
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self.bad(event, "Anchors and aliases (& and *) are not taken; write it out.")
        if event.tag is not None and event.tag != "!":
            raise self.bad(event, "Tags (!) are not taken.")
        line = int(event.start_mark.line) + 1
        if isinstance(event, yaml.ScalarEvent):
            return Node(self.scalar(event), line)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
                items.append(self.node(event, depth + 1))
            return Node(items, line)
        values: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1).value
            if not isinstance(event, yaml.ScalarEvent):
                raise self.bad(event, "A key is a text.")
            key = event.value if not isinstance(key, str) else key
            if key in values:
                raise self.bad(event, f"{key[:100]} stands here twice.")
            values[key] = self.node(next(self.events), depth + 1)
        return Node(values, line)

    def scalar(self, event: yaml.ScalarEvent) -> Any:
        text = event.value
        if not event.implicit[0]:  # quoted, or a block
            if "\0" in text:
                raise self.bad(event, "A text holds a NUL, which cannot be stored.")
            if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
                raise self.bad(event, "A text holds half of a surrogate pair.")
            return text
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _INT.fullmatch(text):
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if math.isinf(number):
                raise self.bad(event, f"{text[:100]} is too large for a number.")
            return number
        if _NO_NUMBER.fullmatch(text):
            raise self.bad(event, f"{text} is no number in JSON; write it in quotes for a text.")
        return text

    def bad(self, event: Any, text: str) -> BadFile:
        return BadFile([FileFault(self.where, event.start_mark.line + 1, text)])
