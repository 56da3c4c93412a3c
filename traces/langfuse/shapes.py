"""Traces and observations as Langfuse's API writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from traces.ingest.canonical.represent import read_content
from traces.ingest.dialects.fields import flag, parse
from traces.ingest.record import KIND_NAMES, LEVEL_NAMES, TOKEN_CLASSES
from traces.langfuse.moments import iso_text, seconds
from traces.langfuse.projects import project_id_text
from traces.models import Span, Trace
from traces.rest.representation import texts, version_of

DEFAULT_ENVIRONMENT = "default"
# Our token classes as the additive buckets of `usageDetails`.
_BUCKETS = {
    "in_uncached": "input",
    "in_cached": "input_cached_tokens",
    "in_cache_write": "input_cache_creation",
    "in_audio": "input_audio_tokens",
    "out_text": "output",
    "out_reasoning": "output_reasoning_tokens",
    "out_audio": "output_audio_tokens",
}


def dollars(nano: int | None) -> float | None:
    """Nano-dollars as a JSON number."""
    return None if nano is None else nano / 1_000_000_000


def trace_document(
    trace: Trace,
    facts: Mapping[str, Any] | None,
    root: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """A trace without its observations and scores.

    `facts` is the document of what is said of the trace itself. Where it came by spans alone, its
    root says it: `root` is that span's document.
    """
    return {
        "id": trace.trace_id,
        "projectId": project_id_text(trace.project_id),
        "timestamp": iso_text(trace.start_time),
        "name": trace.name,
        "sessionId": trace.session_id,
        "userId": trace.user_id,
        "release": trace.release,
        "environment": trace.environment or DEFAULT_ENVIRONMENT,
        "tags": [facet[2:] for facet in trace.facets if facet.startswith("t:")],
        "htmlPath": reverse(
            "langfuse_pages:trace", args=[project_id_text(trace.project_id), trace.trace_id]
        ),
        "latency": seconds(trace.duration_us),
        "totalCost": dollars(trace.cost_nano),  # clients need a number: 0 is also unpriced here
        "createdAt": iso_text(trace.start_time),
        "updatedAt": iso_text(trace.end_time),
        "bookmarked": False,
        "externalId": None,
        **_told(root if facts is None else facts),
    }


def _told(document: Mapping[str, Any] | None) -> dict[str, Any]:
    """Input, output, metadata, version and whether the trace is public."""
    content = read_content(document or {})
    attributes = content.get("attributes") or {}
    shown, answer = texts(dict(document or {}))
    metadata = content.get("metadata")
    return {
        "input": parse(content.get("trace_input") or shown),
        "output": parse(content.get("trace_output") or answer),
        "metadata": metadata if isinstance(metadata, dict) else None,
        "version": content.get("version"),
        "public": flag(attributes.get("public", attributes.get("langfuse.trace.public"))) or False,
    }


def observation_document(span: Span, document: Mapping[str, Any] | None) -> dict[str, Any]:
    """An observation with all its fields; input and output are values."""
    content = read_content(document or {})
    shown, answer = texts(dict(document or {}))
    usage = usage_details(span)
    total = dollars(span.cost_nano)
    costs = _costs(content.get("cost_given"), total)
    version = version_of(span.prompt_version)
    metadata = content.get("metadata")
    return {
        "id": span.span_id,
        "traceId": span.trace_id,
        "projectId": project_id_text(span.project_id),
        "type": KIND_NAMES[span.kind].upper(),
        "name": span.name,
        "startTime": iso_text(span.start_time),
        "endTime": (None if span.duration_us is None else iso_text(_later(span, span.duration_us))),
        "completionStartTime": (
            None if span.ttft_us is None else iso_text(_later(span, span.ttft_us))
        ),
        "parentObservationId": span.parent_span_id,
        "isRootObservation": span.parent_span_id is None,
        "level": LEVEL_NAMES[span.level],
        "statusMessage": span.status_message,
        "version": content.get("version"),
        "environment": span.environment or DEFAULT_ENVIRONMENT,
        "userId": span.user_id,
        "sessionId": span.session_id,
        "bookmarked": False,
        "public": False,
        "createdAt": iso_text(span.start_time),
        "updatedAt": iso_text(_later(span, span.duration_us or 0)),
        "input": parse(shown),
        "output": parse(answer),
        "metadata": metadata if isinstance(metadata, dict) else {},
        "model": span.model or span.model_requested,
        "providedModelName": span.model or span.model_requested,
        "internalModelId": None,
        "modelId": None,
        "modelParameters": content.get("params"),
        "usage": {
            "input": _sum(usage, "input"),
            "output": _sum(usage, "output"),
            "total": usage.get("total", 0),
            "unit": "TOKENS",
            "inputCost": costs.get("input"),
            "outputCost": costs.get("output"),
            "totalCost": total,
        },
        "usageDetails": usage,
        "costDetails": costs,
        "totalCost": total,
        "inputPrice": None,
        "outputPrice": None,
        "totalPrice": None,
        "calculatedInputCost": costs.get("input"),
        "calculatedOutputCost": costs.get("output"),
        "calculatedTotalCost": total,
        "promptId": None,
        "promptName": span.prompt_name,
        "promptVersion": version if isinstance(version, int) else None,
        "latency": seconds(span.duration_us),
        "timeToFirstToken": seconds(span.ttft_us),
        "tags": content.get("tags") or [],
        "release": span.release,
        "traceName": content.get("trace_name"),
    }


def usage_details(span: Span) -> dict[str, int]:
    """Tokens as additive buckets and their total; empty where they are unknown or repeats."""
    if not span.counts:
        return {}
    found = {
        _BUCKETS[name]: count
        for name in TOKEN_CLASSES
        if (count := getattr(span, name)) is not None
    }
    return {**found, "total": sum(found.values())} if found else {}


def _sum(usage: dict[str, int], side: str) -> int:
    return sum(count for name, count in usage.items() if name.startswith(side))


def _costs(given: Any, total: float | None) -> dict[str, float]:
    costs: dict[str, float] = {}
    if isinstance(given, dict):
        for side in ("input", "output"):
            if given.get(side) is not None:
                costs[side] = float(given[side])
    return costs if total is None else {**costs, "total": total}


def _later(span: Span, length_us: int) -> datetime:
    return span.start_time + timedelta(microseconds=length_us)
