"""The attributes of a span as a flat table, found in, each value a filter of the list. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from traces.pages import pictures
from traces.pages.reading import as_text

MOST_ROWS = 200
LONGEST_VALUE = 400
LONGEST_TOGETHER = 40_000
_LONGEST_LATER = 80
_LONGEST_FILTER = 200  # characters of a value that a query takes
_BARE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*")  # `..` makes a range


@dataclass(frozen=True)
class Row:
    """One attribute. `only` and `without` are addresses of the list, '' where it cannot ask so."""

    name: str
    value: str
    only: str = ""
    without: str = ""


@dataclass(frozen=True)
class Table:
    """The rows that are shown, in groups, and how many there are."""

    groups: list[tuple[str, list[Row]]]
    shown: int
    found: int
    total: int


def count(content: dict[str, Any]) -> int:
    """How many attributes there are in all."""
    return sum(len(values) for _, values, _ in _groups(content))


def table(content: dict[str, Any], wanted: str, list_address: str) -> Table:
    """Attributes whose name or value holds `wanted`, whatever the case."""
    needle = wanted.casefold()
    groups: list[tuple[str, list[Row]]] = []
    total = found = shown = 0
    left = LONGEST_TOGETHER
    for word, values, is_asked in _groups(content):
        rows = []
        for name in sorted(values):
            total += 1
            text = as_text(pictures.without_bytes(values[name], []))
            if needle not in name.casefold() and needle not in text.casefold():
                continue
            found += 1
            if shown == MOST_ROWS:
                continue
            shown += 1
            most = LONGEST_VALUE if left > 0 else _LONGEST_LATER
            left -= min(len(text), most) + len(name)
            links = _links(list_address, name, values[name]) if is_asked else ("", "")
            rows.append(Row(name, text if len(text) <= most else f"{text[:most]} …", *links))
        if rows:
            groups.append((word, rows))
    return Table(groups, shown, found, total)


def query_of(name: str, value: Any) -> str:
    """`attr.key:value` of the query language, with quotes where they are needed."""
    text = value if isinstance(value, str) else as_text(value)
    key = name if _BARE.fullmatch(name) else _quoted(name)
    return f"attr.{key}:{text if _BARE.fullmatch(text) else _quoted(text)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _links(address: str, name: str, value: Any) -> tuple[str, str]:
    is_plain = isinstance(value, (str, bool, int, float)) and len(str(value)) <= _LONGEST_FILTER
    if not is_plain or value == "" or not name.isprintable() or not str(value).isprintable():
        return "", ""
    query = query_of(name, value)
    return f"{address}&{urlencode({'q': query})}", f"{address}&{urlencode({'q': f'-{query}'})}"


def _groups(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Word, values, and whether the list can be asked for them."""
    yield "Attributes", _dict(content.get("attributes")), True
    yield "Metadata", _dict(content.get("metadata")), True
    yield "Resource", _dict(content.get("resource")), True
    yield "Scope", _dict((content.get("scope") or {}).get("attributes")), False
    for event in (content.get("events") or [])[:50]:
        name = str(event.get("name") or "event")
        yield f"Event {name}", _dict(event.get("attributes")), False
    for place, link in enumerate((content.get("links") or [])[:20], 1):
        yield f"Link {place}", _dict(link), False


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
