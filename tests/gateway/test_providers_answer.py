"""Every kind of provider answers over real HTTP, whole and streamed, with tools and usage."""

from __future__ import annotations

import pytest

from gateway.client.answer import TextDelta
from gateway.client.request import Message, ToolResult
from tests.gateway.calling import KEY, answer, anthropic, asked, azure, deltas, openai
from tests.provider import ANSWER, DEPLOYMENTS, MODELS, TOOL_ARGUMENTS, Provider

TOOL = {
    "type": "function",
    "function": {"name": "find_order", "description": "Find it", "parameters": {"type": "object"}},
}


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("kind", "model"),
    [
        (openai, "gpt-5-mini"),
        (azure, "our-deployment"),
        (lambda it: azure(it, ""), "our-deployment"),
        (anthropic, "claude-sonnet-4-5"),
    ],
    ids=["openai", "azure", "azure-v1", "anthropic"],
)
def test_it_answers(upstream: Provider, kind, model: str, stream: bool):
    got = answer(kind(upstream), asked(model, stream=stream))
    known = MODELS[DEPLOYMENTS.get(model, model)]
    told = known.first
    assert got.text == ANSWER
    assert got.finish_reason == "stop"
    assert got.model == known.name
    assert got.response_id == upstream.answers[-1].id
    assert upstream.answers[-1].streamed is stream
    usage = got.usage
    assert usage is not None
    assert (usage.in_cached or 0, usage.in_cache_write or 0) == (told.cached, told.written)
    assert (usage.input_tokens, usage.output_tokens) == (told.prompt, told.completion)
    assert (usage.out_reasoning or 0) == told.reasoning
    assert usage.given  # the provider's own record is kept


def test_a_stream_comes_word_by_word(upstream: Provider):
    words = [it.text for it in deltas(openai(upstream), asked()) if isinstance(it, TextDelta)]
    assert words == ["It", " is", " on", " its", " way."]


@pytest.mark.parametrize("stream", [True, False])
def test_a_tool_is_asked_for_and_its_result_sent_back(upstream: Provider, stream: bool):
    request = asked(tools=[TOOL], stream=stream)
    first = answer(openai(upstream), request)
    (call,) = first.message.tool_calls
    assert (call.name, call.arguments) == ("find_order", TOOL_ARGUMENTS)
    assert first.finish_reason == "tool_calls"
    result = Message("tool", (ToolResult(call.id, '{"state": "sent"}'),))
    turn = (*request.messages, first.message, result)
    assert answer(openai(upstream), asked(messages=turn, tools=[TOOL])).text == ANSWER
    sent = upstream.requests[-1].body["messages"]
    assert sent[1]["tool_calls"][0]["id"] == sent[2]["tool_call_id"] == call.id


def test_each_kind_authenticates_in_its_own_way(upstream: Provider):
    for connection, model in (
        (openai(upstream), "gpt-4o-mini"),
        (azure(upstream), "our-deployment"),
        (anthropic(upstream), "claude-sonnet-4-5"),
    ):
        answer(connection, asked(model))
    names = ("authorization", "api-key", "x-api-key")
    sent = [[one.headers.get(name) for name in names] for one in upstream.requests]
    assert sent == [[f"Bearer {KEY}", None, None], [None, KEY, None], [None, None, KEY]]
    assert upstream.requests[2].headers["anthropic-version"] == "2023-06-01"
    assert upstream.requests[1].path == (
        "/openai/deployments/our-deployment/chat/completions?api-version=2024-10-21"
    )
