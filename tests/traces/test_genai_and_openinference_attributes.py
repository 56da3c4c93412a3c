"""What OpenTelemetry GenAI and OpenInference write, cell by cell."""

from __future__ import annotations

from typing import Any

import pytest

from tests.traces.mapped import check

Cell = tuple[dict[str, Any], dict[str, Any]]

_OPERATIONS = {
    "chat": "generation",
    "text_completion": "generation",
    "generate_content": "generation",
    "embeddings": "embedding",
    "embedding": "embedding",
    "execute_tool": "tool",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "invoke_workflow": "chain",
    "agent_step": "chain",
    "retrieval": "retriever",
}
_CHAT = {"gen_ai.operation.name": "chat"}
GENAI: list[Cell] = [
    *(({"gen_ai.operation.name": sent}, {"kind": kind}) for sent, kind in _OPERATIONS.items()),
    (
        {
            **_CHAT,
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.cache_creation.input_tokens": 9,
            "gen_ai.usage.audio.input_tokens": 5,
            "gen_ai.usage.image.input_tokens": 3,
        },
        {
            "tokens": {"in_uncached": 86, "in_cache_write": 9, "in_audio": 5},
            "token_details": {"in_image": 3},
        },
    ),
    (
        {
            "gen_ai.prompt.name": "p",
            "gen_ai.prompt.version": 2,
            "gen_ai.prompt.variable.city": "Paris",
        },
        {"prompt_name": "p", "prompt_version": "2", "prompt_variables": {"city": "Paris"}},
    ),
    ({"gen_ai.client.operation.time_to_first_chunk": 0.5}, {"ttft_us": 500_000}),
    ({**_CHAT, "gen_ai.response.finish_reasons": '["stop"]'}, {"finish_reasons": ["stop"]}),
    (
        {"gen_ai.prompt": "q", "gen_ai.completion": "a", "gen_ai.system": "x"},
        {"input": "q", "output": "a"},
    ),
    ({**_CHAT, "gen_ai.retrieval.top_k": 3}, {"params": {"top_k": 3}}),
]
OPENINFERENCE: list[Cell] = [
    *(
        ({"openinference.span.kind": sent}, {"kind": kind})
        for sent, kind in {
            "LLM": "generation",
            "EMBEDDING": "embedding",
            "TOOL": "tool",
            "PROMPT": "chain",
            "RETRIEVER": "retriever",
            "RERANKER": "reranker",
            "AGENT": "agent",
            "CHAIN": "chain",
            "GUARDRAIL": "guardrail",
            "EVALUATOR": "evaluator",
        }.items()
    ),
    ({"openinference.span.kind": "EMBEDDING", "embedding.model_name": "e"}, {"model": "e"}),
    ({"llm.invocation_parameters": '{"model": "m", "a": 1}'}, {"model": "m", "params": {"a": 1}}),
    (
        {"llm.prompt_template.version": "v7", "llm.prompt_template.variables": '{"a": 1}'},
        {"prompt_version": "v7", "prompt_variables": {"a": 1}},
    ),
    ({"openinference.span.kind": "LLM", "llm.prompts.0.prompt.text": "q"}, {"input": ["q"]}),
    (
        {"openinference.span.kind": "RERANKER", "reranker.output_documents.0.document.id": "d"},
        {"documents": [{"id": "d"}]},
    ),
    (
        {
            "openinference.span.kind": "CHAIN",
            "output.value": '{"type": "ai", "data": {"content": "yes"}}',
        },
        {"output": [{"role": "assistant", "parts": [{"type": "text", "content": "yes"}]}]},
    ),
    (
        {"openinference.span.kind": "LLM", "llm.token_count.total": 9},
        {"tokens": {"in_uncached": 9}},
    ),
]


@pytest.mark.parametrize(("attributes", "expected"), GENAI + OPENINFERENCE)
def test_a_cell(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    check(attributes, expected)
