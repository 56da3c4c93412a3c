"""Traces in our own JSON: one trace, a list of traces, or `{"traces": [...]}`.

A span that does not fit is rejected with the path of the fault; the others are taken.
"""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.json_body import read_json
from traces.ingest.wire.limits import Limits
from traces.ingest.wire.native_record import Faulty, Inherited, check_id, record_of
from traces.ingest.wire.native_schema import SPAN_FIELDS, TRACE_FIELDS, NativeSpan, NativeTrace
from traces.ingest.wire.otlp import Batch


def decode(body: bytes, limits: Limits) -> Batch:
    """Return the spans of the body's traces.

    Raises:
        BadRequestBody: 400 when the body is no JSON, or holds no trace.
    """
    value, lenient = read_json(body)
    batch = Batch(limits, lenient=lenient)
    if isinstance(value, dict) and "traces" in value:
        value = value["traces"]
        if not isinstance(value, list):
            raise BadRequestBody(400, "Expected a list", "traces")
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise BadRequestBody(400, 'Expected a trace, a list of traces, or {"traces": [...]}')
    for index, item in enumerate(value):
        if batch.full:
            reason = f"A request may bring {limits.spans} spans"
            batch.reject(f"traces[{index}]", reason, len(value) - index)
            break
        _trace(item, f"traces[{index}]", batch)
    return batch


def _trace(item: Any, where: str, batch: Batch) -> None:
    try:
        trace = msgspec.convert(item, NativeTrace)
    except msgspec.ValidationError as fault:
        reason, path = split(fault)
        spans = item.get("spans") if isinstance(item, dict) else None
        count = len(spans) if isinstance(spans, list) else 1
        batch.reject(where + path, reason, max(count, 1))
        return
    batch.begin()
    try:
        given = check_id(trace.trace_id if trace.trace_id is not None else trace.id, batch.cleaner)
    except Faulty as fault:
        batch.reject(f"{where}.trace_id", str(fault), max(len(trace.spans), 1))
        return
    if not trace.spans:
        batch.reject(f"{where}.spans", "A trace needs at least one span")
        return
    unknown = {key: item[key] for key in item.keys() - TRACE_FIELDS}
    inherited = Inherited(trace, given or secrets.token_hex(16), unknown)
    # Depth first, in the order sent. A stack, because clients choose the depth.
    stack = _children(trace.spans, f"{where}.spans", None, 1)
    while stack:
        span_item, at, parent, depth = stack.pop()
        if batch.full:
            reason = f"A request may bring {batch.limits.spans} spans"
            batch.reject(at, reason, len(stack) + 1)
            return
        if depth > batch.limits.span_depth:
            batch.reject(at, f"Spans may be nested {batch.limits.span_depth} deep")
            continue
        span_id = _span(span_item, at, parent, inherited, batch)
        if isinstance(span_item, dict):
            for name in ("children", "spans"):
                below = span_item.get(name)
                if isinstance(below, list):
                    stack.extend(_children(below, f"{at}.{name}", span_id or parent, depth + 1))


Pending = tuple[Any, str, str | None, int]


def _children(items: list[Any], where: str, parent: str | None, depth: int) -> list[Pending]:
    pending = [(item, f"{where}[{index}]", parent, depth) for index, item in enumerate(items)]
    pending.reverse()
    return pending


def _span(item: Any, at: str, parent: str | None, inherited: Inherited, batch: Batch) -> str | None:
    """Add one span; return its id, so that the spans below it find their parent."""
    try:
        span = msgspec.convert(item, NativeSpan)
    except msgspec.ValidationError as fault:
        reason, path = split(fault)
        batch.reject(at + path, reason)
        return None
    unknown = {key: item[key] for key in item.keys() - SPAN_FIELDS}
    cuts = batch.begin()
    try:
        record = record_of(span, parent, inherited, unknown, batch.cleaner)
    except Faulty as fault:
        batch.reject(f"{at}.{fault.field}", str(fault))
        return None
    record.cuts = cuts
    batch.records.append(record)
    return record.span_id


def split(fault: msgspec.ValidationError) -> tuple[str, str]:
    """Return msgspec's reason and its path, without the leading `$`."""
    reason, _, path = str(fault).partition(" - at `$")
    return reason, path.rstrip("`")
