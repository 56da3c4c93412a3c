"""Every form a message can have, in one trace."""

from __future__ import annotations

from traces.demo.calendar import Calendar
from traces.demo.calls import Ask, Message, Prompt, chat, text, tool
from traces.demo.catalog import SONNET
from traces.demo.otlp import Post, post
from traces.demo.picture import parcel_png
from traces.demo.shapes import Stage
from traces.demo.spans import CLIENT, Attributes, Telling, json, put

_TABLE = """Here is what I found:

| Part | State | Covered |
| --- | --- | --- |
| jar | cracked | yes |
| motor | works | yes |
| box | crushed | no |

```json
{"refund": {"amount": 89.90, "currency": "EUR"}, "replacement": null}
```

1. Keep the box until **Friday**.
2. The courier rings twice; see [how returns work](https://help.northwind.example/returns).

> Goods damaged on arrival are replaced or refunded, as the customer chooses.
"""


def messages(calendar: Calendar, seed: int) -> list[Post]:
    """Images, sound, a file, reasoning, parallel tools, markdown; then other clients' dialects."""
    stage = Stage(calendar, seed, "messages", "refund-agent", 16.2)
    t = stage.t
    asked = _photo()
    root: Attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "refund-agent",
        "gen_ai.input.messages": json([asked]),
        "gen_ai.output.messages": json([text("assistant", _TABLE)]),
        "tag.tags": ["shape:messages", "photo"],
    }
    with t.within("agent.inspect_photos", root):
        calls: Message = {
            "role": "assistant",
            "parts": [
                {
                    "type": "reasoning",
                    "content": "Two photos and a receipt. First the order, "
                    "then whether the jar is covered; both can run at once.",
                },
                {"type": "text", "content": "Let me check the order and the warranty."},
                _call("call_a", "orders.lookup", {"order_id": "88412"}),
                _call("call_b", "warranty.check", {"order_id": "88412", "part": "jar"}),
            ],
        }
        ask = Ask(Prompt("refund-agent", "14"), tools=True, streams=True)
        chat(t, "look_at_photos", SONNET, ask, [asked], calls)
        covered = {"covered": True, "until": "2028-03-14", "parts": ["jar", "motor"]}
        tool(t, "orders.lookup", "call_a", {"order_id": "88412"}, {"status": "delivered"}, 0.3)
        tool(t, "warranty.check", "call_b", {"order_id": "88412", "part": "jar"}, covered, 0.4)
        answers: Message = {
            "role": "tool",
            "parts": [
                {
                    "type": "tool_call_response",
                    "id": "call_a",
                    "response": {"status": "delivered"},
                },
                {"type": "tool_call_response", "id": "call_b", "response": covered},
            ],
        }
        final = text("assistant", _TABLE)
        chat(t, "compose_reply", SONNET, ask, [asked, calls, answers], final)
        _openinference(t)
        _events(t)
        _plain(t)
    return [post([stage.told()])]


def _photo() -> Message:
    place = "https://media.northwind.example"
    image = {"type": "blob", "modality": "image", "mime_type": "image/png"}
    return {
        "role": "user",
        "parts": [
            {"type": "text", "content": "The jar is cracked, see the photos. Receipt attached."},
            {**image, "content": parcel_png()},
            {
                "type": "uri",
                "modality": "image",
                "mime_type": "image/jpeg",
                "uri": f"{place}/photos/88412-2.jpg",
            },
            {
                "type": "uri",
                "modality": "audio",
                "mime_type": "audio/ogg",
                "uri": f"{place}/voice/88412.ogg",
            },
            {"type": "file", "mime_type": "application/pdf", "file_id": "file_receipt_88412"},
        ],
    }


def _call(identity: str, name: str, arguments: Message) -> Message:
    return {"type": "tool_call", "id": identity, "name": name, "arguments": arguments}


def _openinference(t: Telling) -> None:
    """The same kind of call as OpenInference flattens it."""
    start = "llm.input_messages"
    t.leaf(
        "ChatCompletion",
        {
            "openinference.span.kind": "LLM",
            "llm.model_name": "gpt-4.1-mini-2025-04-14",
            "llm.provider": "openai",
            "llm.invocation_parameters": json({"temperature": 0, "max_tokens": 60}),
            f"{start}.0.message.role": "system",
            f"{start}.0.message.content": "Describe the damage in five words.",
            f"{start}.1.message.role": "user",
            f"{start}.1.message.contents.0.message_content.type": "text",
            f"{start}.1.message.contents.0.message_content.text": "What is broken?",
            f"{start}.1.message.contents.1.message_content.type": "image",
            f"{start}.1.message.contents.1.message_content.image.image.url": (
                f"data:image/png;base64,{parcel_png()}"
            ),
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": "Cracked side, box slightly crushed.",
            "llm.token_count.prompt": 214,
            "llm.token_count.completion": 8,
            "llm.token_count.total": 222,
        },
        1.1,
        kind=CLIENT,
    )


def _events(t: Telling) -> None:
    """A call whose messages are span events, as OpenTelemetry sent them until 2025."""
    span = t.leaf(
        "chat gpt-4.1-mini",
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4.1-mini",
            "gen_ai.response.model": "gpt-4.1-mini-2025-04-14",
            "gen_ai.usage.input_tokens": 31,
            "gen_ai.usage.output_tokens": 12,
        },
        0.8,
        kind=CLIENT,
    )
    said: tuple[tuple[str, Attributes], ...] = (
        ("gen_ai.user.message", {"content": "Translate into German: the jar is cracked"}),
        (
            "gen_ai.choice",
            {
                "index": 0,
                "finish_reason": "stop",
                "message": json({"role": "assistant", "content": "Der Krug hat einen Sprung."}),
            },
        ),
    )
    for offset, (name, attributes) in enumerate(said):
        event = span.events.add()
        event.name = name
        event.time_unix_nano = span.start_time_unix_nano + offset * 700_000_000
        put(event.attributes, attributes)


def _plain(t: Telling) -> None:
    """Input and output that are no chat: text in, JSON out."""
    t.leaf(
        "score_damage",
        {
            "openinference.span.kind": "EVALUATOR",
            "input.value": "Cracked side, box slightly crushed.",
            "output.value": json({"severity": 0.7, "labels": ["crack", "dent"]}),
            "output.mime_type": "application/json",
        },
        0.02,
    )
