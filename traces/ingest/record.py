"""The canonical span between decoding and writing, and the words its small integers stand for.

Source of the fields: `docs/architecture.md`; names follow OpenTelemetry GenAI and OpenInference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Kind(IntEnum):
    """What a span is. Stored as a smallint; the REST name is the lower-case word."""

    SPAN = 0
    GENERATION = 1
    EMBEDDING = 2
    RERANKER = 3
    AGENT = 4
    TOOL = 5
    RETRIEVER = 6
    CHAIN = 7
    EVALUATOR = 8
    GUARDRAIL = 9
    EVENT = 10


class Level(IntEnum):
    """How it went. 3 is the error that lists count."""

    DEBUG = 0
    DEFAULT = 1
    WARNING = 2
    ERROR = 3


KIND_NAMES: dict[int, str] = {kind.value: kind.name.lower() for kind in Kind}
LEVEL_NAMES: dict[int, str] = {level.value: level.name for level in Level}

# Only these kinds call a model themselves; usage on any other span repeats that of its descendants.
COUNTING_KINDS = frozenset({Kind.GENERATION, Kind.EMBEDDING, Kind.RERANKER})
# Kinds whose cost is not added unless they count: it repeats that of other spans.
COSTLESS_KINDS = frozenset({Kind.AGENT, Kind.CHAIN}) | COUNTING_KINDS

# The disjoint token classes, in the order of the columns.
TOKEN_CLASSES = (
    "in_uncached",
    "in_cached",
    "in_cache_write",
    "in_audio",
    "out_text",
    "out_reasoning",
    "out_audio",
)


# The span id of the record that holds what Langfuse's `trace-create` says of a whole trace. It is
# stored like a span and counts as none (docs/adr/0009).
TRACE_FACTS = "trace:facts"


@dataclass(slots=True)
class SpanRecord:
    """One span as the product understands it, before it is redacted, priced and written.

    Times are Unix nanoseconds, exactly as sent; None where the sender gave none. Token counts are
    disjoint classes; None is unknown. `usage_counts` is False where the usage repeats descendants:
    the token classes are then all None and `usage` keeps what was sent.
    """

    trace_id: str
    span_id: str
    name: str
    parent_span_id: str | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    kind: int = Kind.SPAN
    level: int = Level.DEFAULT
    status_message: str | None = None
    error_type: str | None = None

    model: str | None = None
    model_requested: str | None = None
    provider: str | None = None
    operation_name: str | None = None
    response_id: str | None = None
    finish_reasons: list[str] | None = None

    in_uncached: int | None = None
    in_cached: int | None = None
    in_cache_write: int | None = None
    in_audio: int | None = None
    out_text: int | None = None
    out_reasoning: int | None = None
    out_audio: int | None = None
    # Parts of a class under their own names: `in_cache_write_5m`, `in_cache_write_1h` are parts of
    # in_cache_write; any other `in_…` of in_uncached; `out_…` of out_text.
    token_details: dict[str, int] | None = None
    usage_counts: bool = True
    usage: dict[str, Any] | None = None  # the sender's own usage record, as sent
    cost_given: dict[str, Any] | None = None  # {"input", "output", "total"} in USD as sent
    cost_nano: int | None = None  # set by the price step
    cost_source: int | None = None
    ttft_us: int | None = None

    user_id: str | None = None
    user_segment: str | None = None
    session_id: str | None = None
    tags: list[str] | None = None
    metadata: dict[str, Any] | None = None
    environment: str | None = None
    release: str | None = None
    version: str | None = None
    feature: str | None = None
    # The sender named no feature: it is that of the service, or what a mapping rule gave.
    feature_is_service: bool = False
    service: str | None = None  # what the sending process calls itself; not stored as a column
    is_mapped: bool = False  # a rule of the project gave the feature
    prompt_name: str | None = None
    prompt_version: str | None = None
    index_name: str | None = None
    index_version: str | None = None
    route: str | None = None  # of a gateway: by which rule the call found its model

    # What a span says of its whole trace, and whether it is the application's root, which may stand
    # below spans of others.
    trace_name: str | None = None
    trace_input: str | None = None
    trace_output: str | None = None
    is_app_root: bool = False
    # {"id", "name", "description", "metadata", "dataset_id", "item_id", "item_version",
    #  "item_metadata", "expected_output", "item_root_span_id"}, only the keys sent
    experiment: dict[str, Any] | None = None

    # Content: in the canonical chat form where it is a list of messages, else JSON or text.
    input: Any = None
    output: Any = None
    system_instructions: Any = None
    params: dict[str, Any] | None = None
    tool_definitions: Any = None
    tool: dict[str, Any] | None = None  # {"name", "call_id", "arguments", "result"}
    documents: list[dict[str, Any]] | None = None  # [{"id", "content", "score", "metadata"}]

    # What arrived, untouched but for the limits; kept so that the columns can be derived again.
    attributes: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)  # [{"name","time_ns","attributes"}]
    links: list[dict[str, Any]] = field(default_factory=list)
    resource: dict[str, Any] = field(default_factory=dict)
    scope_attributes: dict[str, Any] = field(default_factory=dict)
    scope_name: str | None = None
    scope_version: str | None = None
    dialect: str | None = None
    otel_kind: int = 0  # OpenTelemetry's own span kind: client, server, …
    cuts: list[dict[str, Any]] = field(default_factory=list)  # [{"where","limit","was"}]
    # Set when the start was outside the window and clamped; 0 when none was sent.
    sent_start_ns: int | None = None
    # When each attribute was said, in microseconds, by senders who say a span in several parts and
    # in any order; '' is when the first part was said. None: the span came whole.
    versions: dict[str, int] | None = None
