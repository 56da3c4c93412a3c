"""LiteLLM's callbacks `langfuse_otel`, `otel` and `arize`: what they add to other dialects' names.

The child span with the provider's raw request has no name of any dialect, and so stays a span.
"""

from __future__ import annotations

from traces.ingest.dialects.fields import Dialect, Slot, amount, identity

LITELLM = Dialect(
    name="litellm",
    rank=29,
    fields={
        # The model that answered; `llm.model_name` is the one that was asked for.
        "llm.response.model": (Slot("model"),),
        "llm.response.id": (Slot("response_id"),),
        "llm.user": (Slot("user_id", identity),),
        "gen_ai.cost.total_cost": (Slot("cost.total", amount),),
        "gen_ai.cost.input_cost": (Slot("cost.input", amount),),
        "gen_ai.cost.output_cost": (Slot("cost.output", amount),),
        "llm.response.cost": (Slot("cost.total", amount, 50),),
    },
)
