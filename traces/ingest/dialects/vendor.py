"""Spans that the providers' own client libraries send beside those of an instrumentation."""

from __future__ import annotations

from traces.ingest.dialects.fields import Dialect, Slot, count, strings

# The scope of these spans; they carry no content.
SCOPES = ("com.anthropic.sdk",)

ANTHROPIC = Dialect(
    name="anthropic-sdk",
    rank=28,
    fields={
        "anthropic.usage.cache_creation.ephemeral_5m_input_tokens": (
            Slot("detail.in_cache_write_5m", count),
        ),
        "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": (
            Slot("detail.in_cache_write_1h", count),
        ),
        "anthropic.message.stop_reason": (Slot("finish_reasons", strings),),
    },
)
