"""Tables of what each kind of provider is sent, and what is read from it. Nothing is called."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.client import ChatRequest, Connection, system, user
from gateway.client.adapters import adapter_for, anthropic, azure, openai
from gateway.client.adapters.anthropic_answers import usage_of as anthropic_usage
from gateway.client.adapters.openai_answers import usage_of as openai_usage
from gateway.client.adapters.wire import EventReader, ServerEvent
from gateway.client.answer import Finished, Gathering, Usage
from gateway.client.errors import BadRequest, CutOff
from gateway.client.reading import BadMessages, read_messages
from gateway.client.request import EmbeddingRequest, document_of
from gateway.models import Kind

OWN = Connection(Kind.OPENAI, "Own", "http://127.0.0.1:1/v1")
OPENAI = Connection(Kind.OPENAI, "OpenAI", key="k")
CLAUDE = Connection(Kind.ANTHROPIC, "Claude", key="k")
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
STRICT = {**SCHEMA, "additionalProperties": False}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
CONVERSATION = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "See"}, PICTURE]},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "7"},
]


def body(connection: Connection, **more: Any) -> Any:
    more.setdefault("messages", (system("Be brief."), user("Hi")))
    request = ChatRequest("m", **more)
    return adapter_for(connection).chat_call(connection, request).body


@pytest.mark.parametrize(
    ("parameters", "to_own", "to_openai", "to_claude"),
    [
        (
            {"max_tokens": 9},
            {"max_tokens": 9},
            {"max_completion_tokens": 9},
            {"max_tokens": 9},
        ),
        ({"max_completion_tokens": 9}, None, {"max_completion_tokens": 9}, {"max_tokens": 9}),
        ({"temperature": 0.5}, {"temperature": 0.5}, {"temperature": 0.5}, {"temperature": 0.5}),
        ({"stop": "END"}, {"stop": "END"}, {"stop": "END"}, {"stop_sequences": ["END"]}),
        ({"user": "u1"}, {"user": "u1"}, {"user": "u1"}, {"metadata": {"user_id": "u1"}}),
        ({"reasoning_effort": "low"}, None, None, {"output_config": {"effort": "low"}}),
        ({"seed": 1}, {"seed": 1}, {"seed": 1}, {}),
        ({"model": "other", "messages": []}, {}, {}, {}),
        ({"top_k": 3}, {"top_k": 3}, {"top_k": 3}, {"top_k": 3}),
    ],
)
def test_parameters_reach_each_kind_under_its_own_names(parameters, to_own, to_openai, to_claude):
    for connection, wanted in ((OWN, to_own), (OPENAI, to_openai), (CLAUDE, to_claude)):
        if wanted is None:
            continue
        plain = body(connection)
        sent = body(connection, parameters=parameters)
        assert {name: sent[name] for name in sent if sent[name] != plain.get(name)} == wanted


def test_what_a_kind_does_not_know_is_left_out_and_named():
    request = ChatRequest("m", (user("Hi"),), parameters={"seed": 1, "n": 2, "temperature": 1})
    assert anthropic.left_out(request) == ["n", "seed"]
    assert openai.left_out(request) == azure.left_out(request) == ()


def test_a_conversation_is_told_in_each_protocol():
    messages = read_messages(CONVERSATION)
    assert body(OWN, messages=messages)["messages"] == CONVERSATION
    sent = body(CLAUDE, messages=messages)
    assert sent["system"] == "Be brief."
    assert [message["role"] for message in sent["messages"]] == ["user", "assistant", "user"]
    picture, call, result = (message["content"][-1] for message in sent["messages"])
    source = {"type": "base64", "media_type": "image/png", "data": "AAAA"}
    assert picture == {"type": "image", "source": source}
    assert call == {"type": "tool_use", "id": "c1", "name": "f", "input": {"a": 1}}
    assert result == {"type": "tool_result", "tool_use_id": "c1", "content": "7"}


def test_messages_survive_being_kept_in_a_trace():
    messages = read_messages(CONVERSATION)
    kept = [document_of(message) for message in messages]
    assert [document_of(message) for message in read_messages(kept)] == kept
    assert kept[2]["parts"][0]["arguments"] == {"a": 1}


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ([], "at least one"),
        ([7], r"messages\[0\]: a message"),
        ([{"role": "poet", "content": ""}], r"messages\[0\].role: expected one of"),
        ([{"role": "user", "content": 7}], r"messages\[0\].content: expected text"),
        ([{"role": "user", "content": [{"type": "hologram"}]}], "'hologram' cannot be sent"),
        ([{"role": "assistant", "tool_calls": [{"id": "x"}]}], "names its tool"),
    ],
)
def test_what_is_no_conversation_is_refused_with_its_place(given, where):
    with pytest.raises(BadMessages, match=where):
        read_messages(given)


def test_tools_choices_and_schemas():
    function = {"name": "f", "description": "d", "parameters": SCHEMA}
    tools = [{"type": "function", "function": function}]
    sent = body(OWN, tools=tools, tool_choice="f", response_schema=SCHEMA)
    assert sent["tools"] == tools
    assert sent["tool_choice"] == {"type": "function", "function": {"name": "f"}}
    assert sent["response_format"]["json_schema"]["strict"] is False
    strict = body(OWN, response_schema=STRICT)["response_format"]["json_schema"]
    assert strict == {"name": "answer", "schema": STRICT, "strict": True}
    sent = body(CLAUDE, tools=tools, tool_choice="required", response_schema=SCHEMA)
    assert sent["tools"] == [{"name": "f", "description": "d", "input_schema": SCHEMA}]
    assert sent["tool_choice"] == {"type": "any"}
    assert sent["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}


@pytest.mark.parametrize(
    ("version", "names"), [("", True), ("2024-10-21", True), ("2024-06-01", False)]
)
def test_azure_is_asked_for_what_its_version_knows(version: str, names: bool):
    connection = Connection(Kind.AZURE, "A", "https://x.openai.azure.com/openai/v1", "k", version)
    request = ChatRequest("m", (user("Hi"),), parameters={"max_tokens": 9})
    sent = azure.chat_call(connection, request).body
    assert ("max_completion_tokens" in sent, "stream_options" in sent) == (names, names)
    assert azure.chat_call(connection, request).url.startswith("https://x.openai.azure.com/openai/")


@pytest.mark.parametrize(
    ("record", "usage"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 5}, Usage(10, out_text=5)),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 50,
                "prompt_tokens_details": {"cached_tokens": 60, "audio_tokens": 10},
                "completion_tokens_details": {"reasoning_tokens": 20, "audio_tokens": 5},
            },
            Usage(30, 60, None, 10, 25, 20, 5),
        ),
        ({"prompt_tokens": 18}, Usage(18)),
        ({"prompt_tokens": -1, "completion_tokens": True}, Usage()),
    ],
)
def test_openais_usage_becomes_disjoint(record, usage: Usage):
    assert openai_usage(record) == Usage(
        *[getattr(usage, name) for name in Usage.__dataclass_fields__][:7], given=record
    )


def test_anthropics_usage_keeps_its_parts():
    record = {
        "input_tokens": 20,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 40,
        "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 30},
        "output_tokens": 12,
        "output_tokens_details": {"thinking_tokens": 8},
    }
    written = {"in_cache_write_5m": 10, "in_cache_write_1h": 30}
    assert anthropic_usage(record) == Usage(20, 100, 40, None, 4, 8, details=written, given=record)


def test_anthropics_thoughts_come_with_their_seal():
    reader, gathering = anthropic.stream_reader(), Gathering("m")
    for data in (
        '{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"H"}}',
        '{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}',
        '{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f"}}',
        '{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}',
        '{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":3}}',
    ):
        for delta in reader.read(ServerEvent("", data)):
            gathering.add(delta)
    thought, call = gathering.answer.message.parts
    assert (thought.text, thought.signature, call.name, call.arguments) == ("H", "s", "f", "{}")
    assert gathering.answer.finish_reason == "tool_calls"
    assert not reader.is_whole
    with pytest.raises(CutOff, match="busy"):
        list(reader.read(ServerEvent("", '{"type":"error","error":{"message":"busy"}}')))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_events_are_read_wherever_the_network_cuts_them(size: int, ending: bytes):
    lines = [b": hello", b"event: a", b"data: one", b"data:two", b"", b"data: \xc3\xa9", b"", b""]
    stream, reader = ending.join(lines), EventReader()
    events = []
    for at in range(0, len(stream), size):
        events += reader.feed(stream[at : at + size])
    events += reader.end()
    assert events == [ServerEvent("a", "one\ntwo"), ServerEvent("", "é")]


def test_a_server_without_done_ends_with_its_reason():
    reader = openai.stream_reader()
    chunk = '{"choices": [{"index": 0, "delta": {"reasoning": "Hm"}, "finish_reason": "length"}]}'
    assert list(reader.read(ServerEvent("", chunk)))[-1] == Finished("length")
    assert (reader.is_whole, reader.is_over) == (True, False)


def test_anthropic_has_no_embeddings():
    with pytest.raises(BadRequest, match="no embeddings"):
        anthropic.embeddings_call(CLAUDE, EmbeddingRequest("m", ("a",)))
