"""LiteLLM's callback `otel` tells the parts of its totals in a usage object as Python prints it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.traces.mapped import check

_CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.usage.input_tokens": 160,
    "gen_ai.usage.output_tokens": 50,
}
USAGE = "metadata.usage_object"


def told(usage: Any, **more: Any) -> dict[str, Any]:
    return {**_CHAT, USAGE: usage, **more}


@pytest.mark.parametrize(
    ("attributes", "tokens"),
    [
        (
            told(
                "{'completion_tokens': 50, 'prompt_tokens': 160, 'completion_tokens_details': "
                "{'audio_tokens': 0, 'reasoning_tokens': 20, 'text_tokens': None}, "
                "'prompt_tokens_details': {'audio_tokens': 0, 'cached_tokens': 64}}"
            ),
            {"in_uncached": 96, "in_cached": 64, "out_text": 30, "out_reasoning": 20},
        ),
        (
            told(
                "{'prompt_tokens_details': {'cached_tokens': 100, 'cache_creation_tokens': 40, "
                "'cache_creation_token_details': Details(x=1)}, "
                "'cache_creation_input_tokens': 40, 'cache_read_input_tokens': 100}"
            ),
            {"in_uncached": 20, "in_cached": 100, "in_cache_write": 40, "out_text": 50},
        ),
        (
            told(
                "{'completion_tokens_details': {'audio_tokens': 30}, "
                "'prompt_tokens_details': {'audio_tokens': 60}}"
            ),
            {"in_uncached": 100, "in_audio": 60, "out_text": 20, "out_audio": 30},
        ),
        (
            told('{"prompt_tokens_details": {"cached_tokens": 64}}'),
            {"in_uncached": 96, "in_cached": 64, "out_text": 50},
        ),
        # What the span says by a name of its own is surer.
        (
            told(
                "{'prompt_tokens_details': {'cached_tokens': 64}}",
                **{"gen_ai.usage.cache_read.input_tokens": 32},
            ),
            {"in_uncached": 128, "in_cached": 32, "out_text": 50},
        ),
        (
            told("{'prompt_tokens_details': None, 'completion_tokens_details': None}"),
            {"in_uncached": 160, "out_text": 50},
        ),
        (told(["cached_tokens", 3]), {"in_uncached": 160, "out_text": 50}),
        (told("{'prompt_tokens_details': {" * 2000), {"in_uncached": 160, "out_text": 50}),
    ],
)
def test_the_parts_are_found(attributes: dict[str, Any], tokens: dict[str, int]) -> None:
    check(attributes, {"tokens": tokens})


@pytest.mark.parametrize(
    ("model", "provider"),
    [("openai/text-embedding-3-small", "openai"), ("gpt-5-mini", None), ("/x", None), (7, None)],
)
def test_a_routed_model_names_its_provider(model: Any, provider: str | None) -> None:
    check({**_CHAT, "litellm.provider.model": model}, {"provider": provider})
    check(
        {**_CHAT, "litellm.provider.model": "azure/x", "gen_ai.provider.name": "openai"},
        {"provider": "openai"},
    )
