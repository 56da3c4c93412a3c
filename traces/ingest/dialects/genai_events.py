"""OpenTelemetry GenAI before 2025: gen_ai.system, prompt_tokens, and messages as events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traces.ingest.dialects.fields import (
    Attributes,
    Dialect,
    Events,
    Slot,
    count,
    parse,
    provider,
)

# The role an event's name gives to its message.
_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
# Attributes that describe the event, not the message.
_APART = frozenset({"gen_ai.system", "gen_ai.provider.name", "event.name", "gen_ai.event.content"})


def _body(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's payload: its attributes, or the JSON some clients put into one of them."""
    attributes = event.get("attributes") or {}
    whole = parse(attributes.get("gen_ai.event.content"))
    if isinstance(whole, dict):
        return whole
    return {key: value for key, value in attributes.items() if key not in _APART}


def _message(role: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return {"role": body.get("role") or role, **{k: v for k, v in body.items() if k != "role"}}


def _whole(events: Events, name: str, key: str) -> Any:
    for event in events:
        if event.get("name") == name:
            value = (event.get("attributes") or {}).get(key)
            if value is not None:
                return value
    return None


def read_input(attributes: Attributes, events: Events) -> Any:
    """Return the prompt event's text, else the messages of the message events."""
    if not events:
        return attributes.get("gen_ai.prompt")
    prompt = _whole(events, "gen_ai.content.prompt", "gen_ai.prompt")
    if prompt is not None:
        return prompt
    return [
        _message(_ROLES[name], _body(event))
        for event in events
        if (name := event.get("name", "")) in _ROLES
    ] or attributes.get("gen_ai.prompt")


def read_output(attributes: Attributes, events: Events) -> Any:
    """Return the completion event's text, else the messages of the choice events."""
    if not events:
        return attributes.get("gen_ai.completion")
    completion = _whole(events, "gen_ai.content.completion", "gen_ai.completion")
    if completion is not None:
        return completion
    messages = []
    for event in events:
        if event.get("name") == "gen_ai.choice":
            body = _body(event)
            message = parse(body.get("message", body))
            messages.append(
                _message("assistant", message)
                if isinstance(message, dict)
                else {"role": "assistant", "content": message}
            )
    return messages or attributes.get("gen_ai.completion")


GENAI_EVENTS = Dialect(
    name="genai",
    rank=90,
    evidence=("gen_ai.system",),
    fields={
        "gen_ai.system": (Slot("provider", provider),),
        "gen_ai.usage.prompt_tokens": (Slot("usage.input_total", count),),
        "gen_ai.usage.completion_tokens": (Slot("usage.output_total", count),),
    },
    input=read_input,
    output=read_output,
)
