"""LiteLLM's callbacks `langfuse_otel`, `otel` and `arize`: what they add to other dialects' names.

The child span with the provider's raw request has no name of any dialect, and so stays a span.
"""

from __future__ import annotations

import re
from typing import Any

from traces.ingest.dialects.fields import Convert, Dialect, Slot, amount, identity, provider


def printed(*path: str) -> Convert:
    """Return a converter that takes a count out of an object as Python or JSON prints it.

    `path` is the count's name, or the object's that holds it and its own; objects between are not
    looked into. It is searched, not parsed: what was printed may be no literal.
    """
    *outer, name = (f"['\"]{re.escape(part)}['\"]: ?" for part in path)
    before = "".join(rf"{part}\{{[^{{}}]*?" for part in outer)
    search = re.compile(rf"{before}{name}(\d{{1,15}})\b").search

    def take(value: Any) -> int | None:
        found = search(value) if isinstance(value, str) else None
        return None if found is None else int(found[1])

    return take


def routed_to(value: Any) -> str | None:
    """Return the provider in front of a routed model's name: `openai/gpt-4o`."""
    name, slash, _ = value.partition("/") if isinstance(value, str) else ("", "", "")
    return provider(name) if slash else None


_IN, _OUT = "prompt_tokens_details", "completion_tokens_details"

LITELLM = Dialect(
    name="litellm",
    rank=29,
    fields={
        # The model that answered; `llm.model_name` is the one that was asked for.
        "llm.response.model": (Slot("model"),),
        "llm.response.id": (Slot("response_id"),),
        "llm.user": (Slot("user_id", identity),),
        "metadata.user_api_key_end_user_id": (Slot("user_id", identity, 3),),
        "litellm.provider.model": (Slot("provider", routed_to, 50),),
        # `otel` tells the parts of the totals only here.
        "metadata.usage_object": (
            Slot("usage.cached", printed(_IN, "cached_tokens")),
            Slot("usage.cached", printed("cache_read_input_tokens"), 1),
            Slot("usage.cache_write", printed("cache_creation_input_tokens")),
            Slot("usage.cache_write", printed(_IN, "cache_creation_tokens"), 1),
            Slot("usage.input_audio", printed(_IN, "audio_tokens")),
            Slot("usage.reasoning", printed(_OUT, "reasoning_tokens")),
            Slot("usage.output_audio", printed(_OUT, "audio_tokens")),
        ),
        "gen_ai.cost.total_cost": (Slot("cost.total", amount),),
        "gen_ai.cost.input_cost": (Slot("cost.input", amount),),
        "gen_ai.cost.output_cost": (Slot("cost.output", amount),),
        "llm.response.cost": (Slot("cost.total", amount, 50),),
    },
)
