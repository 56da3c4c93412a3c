"""From a canonical span to the row and the content that are copied into PostgreSQL."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import orjson
import zstandard

from traces.ingest.canonical.represent import content_document, previews
from traces.ingest.record import COUNTING_KINDS, TOKEN_CLASSES, SpanRecord

log = logging.getLogger(__name__)

# In the order of COPY. Times are microseconds since 1970 in Python.
COLUMNS = (
    "start_time",
    "duration_us",
    "project_id",
    "cost_nano",
    *TOKEN_CLASSES,
    "ttft_us",
    "kind",
    "level",
    "cost_source",
    "counts",
    "evaluates",
    "trace_id",
    "span_id",
    "parent_span_id",
    "name",
    "status_message",
    "error_type",
    "model",
    "model_requested",
    "provider",
    "feature",
    "environment",
    "user_id",
    "session_id",
    "prompt_name",
    "prompt_version",
    "release",
    "input_preview",
    "output_preview",
    "user_segment",
    "api_key_id",
    "route",
)
AT = {name: position for position, name in enumerate(COLUMNS)}
KEY = (AT["project_id"], AT["trace_id"], AT["span_id"])

Row = list[Any]
SpanKey = tuple[int, str, str]

# Longest text of a column in characters. Indexed ones must fit a b-tree entry (2,704 bytes in all)
# even where each character takes four bytes; the rest is what a list can show.
LONGEST = {
    "parent_span_id": 128,
    "name": 1000,
    "status_message": 2000,
    "error_type": 300,
    "model": 200,
    "model_requested": 200,
    "provider": 100,
    "feature": 200,
    "environment": 100,
    "user_id": 200,
    "session_id": 200,
    "prompt_name": 200,
    "prompt_version": 100,
    "release": 200,
    "user_segment": 200,
    "route": 200,
}
_CHECKED = tuple(LONGEST.items())
LONGEST_TAG = 200
MOST_TAGS = 50

ZSTD_LEVEL = 1  # 888 B a span at 7.8 us; level 3 saves 3 bytes and costs twice
CODEC_PLAIN_ZSTD = 0


@dataclass(slots=True)
class Written:
    """One span on its way: its row, its content, the tags that its trace gets."""

    row: Row
    content: bytes  # JSON, not compressed
    body: bytes  # the same, compressed
    tags: tuple[str, ...] = ()
    clamped: bool = False  # the start is the bound of the window, not what was sent
    dated: bool = False  # the content says when each attribute was said: see `writer.united`
    trace_name: str | None = None  # what the span says its trace is called
    is_app_root: bool = False

    @property
    def key(self) -> SpanKey:
        """What makes the span one: project, trace, span."""
        row = self.row
        return row[KEY[0]], row[KEY[1]], row[KEY[2]]


def _cut_long(record: SpanRecord) -> None:
    """Cut what is too long for its column and mark it; the attributes keep the whole."""
    for name, limit in _CHECKED:
        value = getattr(record, name)
        if value is not None and len(value) > limit:
            setattr(record, name, value[:limit])
            record.cuts.append({"where": name, "limit": limit, "was": len(value)})


def written(record: SpanRecord, project_id: int, compressor: zstandard.ZstdCompressor) -> Written:
    """`record`, whose start is known, as it is stored."""
    _cut_long(record)
    start_ns = record.start_ns or 0
    counts = record.usage_counts and record.kind in COUNTING_KINDS
    try:
        input_preview, output_preview = previews(record)
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError):
        # A message of a shape nobody has thought of costs its preview, never the span.
        log.exception("no preview", extra={"trace": record.trace_id, "span": record.span_id})
        input_preview = output_preview = None
    row: Row = [
        start_ns // 1000,
        None if record.end_ns is None else max(0, (record.end_ns - start_ns) // 1000),
        project_id,
        record.cost_nano,
        record.in_uncached,
        record.in_cached,
        record.in_cache_write,
        record.in_audio,
        record.out_text,
        record.out_reasoning,
        record.out_audio,
        record.ttft_us,
        int(record.kind),
        int(record.level),
        record.cost_source,
        counts,
        None,  # whether an evaluator made it: the settled look knows
        record.trace_id,
        record.span_id,
        record.parent_span_id,
        record.name,
        record.status_message,
        record.error_type,
        record.model,
        record.model_requested,
        record.provider,
        record.feature,
        record.environment,
        record.user_id,
        record.session_id,
        record.prompt_name,
        record.prompt_version,
        record.release,
        input_preview,
        output_preview,
        record.user_segment,
        None,  # the key that sent it: intake knows
        record.route,
    ]
    content = orjson.dumps(content_document(record), default=str, option=orjson.OPT_NON_STR_KEYS)
    span = Written(row, content, compressor.compress(content))
    span.clamped = bool(record.sent_start_ns)
    span.dated = record.versions is not None
    say_of_trace(span, record)
    return span


def say_of_trace(span: Written, record: SpanRecord) -> None:
    """Let `span` carry what its record says of the whole trace."""
    if record.tags:
        span.tags = tuple(tag[:LONGEST_TAG] for tag in record.tags[:MOST_TAGS])
    if record.trace_name:
        span.trace_name = record.trace_name[: LONGEST["name"]]
    span.is_app_root = record.is_app_root
