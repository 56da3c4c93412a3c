"""How much of a request intake keeps: every limit, its unit and its reason.

What is over a limit is cut and *marked* in `SpanRecord.cuts`; nothing is dropped in silence. The
size of the body itself, compressed and not, is the view's setting (see `body.decompress`).
"""

from __future__ import annotations

from dataclasses import dataclass

# Unix nanoseconds a bigint can hold: the year 2262. Later times are taken as "not given".
MAX_TIME_NS = 2**63 - 1
# The token columns are PostgreSQL integers.
MAX_COUNT = 2**31 - 1
# Marks kept a span; beyond it one last mark counts the rest.
MAX_MARKS = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request and each of its spans may bring. All text limits are in characters."""

    # Spans in one request. Exporters send 512 by default; the rest is rejected and counted.
    spans: int = 20_000
    # Attributes a span, resource or scope. The OpenTelemetry SDK default is 128; flattened chat
    # messages (OpenInference) take five or six keys a message, so long chats need more.
    attributes: int = 1_024
    # Attributes of one event or link.
    inner_attributes: int = 128
    # Events a span. Some clients send one for each streamed chunk.
    events: int = 256
    links: int = 128
    # Nesting of arrays and maps within one value.
    depth: int = 64
    # Elements of one attribute's value, counted over all its levels.
    items: int = 50_000
    # One text value. Prompts of a million characters exist; beyond it nobody reads on.
    text: int = 1_048_576
    # An attribute name.
    key: int = 256
    # The span's name.
    name: int = 1_000
    # Text that becomes an indexed column: a B-tree entry must stay under 2,704 bytes.
    column: int = 400
    # The error text shown in lists; stack traces arrive here.
    status_message: int = 8_192
    # Trace and span identifiers of clients that send any string.
    id: int = 128
    tags: int = 64
    tag: int = 200
    # Nested spans of the native form.
    span_depth: int = 200


DEFAULT = Limits()
