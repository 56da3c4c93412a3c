"""The features that a project's mapping rules give, once the names of whole traces are known."""

from __future__ import annotations

from typing import Any

import zstandard

from features.mapper import MAPPER
from traces.ingest.naming import feature_again
from traces.ingest.record import SpanRecord
from traces.ingest.rows import SpanKey, Written
from traces.ingest.totals import RANKED, deltas

_NAME = RANKED.index("name")


def name_by_rules(
    spans: dict[SpanKey, Written],
    records: dict[SpanKey, SpanRecord],
    documents: dict[SpanKey, dict[str, Any]],
    compressor: zstandard.ZstdCompressor,
) -> set[SpanKey]:
    """Set the features of spans that name none; the keys of those that changed.

    At intake a span may come before the root whose name a rule asks for. Every span carries here
    what it says of its whole trace.
    """
    tables = {project: MAPPER.table(project) for project in {key[0] for key in spans}}
    found = {}
    for key, record in records.items():
        rules = tables[key[0]]
        if rules.rules or record.is_mapped:
            found[key] = rules
    if not found:
        return set()
    asking = [spans[key] for key in spans if tables[key[0]].needs_trace_name]
    names = {key: total.values[_NAME] for key, total in deltas(asking).items()}
    return {
        key
        for key, rules in found.items()
        if feature_again(
            spans[key],
            records[key],
            documents.get(key, {}),
            rules,
            names.get((key[0], key[1])),
            compressor,
        )
    }
