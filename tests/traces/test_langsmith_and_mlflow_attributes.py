"""What LangSmith's exporter and MLflow write, cell by cell."""

from __future__ import annotations

from typing import Any

import pytest

from tests.traces.mapped import check

Cell = tuple[dict[str, Any], dict[str, Any]]
_L = "langsmith.metadata."

LANGSMITH: list[Cell] = [
    *(
        ({"langsmith.span.kind": sent, "gen_ai.operation.name": "embeddings"}, {"kind": kind})
        for sent, kind in {
            "llm": "generation",
            "chain": "chain",
            "tool": "tool",
            "prompt": "chain",
            "retriever": "retriever",
            "embedding": "embedding",
        }.items()
    ),
    ({"langsmith.span.tags": "seq:step:1, beta"}, {"tags": ["seq:step:1", "beta"]}),
    ({f"{_L}thread_id": "t", f"{_L}user_id": "u"}, {"session_id": "t", "user_id": "u"}),
    ({f"{_L}thread_id": "t", f"{_L}session_id": "s"}, {"session_id": "s"}),
    ({"gen_ai.system": "langchain"}, {"provider": None}),
    ({f"{_L}ls_model_name": "m", "gen_ai.response.model": "n"}, {"model": "n"}),
    (
        {"langsmith.span.kind": "chain", f"{_L}LANGSMITH_TRACING": "true", f"{_L}plan": "pro"},
        {"metadata": {"plan": "pro"}},
    ),
    (
        {
            "langsmith.span.kind": "llm",
            f"{_L}usage_metadata": '{"input_tokens": 120, "output_tokens": 30,'
            ' "input_token_details": {"cache_read": 64, "cache_creation": 16},'
            ' "output_token_details": {"reasoning": 8}}',
        },
        {
            "tokens": {
                "in_uncached": 40,
                "in_cached": 64,
                "in_cache_write": 16,
                "out_text": 22,
                "out_reasoning": 8,
            }
        },
    ),
    (
        {
            "langsmith.span.kind": "tool",
            "gen_ai.tool.name": "t",
            "gen_ai.prompt": '{"q": 1}',
            "gen_ai.completion": '{"output": {"type": "tool", "content": "[2]"}}',
        },
        {"tool": {"name": "t", "call_id": None, "arguments": {"q": 1}, "result": [2]}},
    ),
]
MLFLOW: list[Cell] = [
    *(
        ({"mlflow.spanType": f'"{sent}"'}, {"kind": kind})
        for sent, kind in {
            "CHAT_MODEL": "generation",
            "LLM": "generation",
            "RETRIEVER": "retriever",
            "TOOL": "tool",
            "PARSER": "chain",
            "UNKNOWN": "span",
        }.items()
    ),
    (
        {"mlflow.spanInputs": '{"a": 1}', "mlflow.spanOutputs": '"x"'},
        {"input": {"a": 1}, "output": "x"},
    ),
    (
        {"mlflow.llm.model": '"m"', "mlflow.llm.provider": '"OpenAI"'},
        {"model": "m", "provider": "openai"},
    ),
    (
        {"model": '"m"', "reasoning_effort": '"low"'},
        {"model": "m", "params": {"reasoning_effort": "low"}},
    ),
    (
        {
            "mlflow.spanType": '"LLM"',
            "mlflow.chat.tokenUsage": '{"input_tokens": 120, "output_tokens": 30, '
            '"cache_read_input_tokens": 64, "cache_creation_input_tokens": 16}',
        },
        {"tokens": {"in_uncached": 40, "in_cached": 64, "in_cache_write": 16, "out_text": 30}},
    ),
    (
        {"mlflow.llm.cost": '{"input_cost": 1, "output_cost": 2, "total_cost": 3}'},
        {"cost_given": {"input": 1, "output": 2, "total": 3}},
    ),
    (
        {"mlflow.trace.user": '"u"', "mlflow.trace.session": '"s"'},
        {"user_id": "u", "session_id": "s"},
    ),
]


@pytest.mark.parametrize(("attributes", "expected"), LANGSMITH)
def test_langsmith(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    check(attributes, expected, scope="langsmith")


@pytest.mark.parametrize(("attributes", "expected"), MLFLOW)
def test_mlflow(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    check(attributes, expected, scope="mlflow.tracing.provider")


def test_mlflow_s_bare_names_mean_nothing_elsewhere() -> None:
    check({"model": '"m"'}, {"model": None, "params": None})
