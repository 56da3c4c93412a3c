"""JSON as lines to be read, with what can be folded. Pure: a template needs no recursion."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_LINES = 1_500
LONGEST_TEXT = 2_000
LONGEST_TOGETHER = 48_000
OPEN_DEPTH = 2  # levels that are open at first
_DEEPEST = 40


@dataclass(slots=True)
class Line:
    """`opens` and `closes` begin and end a fold; `text` stands behind the key."""

    key: str = ""
    text: str = ""
    kind: str = ""  # str, num or word, for its colour
    opens: bool = False
    closes: bool = False
    is_open: bool = False


@dataclass(frozen=True)
class Lines:
    """The lines, and whether something was left out for want of room."""

    lines: list[Line]
    is_cut: bool


def lines_of(value: Any) -> Lines:
    """The members of an object, one a line; folds are always closed."""
    found: list[Line] = []
    room, depth, is_cut = LONGEST_TOGETHER, 0, False
    for line in _walk(value, "", 0):
        if line.closes:
            depth -= 1
            found.append(line)
            continue
        if room <= 0 or len(found) >= MOST_LINES:
            is_cut = True
            break
        room -= len(line.key) + len(line.text) + 8
        depth += line.opens
        is_cut |= line.text.endswith(_CUT)
        found.append(line)
    if is_cut and depth > 0:
        found += [Line(closes=True)] * depth
    return Lines(found, is_cut)


_CUT = " … (cut)"


def _walk(value: Any, key: str, depth: int) -> Iterator[Line]:
    if isinstance(value, (dict, list)) and value and depth < _DEEPEST:
        noun = "field" if isinstance(value, dict) else "item"
        words = f"{len(value):,} {noun}{'s' if len(value) != 1 else ''}"
        if depth:
            yield Line(key, words, opens=True, is_open=depth < OPEN_DEPTH)
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _walk(item, str(name), depth + 1)
        if depth:
            yield Line(closes=True)
        return
    text = json.dumps(value, ensure_ascii=False, default=str)
    kind = "str" if isinstance(value, str) else "word"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        kind = "num"
    yield Line(key, text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + _CUT, kind)
