"""What Logfire, Pydantic AI, LiteLLM and the vendors' clients write, cell by cell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.traces.mapped import check, mapped
from traces.ingest.canonical.represent import previews
from traces.ingest.record import Level

Cell = tuple[dict[str, Any], dict[str, Any]]

_CHAT = {"gen_ai.operation.name": "chat"}
_L = {"logfire.msg": "m"}
LOGFIRE: list[Cell] = [
    ({"logfire.level_num": 17}, {"level": Level.ERROR}),
    ({"logfire.level_num": 13}, {"level": Level.WARNING}),
    ({"logfire.level_num": 9}, {"level": Level.DEFAULT}),
    ({"logfire.level_num": 5}, {"level": Level.DEBUG}),
    ({"logfire.tags": ["LLM"]}, {"tags": ["LLM"]}),
    ({"operation.cost": 0.5}, {"cost_given": {"total": 0.5}}),
    ({"session.id": "[Scrubbed due to 'session']"}, {"session_id": None}),
    (
        {
            **_CHAT,
            "gen_ai.usage.input_tokens": 160,
            "gen_ai.usage.raw": '{"input_tokens": 20, "cache_read_input_tokens": 100, '
            '"cache_creation_input_tokens": 40,'
            ' "cache_creation": {"ephemeral_5m_input_tokens": 30, '
            '"ephemeral_1h_input_tokens": 10}}',
        },
        {
            "tokens": {"in_uncached": 20, "in_cached": 100, "in_cache_write": 40},
            "token_details": {"in_cache_write_5m": 30, "in_cache_write_1h": 10},
        },
    ),
    (
        {
            **_CHAT,
            "gen_ai.usage.input_tokens": 9,
            "gen_ai.usage.details.cached_tokens": 4,
            "gen_ai.usage.output_tokens": 5,
            "gen_ai.usage.details.reasoning_tokens": 2,
        },
        {"tokens": {"in_uncached": 5, "in_cached": 4, "out_text": 3, "out_reasoning": 2}},
    ),
    (
        {**_L, "final_result": "r", "all_messages_events": '[{"role": "user", "content": "q"}]'},
        {"output": "r", "input": [{"role": "user", "parts": [{"type": "text", "content": "q"}]}]},
    ),
    (
        {
            **_L,
            "request_data": '{"messages": [{"role": "user", "content": "q"}]}',
            "response_data": '{"text": "a"}',
        },
        {"input": [{"role": "user", "parts": [{"type": "text", "content": "q"}]}], "output": "a"},
    ),
    (
        {
            **_L,
            "city": "Paris",
            "user.id": "u-1",
            "session.id": "s-1",
            "logfire.json_schema": '{"properties": {"city": {}, "gen_ai.system": {},'
            ' "user.id": {}, "session.id": {}}}',
        },
        {"metadata": {"city": "Paris"}},
    ),
]
LITELLM: list[Cell] = [
    (
        {"openinference.span.kind": "LLM", "llm.model_name": "m", "llm.response.model": "m-1"},
        {"model": "m-1"},
    ),
    (
        {"gen_ai.cost.total_cost": 3, "gen_ai.cost.input_cost": 1, "gen_ai.cost.output_cost": 2},
        {"cost_given": {"total": 3, "input": 1, "output": 2}},
    ),
    (
        {"llm.openai.model": "m", "llm.openai.usage": "{}"},
        {"kind": "span", "model": None, "input": None},
    ),
    (
        {
            **_CHAT,
            "gen_ai.output.messages": '[{"role": "assistant", "parts": [], '
            '"finish_reason": "tool_calls"}]',
            "gen_ai.completion.0.function_call.name": "f",
            "gen_ai.completion.0.function_call.arguments": "{}",
        },
        {
            "output": [
                {
                    "role": "assistant",
                    "parts": [{"type": "tool_call", "id": None, "name": "f", "arguments": {}}],
                }
            ]
        },
    ),
    (
        {
            **_CHAT,
            "gen_ai.usage.cache_write.input_tokens": 40,
            "gen_ai.usage.input_tokens": 50,
            "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 40,
        },
        {
            "tokens": {"in_uncached": 10, "in_cache_write": 40},
            "token_details": {"in_cache_write_1h": 40},
        },
    ),
]


@pytest.mark.parametrize(("attributes", "expected"), LOGFIRE + LITELLM)
def test_a_cell(attributes: dict[str, Any], expected: dict[str, Any]) -> None:
    check(attributes, expected)


def test_pydantic_ai_before_1_is_told_by_its_names() -> None:
    check(
        {"gen_ai.usage.input_tokens": 9}, {"kind": "agent"}, scope="pydantic-ai", name="agent run"
    )
    sent = {**_L, "gen_ai.tool.name": "t", "tool_arguments": "[1]", "tool_response": "2"}
    tool = {"name": "t", "call_id": None, "arguments": [1], "result": 2}
    check(sent, {"kind": "tool", "tool": tool}, scope="pydantic-ai", name="running tool")
    check({}, {"kind": "span"}, name="agent run")


def test_the_preview_names_what_is_shown_where_nothing_is_said() -> None:
    sound = {"type": "uri", "modality": "audio", "mime_type": "audio/ogg", "uri": "https://x/1"}
    for said, expected in (([], "(audio)"), ([{"type": "text", "content": "Hm"}], "Hm")):
        sent = json.dumps([{"role": "user", "parts": [sound, *said]}])
        assert previews(mapped({"gen_ai.input.messages": sent}))[0] == expected


def test_the_preview_follows_calls_that_stand_apart() -> None:
    sent, _ = LITELLM[3]
    assert previews(mapped(sent))[1] == "f({})"
