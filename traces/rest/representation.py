"""Traces and spans as the REST API gives them.

A span with content has the nanoseconds that were sent; without content its times come from the
columns and are whole microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pricing.price import CostSource, usd
from traces.ingest.canonical import messages, source_text
from traces.ingest.canonical.represent import Read, read_whole
from traces.ingest.canonical.source_text import as_text
from traces.ingest.record import KIND_NAMES, LEVEL_NAMES, TOKEN_CLASSES
from traces.models import Span
from traces.queries.settling import NotCounted
from traces.queries.summaries import TraceSummary
from traces.values.instants import iso, milliseconds, nanoseconds

_COST_SOURCES = {source.value: source.name.lower() for source in CostSource}
# Given as they are stored, null where they are not.
_CONTENT = (
    "input",
    "output",
    "system_instructions",
    "params",
    "tool_definitions",
    "usage",
    "finish_reasons",
    "response_id",
    "operation_name",
    "user_segment",
    "index_name",
    "index_version",
    "route",
    "dialect",
)


def trace_summary(trace: TraceSummary, *, url: str = "", settled: bool = True) -> dict[str, Any]:
    """The totals of a trace; `url` is the address of its page.

    Not settled: written to within the last seconds, so that calls told twice may still count twice.
    """
    start, end = nanoseconds(trace.start_time), nanoseconds(trace.end_time)
    return {
        "trace_id": trace.trace_id,
        "name": trace.name,
        "start": start,
        "end": end,
        "start_time": iso(start),
        "end_time": iso(end),
        "duration_ms": milliseconds(trace.duration_us),
        "status": trace.status,
        "span_count": trace.span_count,
        "error_count": trace.error_count,
        "open_count": trace.open_count,
        "call_count": trace.call_count,
        "tokens": None
        if trace.tokens is None
        else {
            "input_total": trace.tokens_in,
            "output_total": trace.tokens_out,
            "total": trace.tokens,
        },
        "unmetered_calls": trace.call_count - trace.metered_count,
        "cost_usd": usd(trace.cost),
        "evaluator_cost_usd": usd(trace.evaluator_nano),
        "unpriced_calls": trace.unpriced_count,
        "models": trace.models,
        "kinds": trace.kinds,
        "tags": trace.tags,
        "prompts": [
            {"name": name, "version": version_of(version or None)}
            for name, version in trace.prompts
        ],
        "user_id": trace.user_id,
        "session_id": trace.session_id,
        "environment": trace.environment,
        "release": trace.release,
        "feature": trace.feature,
        "root_span_id": trace.root_span_id,
        "input_preview": trace.input_preview,
        "output_preview": trace.output_preview,
        "settled": settled,
        "url": url,
    }


def span_columns(span: Span, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the row of a span knows, its times as its `content` has them where that is given."""
    start = nanoseconds(span.start_time)
    end = None if span.duration_us is None else start + span.duration_us * 1000
    if content is not None:
        start, end = content.get("start_ns", start), content.get("end_ns", end)
    return {
        "start": start,
        "end": end,
        "start_time": iso(start),
        "end_time": iso(end),
        "duration_ms": milliseconds(span.duration_us),
        "time_to_first_token_ms": milliseconds(span.ttft_us),
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_span_id": span.parent_span_id,
        "name": span.name,
        "kind": KIND_NAMES[span.kind],
        "model": span.model,
        "model_requested": span.model_requested,
        "provider": span.provider,
        "tokens": tokens(span),
        "cost_usd": usd(span.cost_nano),
        "cost_source": _COST_SOURCES.get(span.cost_source) if span.cost_source else None,
        "level": LEVEL_NAMES[span.level],
        "status_message": span.status_message,
        "error_type": span.error_type,
        "user_id": span.user_id,
        "session_id": span.session_id,
        "prompt_name": span.prompt_name,
        "prompt_version": version_of(span.prompt_version),
        "environment": span.environment,
        "release": span.release,
        "feature": span.feature,
        "input_preview": span.input_preview,
        "output_preview": span.output_preview,
    }


