"""What becomes of a span that is told in parts: of every field the latest word counts. Pure.

A repeat of a whole span replaces what it says (`merge`). Langfuse's ingestion tells a span in
creates and updates that come in any order, so the stored copy keeps when each field was said, and
the columns are derived again from all that is known.
"""

from __future__ import annotations

import time
from typing import Any

import zstandard

from features.mapper import MAPPER
from pricing.pricer import PRICER
from traces.ingest.costing import price_records
from traces.ingest.naming import name_features
from traces.ingest.pipeline import clamp
from traces.ingest.rows import AT, Row, Written, written
from traces.ingest.wire.clean import Cleaner
from traces.ingest.wire.langfuse_record import Parts, record_of
from traces.ingest.wire.limits import Limits

_LIMITS = Limits()
_KEPT = (AT["evaluates"], AT["api_key_id"])
_PROJECT, _TRACE, _SPAN = AT["project_id"], AT["trace_id"], AT["span_id"]


def united(
    row: Row,
    before: dict[str, Any],
    after: dict[str, Any],
    compressor: zstandard.ZstdCompressor,
) -> Written | None:
    """Both contents as one span, or None where `after` says nothing new.

    `row` is that of either copy. The start is the one said last, which may be another than the
    stored one: then the caller moves the row.
    """
    parts = Parts(before.get("attributes"), before.get("versions"))
    parts.join(after.get("attributes") or {}, after.get("versions") or {})
    if parts.attributes == before.get("attributes") and parts.versions == before.get("versions"):
        return None
    cleaner = Cleaner(_LIMITS)
    record = record_of(
        row[_TRACE],
        row[_SPAN],
        parts,
        cleaner,
        resource={**(after.get("resource") or {}), **(before.get("resource") or {})},
    )
    cuts = [*(before.get("cuts") or []), *(after.get("cuts") or []), *record.cuts]
    record.cuts = [cut for place, cut in enumerate(cuts) if cut not in cuts[:place]]
    record.events = before.get("events") or after.get("events") or []
    clamp([record], now_ns=time.time_ns())
    name_features([record], MAPPER.known(row[_PROJECT]))
    # Without its project's prices at hand the call is priced once its trace has settled.
    if (prices := PRICER.recall(row[_PROJECT])) is not None:
        price_records([record], prices)
    both = written(record, row[_PROJECT], compressor)
    for place in _KEPT:
        both.row[place] = row[place]
    return both
