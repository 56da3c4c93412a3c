"""A stored span whose events have come apart from it: its columns, derived from both."""

from __future__ import annotations

from typing import Any

import orjson
import zstandard

from features.mapper import MAPPER
from traces.ingest.canonical.again import record_again
from traces.ingest.naming import name_features
from traces.ingest.rows import AT, Row, Written, written

# What no event says.
_KEPT = tuple(
    AT[name]
    for name in (
        "start_time",
        "duration_us",
        "cost_nano",
        "cost_source",
        "counts",
        "evaluates",
        "api_key_id",
    )
)


def event_order(event: dict[str, Any]) -> tuple[int, str]:
    """The order in which a span's own events and those that joined it stand."""
    return event.get("time_ns") or 0, event.get("log") or ""


def with_joined(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of a new copy, and those that joined the old one as log records."""
    joined = [event for event in old if "log" in event]
    if not joined:
        return new
    return sorted([event for event in new if "log" not in event] + joined, key=event_order)


def has_joined(document: dict[str, Any]) -> bool:
    """Whether log records have joined the span."""
    return any("log" in event for event in document.get("events") or ())


def derived(row: Row, document: dict[str, Any], compressor: zstandard.ZstdCompressor) -> Written:
    """The span of `row` as its whole document tells it."""
    record = record_again(row, document)
    name_features([record], MAPPER.known(row[AT["project_id"]]))
    again = written(record, row[AT["project_id"]], compressor)
    for place in _KEPT:
        again.row[place] = row[place]
    content = orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS)
    return Written(again.row, content, compressor.compress(content), again.tags)
