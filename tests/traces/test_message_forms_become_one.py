"""Every way of writing a chat ends in the same form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from traces.ingest.canonical.messages import canonical, is_chat, tool_calls_requested

CALL = {
    "id": "c1",
    "type": "function",
    "function": {"name": "weather", "arguments": '{"city": "Paris"}'},
}
CALL_PART = {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Paris"}}
HELLO = [{"role": "user", "parts": [{"type": "text", "content": "Hello"}]}]
ASKS = [{"role": "assistant", "parts": [CALL_PART]}]


def text(content: str) -> dict[str, str]:
    return {"type": "text", "content": content}


@pytest.mark.parametrize(
    "source",
    [
        [{"role": "user", "content": "Hello"}],
        [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
        [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}],
        [{"role": "user", "parts": [{"type": "text", "content": "Hello"}]}],
        [{"role": "user", "parts": [{"text": "Hello"}]}],
        [[{"role": "user", "content": "Hello"}]],
        [{"message": {"role": "user", "content": "Hello"}}],
        [
            {
                "message": {
                    "role": "user",
                    "contents": [{"message_content": {"type": "text", "text": "Hello"}}],
                }
            }
        ],
        {
            "messages": [
                [
                    {
                        "lc": 1,
                        "type": "constructor",
                        "id": ["langchain", "HumanMessage"],
                        "kwargs": {"content": "Hello", "type": "human"},
                    }
                ]
            ]
        },
        {"messages": [{"type": "human", "content": "Hello"}]},
        {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]},
        {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]},
        {"role": "user", "content": "Hello"},
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_a_users_text(source: Any, as_json: bool) -> None:
    assert canonical(json.dumps(source) if as_json else source, "user") == HELLO


@pytest.mark.parametrize(
    "source",
    [
        [{"role": "assistant", "content": None, "tool_calls": [CALL]}],
        [{"message": {"role": "assistant", "tool_calls": [{"tool_call": CALL}]}}],
        {"choices": [{"message": {"role": "assistant", "tool_calls": [CALL]}}]},
        [{"role": "assistant", "parts": [CALL_PART]}],
        [
            {
                "role": "assistant",
                "content": [
                    {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Paris"}}
                ],
            }
        ],
        [
            {
                "type": "AIMessage",
                "content": "",
                "tool_calls": [{"name": "weather", "args": {"city": "Paris"}, "id": "c1"}],
            }
        ],
        {
            "output": [
                {
                    "type": "function_call",
                    "call_id": "c1",
                    "id": "fc",
                    "name": "weather",
                    "arguments": '{"city": "Paris"}',
                }
            ]
        },
        [
            {
                "role": "assistant",
                "content": [
                    {
                        "type": "tool-call",
                        "toolCallId": "c1",
                        "toolName": "weather",
                        "input": {"city": "Paris"},
                    }
                ],
            }
        ],
    ],
)
def test_a_tool_call(source: Any) -> None:
    found = canonical(source, "assistant")
    assert found == ASKS
    assert tool_calls_requested(found) == ["weather"]


@pytest.mark.parametrize(
    "source",
    [
        {"role": "tool", "tool_call_id": "c1", "content": '{"temp": 21}'},
        {"role": "tool", "id": "c1", "content": '{"temp": 21}'},
        {
            "role": "tool",
            "parts": [{"type": "tool_call_response", "id": "c1", "response": {"temp": 21}}],
        },
        {
            "role": "tool",
            "parts": [{"type": "tool_call_response", "id": "c1", "result": '{"temp": 21}'}],
        },
        {"type": "function_call_output", "call_id": "c1", "output": '{"temp": 21}'},
    ],
)
def test_a_tools_answer(source: Any) -> None:
    part = {"type": "tool_call_response", "id": "c1", "result": {"temp": 21}}
    assert canonical([source], "user") == [{"role": "tool", "parts": [part]}]


def test_an_agents_finished_calls_are_not_asked_for() -> None:
    done = {"type": "tool_call_response", "id": "c1", "result": 21}
    assert tool_calls_requested([{"role": "assistant", "parts": [CALL_PART, done]}]) is None


def test_finish_reasons_names_and_reasoning_are_kept() -> None:
    source = {
        "choices": [
            {
                "finish_reason": "stop",
                "message": {
                    "role": "assistant",
                    "content": "Hi",
                    "reasoning_content": "Greet.",
                    "name": "bot",
                },
            }
        ]
    }
    assert canonical(source, "assistant") == [
        {
            "role": "assistant",
            "parts": [{"type": "reasoning", "content": "Greet."}, text("Hi")],
            "finish_reason": "stop",
            "name": "bot",
        }
    ]


@pytest.mark.parametrize(
    ("piece", "part"),
    [
        (
            {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
            {"type": "image", "uri": "https://x/y.png"},
        ),
        (
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "aGk="},
            },
            {"type": "image", "data": "aGk=", "mime_type": "image/png"},
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
            {"type": "audio", "data": "aGk=", "mime_type": "wav"},
        ),
        (
            {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "aGk="},
            {"type": "image", "data": "aGk=", "mime_type": "image/png"},
        ),
        (
            {"message_content": {"type": "image", "image": {"image": {"url": "https://x/y.png"}}}},
            {"type": "image", "uri": "https://x/y.png"},
        ),
    ],
)
def test_media(piece: dict[str, Any], part: dict[str, Any]) -> None:
    assert canonical([{"role": "user", "content": [piece]}], "user")[0]["parts"] == [part]


def test_a_separate_system_prompt_comes_first() -> None:
    source = {"system": "Be terse.", "messages": [{"role": "user", "content": "Hello"}]}
    assert canonical(source, "user") == [{"role": "system", "parts": [text("Be terse.")]}, *HELLO]


@pytest.mark.parametrize(
    "source", ["Hello", 5, None, [], {}, [1, 2], {"q": "weather"}, [{"id": "d1", "content": "x"}]]
)
def test_what_is_no_chat_stays_as_it_is(source: Any) -> None:
    assert canonical(source, "user") == source
    assert not is_chat(source)


def test_json_that_is_no_chat_is_parsed() -> None:
    assert canonical('{"city": "Paris"}', "user") == {"city": "Paris"}
    assert canonical("{not json", "user") == "{not json"
