"""What OpenLLMetry and Vercel's AI SDK write, cell by cell."""

from __future__ import annotations

from typing import Any

import pytest

from tests.traces.mapped import check

Cell = tuple[dict[str, Any], dict[str, Any]]
_P = "traceloop.association.properties."

TRACELOOP: list[Cell] = [
    ({"traceloop.span.kind": "workflow"}, {"kind": "chain"}),
    ({"traceloop.span.kind": "task"}, {"kind": "chain"}),
    ({"traceloop.span.kind": "agent"}, {"kind": "agent"}),
    ({"traceloop.span.kind": "tool"}, {"kind": "tool"}),
    ({"llm.request.type": "chat"}, {"kind": "generation"}),
    ({"llm.request.type": "completion"}, {"kind": "generation"}),
    ({"llm.request.type": "embedding"}, {"kind": "embedding"}),
    ({"llm.request.type": "rerank"}, {"kind": "reranker"}),
    ({f"{_P}user_id": "u", f"{_P}session_id": "s"}, {"user_id": "u", "session_id": "s"}),
    ({f"{_P}plan": "pro", f"{_P}user_id": "u"}, {"metadata": {"plan": "pro"}}),
    ({f"{_P}roadworthy.feature": "f"}, {"feature": "f"}),
    (
        {"traceloop.prompt.key": "k", "traceloop.prompt.version": 3},
        {"prompt_name": "k", "prompt_version": "3"},
    ),
    ({"traceloop.workflow.name": "w"}, {"trace_name": "w"}),
    (
        {"traceloop.entity.input": "[1]", "traceloop.entity.output": "x"},
        {"input": [1], "output": "x"},
    ),
    (
        {
            "llm.request.type": "chat",
            "gen_ai.usage.prompt_tokens": 120,
            "gen_ai.usage.completion_tokens": 30,
            "gen_ai.usage.cache_read_input_tokens": 64,
            "gen_ai.usage.reasoning_tokens": 8,
        },
        {"tokens": {"in_uncached": 56, "in_cached": 64, "out_text": 22, "out_reasoning": 8}},
    ),
    (
        {"llm.request.type": "embedding", "llm.usage.total_tokens": 18},
        {"tokens": {"in_uncached": 18}},
    ),
    (
        {
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "hi",
            "gen_ai.system": "OpenAI",
        },
        {
            "input": [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}],
            "provider": "openai",
        },
    ),
    (
        {"llm.request.functions.0.name": "f", "llm.request.functions.0.parameters": "{}"},
        {"tool_definitions": [{"name": "f", "parameters": {}}]},
    ),
    ({"gen_ai.completion.0.finish_reason": "stop"}, {"finish_reasons": ["stop"]}),
]
_M = "ai.telemetry.metadata."
VERCEL: list[Cell] = [
    ({"ai.operationId": "ai.generateText.doGenerate"}, {"kind": "generation"}),
    ({"ai.operationId": "ai.streamObject.doStream"}, {"kind": "generation"}),
    ({"ai.operationId": "ai.embed.doEmbed"}, {"kind": "embedding"}),
    ({"ai.operationId": "ai.rerank.doRerank"}, {"kind": "reranker"}),
    ({"ai.operationId": "ai.toolCall"}, {"kind": "tool"}),
    ({"ai.operationId": "ai.streamText"}, {"kind": "chain"}),
    (
        {"ai.operationId": "ai.embedMany", "ai.usage.tokens": 9},
        {"kind": "chain", "usage_counts": False},
    ),
    ({"ai.operationId": "ai.embed.doEmbed", "ai.usage.tokens": 9}, {"tokens": {"in_uncached": 9}}),
    ({"ai.model.provider": "google.generative-ai"}, {"provider": "google"}),
    ({"ai.model.provider": "amazon-bedrock"}, {"provider": "aws.bedrock"}),
    ({"gen_ai.system": "anthropic.messages"}, {"provider": "anthropic"}),
    ({f"{_M}userId": "u", f"{_M}sessionId": "s"}, {"user_id": "u", "session_id": "s"}),
    ({f"{_M}tags": ["a"]}, {"tags": ["a"]}),
    (
        {f"{_M}langfusePrompt": '{"name": "p", "version": 3}'},
        {"prompt_name": "p", "prompt_version": "3"},
    ),
    (
        {f"{_M}plan": "pro", f"{_M}userId": "u", "ai.operationId": "ai.x"},
        {"metadata": {"plan": "pro"}},
    ),
    ({f"{_M}roadworthy.feature": "f"}, {"feature": "f"}),
    ({"ai.telemetry.functionId": "fn"}, {"trace_name": "fn"}),
    ({"ai.response.msToFirstChunk": 66.5}, {"ttft_us": 66_500}),
    (
        {
            "ai.operationId": "ai.x.doGenerate",
            "ai.usage.inputTokens": 120,
            "ai.usage.outputTokens": 40,
            "ai.usage.inputTokenDetails.cacheReadTokens": 64,
            "ai.usage.inputTokenDetails.cacheWriteTokens": 16,
            "ai.usage.outputTokenDetails.reasoningTokens": 8,
        },
        {
            "tokens": {
                "in_uncached": 40,
                "in_cached": 64,
                "in_cache_write": 16,
                "out_text": 32,
                "out_reasoning": 8,
            }
        },
    ),
    (
        {
            "ai.operationId": "ai.x.doGenerate",
            "ai.usage.promptTokens": 120,
            "ai.response.providerMetadata": '{"openai": {"cachedPromptTokens": 64}}',
        },
        {"tokens": {"in_uncached": 56, "in_cached": 64}},
    ),
    ({"ai.response.object": '{"a": 1}'}, {"output": {"a": 1}}),
    (
        {"ai.documents": ['{"text": "d"}'], "ai.query": "q"},
        {"documents": [{"content": "d"}], "input": "q"},
    ),
    (
        {
            "ai.response.text": "so",
            "ai.response.toolCalls": '[{"toolCallId": "c", "toolName": "t", "input": "{}"}]',
        },
        {
            "output": [
                {
                    "role": "assistant",
                    "parts": [
                        {"type": "text", "content": "so"},
                        {"type": "tool_call", "id": "c", "name": "t", "arguments": {}},
                    ],
                }
            ]
        },
    ),
    ({"ai.prompt.tools": ['{"name": "t"}']}, {"tool_definitions": [{"name": "t"}]}),
]


@pytest.mark.parametrize(("attributes", "expected"), TRACELOOP)
def test_traceloop(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    check(attributes, expected, scope="traceloop.tracer")


@pytest.mark.parametrize(("attributes", "expected"), VERCEL)
def test_vercel(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    check(attributes, expected, scope="ai")
