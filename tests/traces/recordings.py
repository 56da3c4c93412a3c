"""Recorded client requests and the values expected of each span."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from traces.digest.calls import call_of
from traces.digest.counting import Verdict, count_once
from traces.ingest.canonical.source_text import (
    documents,
    input_text,
    output_text,
    tool,
    tool_calls_requested,
)
from traces.ingest.record import KIND_NAMES, LEVEL_NAMES, SpanRecord
from traces.ingest.wire.decode import Decoded, decode_otlp
from traces.ingest.wire.limits import Limits

FOLDER = Path(__file__).parent.parent / "fixtures" / "otlp"
NAMES = sorted(path.name.removesuffix(".expected.json") for path in FOLDER.glob("*.expected.json"))
# The recordings keep this much of a text.
SHOWN = 160

PROTOBUF, JSON = "application/x-protobuf", "application/json"


def expected_spans(name: str) -> dict[str, dict[str, Any]]:
    """Return the expected spans of a recording by span id."""
    return {span["span_id"]: span for span in expected_whole(name)["spans"]}


def expected_whole(name: str) -> dict[str, Any]:
    """Return everything that is expected of a recording."""
    whole: dict[str, Any] = json.loads((FOLDER / f"{name}.expected.json").read_text())
    return whole


def bodies(name: str, suffix: str) -> list[bytes]:
    """Return a recording's trace requests in the form `pb` or `json`."""
    whole = FOLDER / f"{name}.{suffix}"
    paths = [whole] if whole.exists() else sorted(FOLDER.glob(f"{name}.*-traces.{suffix}"))
    return [path.read_bytes() for path in paths]


def decoded(name: str, suffix: str, limits: Limits | None = None) -> list[Decoded]:
    """Return the decoded trace requests of a recording."""
    content_type = PROTOBUF if suffix == "pb" else JSON
    return [
        decode_otlp(body, content_type, limits=limits or Limits()) for body in bodies(name, suffix)
    ]


def described(record: SpanRecord, verdict: Verdict | None = None) -> dict[str, Any]:
    """Return a record, and what counting said of it, in the form of the expected values."""
    source = (record.attributes, record.events, record.scope_name)
    shown, answer = input_text(*source), output_text(*source)
    run = tool(*source, record.name)
    counted = verdict is None or verdict.counts
    return {
        "start": record.start_ns,
        "end": record.end_ns,
        "trace_id": record.trace_id,
        "span_id": record.span_id,
        "parent_span_id": record.parent_span_id,
        "name": record.name,
        "scope": record.scope_name,
        "kind": KIND_NAMES[record.kind],
        "model": record.model,
        "model_requested": record.model_requested,
        "provider": record.provider,
        "tokens": _tokens(record) if counted else None,
        "aggregated_tokens_not_counted": not record.usage_counts
        or (not counted and record.usage is not None),
        "cost_given": record.cost_given,
        "level": LEVEL_NAMES[record.level],
        "status_message": record.status_message,
        "user_id": record.user_id,
        "session_id": record.session_id,
        "tags": record.tags,
        "prompt_name": record.prompt_name,
        "prompt_version": _version(record.prompt_version),
        "environment": record.environment,
        "release": record.release,
        "version": record.version,
        "documents": documents(*source),
        "tool": {"name": run["name"], "call_id": run["call_id"]} if run else None,
        "tool_calls_requested": tool_calls_requested(*source),
        "has_input": shown is not None,
        "has_output": answer is not None,
        "input_text": shown[:SHOWN] if shown else None,
        "output_text": answer[:SHOWN] if answer else None,
    }


def traces(records: Iterable[SpanRecord]) -> dict[str, list[SpanRecord]]:
    """Return records by trace."""
    found: dict[str, list[SpanRecord]] = {}
    for record in records:
        found.setdefault(record.trace_id, []).append(record)
    return found


def judged(records: Iterable[SpanRecord]) -> dict[str, Verdict]:
    """Return what counting says of each span of all the traces."""
    verdicts: dict[str, Verdict] = {}
    for spans in traces(records).values():
        verdicts |= count_once([call_of(record) for record in spans])
    return verdicts


def _version(value: str | None) -> str | int | None:
    """Return a prompt's version: a number where it is one, as its sender has it."""
    return int(value) if value and value.isdecimal() else value


def _tokens(record: SpanRecord) -> dict[str, int] | None:
    inputs = (record.in_uncached, record.in_cached, record.in_cache_write, record.in_audio)
    outputs = (record.out_text, record.out_reasoning, record.out_audio)
    if all(count is None for count in inputs + outputs):
        return None
    return {
        "input_total": sum(count or 0 for count in inputs),
        "input_cached": record.in_cached or 0,
        "input_cache_write": record.in_cache_write or 0,
        "output_total": sum(count or 0 for count in outputs),
        "output_reasoning": record.out_reasoning or 0,
    }