def span_whole(
    span: Span, document: dict[str, Any] | None, why: NotCounted | None = None
) -> dict[str, Any]:
    """A span with its content; `document` is what is stored of it, None where nothing is left.

    `why` says why its usage is not counted, where the settled look at its trace found so.
    """
    read = read_whole(document or {})
    content = read.content
    whole = span_columns(span, content)
    scope = content.get("scope") or {}
    sent_input, sent_output = as_text(read.sent_input), as_text(read.sent_output)
    whole |= {name: content.get(name) for name in _CONTENT}
    whole |= {
        "aggregated_tokens_not_counted": _repeats(span, content),
        "scope": scope.get("name"),
        "scope_version": scope.get("version"),
        "scope_attributes": scope.get("attributes") or {},
        "cost_given": content.get("cost_given"),
        "tags": content.get("tags"),
        "metadata": content.get("metadata"),
        "version": content.get("version"),
        "documents": documents(content.get("documents")),
        "tool": tool(content.get("tool")),
        "tool_calls_requested": _tool_calls(document or {}, read),
        "has_input": sent_input is not None,
        "has_output": sent_output is not None,
        "input_text": sent_input,
        "output_text": sent_output,
        "attributes": content.get("attributes") or {},
        "events": content.get("events") or [],
        "links": content.get("links") or [],
        "resource": content.get("resource") or {},
        "cuts": content.get("cuts") or [],
        "sent_start": content.get("sent_start_ns"),
        "not_counted": None
        if why is None
        else {"reason": why.reason, "counted_span_id": why.counted_span_id},
    }
    return whole


def texts(document: dict[str, Any]) -> tuple[str | None, str | None]:
    """Input and output of a stored document as text in the sender's own form."""
    sent_input = as_text(document.get("input"))
    sent_output = as_text(document.get("output"))
    if sent_input is None:
        sent_input = source_text.input_text(*_source(document))
    if sent_output is None:
        sent_output = source_text.output_text(*_source(document))
    return sent_input, sent_output


def tokens(span: Span) -> dict[str, int] | None:
    """Token classes and their totals; None where the usage is unknown or repeats descendants.

    Once any class is known, the classes that the sender did not name are 0.
    """
    if not span.counts or not _is_metered(span):
        return None
    known = {name: getattr(span, name) or 0 for name in TOKEN_CLASSES}
    return {
        "input_total": sum(count for name, count in known.items() if name.startswith("in_")),
        "input_uncached": known["in_uncached"],
        "input_cached": known["in_cached"],
        "input_cache_write": known["in_cache_write"],
        "input_audio": known["in_audio"],
        "output_total": sum(count for name, count in known.items() if name.startswith("out_")),
        "output_text": known["out_text"],
        "output_reasoning": known["out_reasoning"],
        "output_audio": known["out_audio"],
    }


def documents(found: Any) -> list[dict[str, Any]] | None:
    """Documents with id, content and score, null where unknown, and what else is known."""
    if not found:
        return None
    blank = {"id": None, "content": None, "score": None}
    return [blank | document for document in found if isinstance(document, dict)]


def tool(found: Any) -> dict[str, Any] | None:
    """Name and call id of the tool a span ran; its arguments and result are input and output."""
    if not isinstance(found, dict):
        return None
    return {"name": found.get("name"), "call_id": found.get("call_id")}


def version_of(text: str | None) -> int | str | None:
    """A prompt version as a number where it is one, as most registries count."""
    if text is not None and text.isascii() and text.isdecimal() and str(int(text)) == text:
        return int(text)
    return text


def _repeats(span: Span, content: dict[str, Any]) -> bool:
    """Usage was sent that stands on another span as well, so it is in no total."""
    return not span.counts and (_is_metered(span) or bool(content.get("usage")))


def _is_metered(span: Span) -> bool:
    return any(getattr(span, name) is not None for name in TOKEN_CLASSES)


def _tool_calls(document: dict[str, Any], read: Read) -> list[str] | None:
    """Names of the tools the model asked for."""
    found = None
    if document.get("output") is not None:  # the attributes may tell it otherwise
        found = source_text.tool_calls_requested(*_source(document))
    return found or messages.tool_calls_requested(read.content.get("output"))


def _source(document: dict[str, Any]) -> tuple[dict[str, Any], list[Any], str | None]:
    """What the dialects read: attributes, events, name of the scope."""
    scope = document.get("scope") or {}
    return document.get("attributes") or {}, document.get("events") or [], scope.get("name")
