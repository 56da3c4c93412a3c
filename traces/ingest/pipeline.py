"""The one way of every request: decode, map, clamp to the window, redact, name, price, rows.

Authentication comes before and writing after it. Nothing here touches the database.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from enum import Enum

import zstandard
from django.conf import settings

from features.mapping import NO_RULES, RuleTable
from governance.redaction import redact
from pricing.project_table import ProjectTable
from traces.ingest.costing import price_records
from traces.ingest.naming import name_features
from traces.ingest.record import SpanRecord
from traces.ingest.rows import AT, ZSTD_LEVEL, Written, written
from traces.ingest.senders import Sender, seen
from traces.ingest.wire.body import decompress
from traces.ingest.wire.decode import Decoded, decode_native, decode_otlp, is_protobuf
from traces.ingest.wire.errors import BadRequestBody
from traces.ingest.wire.langfuse_batch import Event, decode_batch
from traces.ingest.wire.limits import Limits
from traces.ingest.wire.log_records import DecodedLogs, decode_logs

NS = 1_000_000_000
DAY_NS = 86_400 * NS
LIMITS = Limits()
BASE_ONLY = ProjectTable()
_KEY_ID = AT["api_key_id"]


class Dialect(Enum):
    """What a path speaks."""

    OTLP = "otlp"
    NATIVE = "native"
    LOGS = "logs"  # OTLP log events, which join their spans
    METRICS = "metrics"  # OTLP metrics, accepted and dropped
    LANGFUSE = "langfuse"  # Langfuse's batches of events


@dataclass(slots=True)
class Prepared:
    """A request ready to be written, and what its sender should know about it."""

    spans: list[Written]
    rejected: int = 0
    message: str = ""  # why spans were rejected
    said: str = ""  # what else the sender should know
    clamped: int = 0  # spans whose start lay outside the window
    cut: int = 0  # spans of which something was cut
    cut_where: str = ""
    trace_ids: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)  # of a Langfuse batch
    # Spans by the SDK that their resource names and by dialect.
    seen: dict[tuple[Sender | None, str], int] = field(default_factory=dict)


_local = threading.local()


def prepare(
    raw: bytes,
    *,
    encoding: str,
    content_type: str,
    dialect: Dialect,
    project_id: int,
    prices: ProjectTable | None = None,
    rules: RuleTable = NO_RULES,
    key_id: int | None = None,
) -> Prepared:
    """The rows of one request body, priced by `prices`, else by the base table.

    `rules` name the feature of spans that do not; `key_id` is the key that sent them.

    Raises: BadRequestBody.
    """
    body = decompress(raw, encoding, settings.INTAKE_MAX_DECOMPRESSED_BYTES)
    if dialect is Dialect.OTLP:
        decoded = decode_otlp(body, content_type, limits=LIMITS)
    elif dialect is Dialect.LANGFUSE:
        batch = decode_batch(body, limits=LIMITS)
        prepared = prepare_records(batch, project_id, prices, rules, key_id)
        prepared.events = batch.events
        return prepared
    else:
        if is_protobuf(content_type):
            raise BadRequestBody(415, "Protobuf is OTLP: send it to /v1/traces. Here JSON is taken")
        decoded = decode_native(body, limits=LIMITS)
    return prepare_records(decoded, project_id, prices, rules, key_id)


def prepare_events(raw: bytes, *, encoding: str, content_type: str) -> DecodedLogs:
    """The log events of one request body, redacted. Raises: BadRequestBody."""
    body = decompress(raw, encoding, settings.INTAKE_MAX_DECOMPRESSED_BYTES)
    decoded = decode_logs(body, content_type, limits=LIMITS)
    redact(decoded.records)
    return decoded


def prepare_records(
    decoded: Decoded,
    project_id: int,
    prices: ProjectTable | None = None,
    rules: RuleTable = NO_RULES,
    key_id: int | None = None,
) -> Prepared:
    """The rows of spans that are already decoded: the part every intake path crosses."""
    records = decoded.records
    clamped = clamp(records, now_ns=time.time_ns())
    redact(records)
    name_features(records, rules)
    price_records(records, prices or BASE_ONLY)
    compressor = getattr(_local, "compressor", None)
    if compressor is None:
        compressor = _local.compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
    spans = [written(record, project_id, compressor) for record in records]
    for span in spans:
        span.row[_KEY_ID] = key_id
    marked = [record for record in records if record.cuts]
    return Prepared(
        spans,
        rejected=decoded.rejected_count,
        message=decoded.message,
        clamped=clamped,
        cut=len(marked),
        cut_where=str(marked[0].cuts[0].get("where", "")) if marked else "",
        trace_ids=list(dict.fromkeys(record.trace_id for record in records)),
        seen=seen(records),
    )


def clamp(records: list[SpanRecord], *, now_ns: int) -> int:
    """Keep starts between the oldest day kept and tomorrow; returns how many were moved.

    A span outside keeps its duration and is marked with the start that was sent: nothing is lost
    to a wrong clock. A span without a start gets its end, else now.
    """
    days = settings.RETENTION_DAYS or settings.OLDEST_SPAN_DAYS
    oldest, latest = now_ns - days * DAY_NS, now_ns + DAY_NS
    moved = 0
    for record in records:
        start = record.start_ns
        if start is None:
            start = record.start_ns = record.end_ns if record.end_ns is not None else now_ns
            record.sent_start_ns = 0
        if oldest <= start <= latest:
            continue
        bound = oldest if start < oldest else latest
        record.sent_start_ns = start
        record.start_ns = bound
        if record.end_ns is not None:
            record.end_ns = bound + max(0, record.end_ns - start)
        moved += 1
    return moved
