"""A stored call, and what it costs by a table of prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from pricing.card import CostSource
from pricing.price import usd
from pricing.project_table import ProjectTable
from traces.ingest.canonical.mapping import find, grouped
from traces.ingest.costing import Cost, cost_again
from traces.ingest.dialects.registry import language_of
from traces.ingest.dialects.registry import table_for as dialect_table
from traces.ingest.record import TOKEN_CLASSES
from traces.ingest.writer.merge import unpack

MICROS = "(extract(epoch from s.start_time) * 1000000)::int8"

STORED_COLUMNS = f"""{MICROS}, s.trace_id, s.span_id, s.provider, s.model, s.model_requested,
  s.kind, s.level, s.evaluates, s.cost_nano, s.cost_source,
  {", ".join(f"s.{name}" for name in TOKEN_CLASSES)}, c.body"""
# A look for each span, so that no plan reads every partition of the contents to join them.
CONTENT = """left join lateral (
  select c.body from span_content c where c.project_id = s.project_id and c.trace_id = s.trace_id
    and c.span_id = s.span_id and c.start_time = s.start_time
  offset 0) c on true"""


class Stored(NamedTuple):
    """A call as it is stored: STORED_COLUMNS, read."""

    start_us: int
    trace_id: str
    span_id: str
    provider: str | None
    evaluates: bool
    cost_nano: int | None
    now: Cost  # by the table that was asked


def read(row: Sequence[Any], table: ProjectTable) -> tuple[Stored, bool]:
    """A row of STORED_COLUMNS with its cost by `table`, and whether that is another one."""
    start_us, trace_id, span_id, provider, model, requested, kind, level = row[:8]
    evaluates, cost, source, *counts, body = row[8:]
    content: Mapping[str, Any] = orjson.loads(unpack(body)) if body else {}
    if not body and source == CostSource.GIVEN:
        # Its content went before it did; what was given is then known from the cost alone.
        content = {"cost_given": {"total": usd(cost)}}
    now = cost_again(
        table,
        provider=provider,
        model=model,
        requested=requested,
        start_us=start_us,
        kind=kind,
        level=level,
        counts=tuple(counts),
        content=content,
        details=_details(content),
    )
    stored = Stored(start_us, trace_id, span_id, provider, bool(evaluates), cost, now)
    return stored, now != (cost, source)


def _details(content: Mapping[str, Any]) -> Mapping[str, int] | None:
    """Parts of token classes: as stored, else read from the raw attributes."""
    stored: Mapping[str, int] | None = content.get("token_details")
    if stored is not None:
        return stored
    attributes = content.get("attributes")
    if not attributes:
        return None
    scope = content.get("scope") or {}
    language = language_of(content.get("resource") or {})
    groups = grouped(
        find(attributes, dialect_table(scope.get("name"), scope.get("version"), language))
    )
    whole = groups.get("whole")
    details: Mapping[str, int] | None = whole["usage"].details if whole else groups.get("detail")
    return details or None
