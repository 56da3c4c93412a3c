"""One chat form for all: from the message lists every client spells differently.

[{"role", "parts": [part, …], "name"?, "finish_reason"?}, …]

part: {"type": "text" | "reasoning", "content"}
      {"type": "tool_call", "id", "name", "arguments"}
      {"type": "tool_call_response", "id", "result"}
      {"type": "image" | "audio" | "video" | "file", "uri" or "data", "mime_type"?}
      anything else as it came, with its own "type"
"""

from __future__ import annotations

from typing import Any

from traces.ingest.canonical.message_parts import parts_of, tool_calls_of
from traces.ingest.dialects.fields import parse

Message = dict[str, Any]

_ROLES = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "aimessage": "assistant",
    "aimessagechunk": "assistant",
    "humanmessage": "user",
    "systemmessage": "system",
    "toolmessage": "tool",
    "functionmessage": "tool",
    "chatmessage": "user",
    "function": "tool",
    "developer": "system",
}
# How LangChain names the messages it wraps as {"type", "data"}.
_LANGCHAIN = frozenset({"human", "ai", "system", "tool", "function", "AIMessageChunk"})
_KNOWN = frozenset({"user", "assistant", "system", "tool"})
_PROMPT = frozenset({"prompt", "system", "instructions"})
# Types of the OpenAI Responses API that stand in a message list without a role.
_ITEMS = {
    "function_call": "assistant",
    "reasoning": "assistant",
    "function_call_output": "tool",
}
# Where a request or response object keeps its messages.
_LISTS = (
    "messages",
    "choices",
    "generations",
    "output",
    "input",
    "contents",
    "candidates",
    "prompt",
)


def canonical(source: Any, role: str) -> Any:
    """Return the canonical list of messages, or the value itself (JSON parsed) where it is no chat.

    `role` is taken for messages that name none: "user" for inputs, "assistant" for outputs. Never
    raises, whatever the source.
    """
    value = parse(source) if isinstance(source, str) and source[:1] in _OPENING else source
    found = _messages(value, role, depth=4)
    return value if found is None else found


_OPENING = frozenset('[{ \n\t"')


def is_chat(value: Any) -> bool:
    """Return whether a value is in the canonical form."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and "role" in item and "parts" in item for item in value)
    )


def _messages(value: Any, role: str, depth: int) -> list[Message] | None:
    """Return the messages in a value; None where it is not about messages."""
    if depth == 0:
        return None
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], list):  # LangChain nests one level
            return _messages(value[0], role, depth - 1)
        if value and all(_bare_call(item) for item in value):
            return [{"role": "assistant", "parts": parts_of(value)}]
        found = [_message(item, role) for item in value]
        return [item for item in found if item] if found and all(found) else None
    if not isinstance(value, dict):
        return None
    single = _message(value, role)
    if single is not None:
        return [single]
    prompt = value.get("prompt")
    if isinstance(prompt, str) and value.keys() <= _PROMPT:  # Vercel
        return _with_system(value, [{"role": "user", "parts": parts_of(prompt)}])
    for name in _LISTS:
        inner = value.get(name)
        if isinstance(inner, dict) and str(inner.get("type")) in _LANGCHAIN:
            inner = [inner]
        if isinstance(inner, list):
            found_inner = _messages(inner, role, depth - 1)
            if found_inner is not None:
                return _with_system(value, found_inner)
    return None


def _bare_call(item: Any) -> bool:
    """Return whether an item is a tool call that stands for itself (Vercel)."""
    return isinstance(item, dict) and "toolCallId" in item and "toolName" in item


def _with_system(owner: dict[str, Any], messages: list[Message]) -> list[Message]:
    """Put a request's separate system prompt (Anthropic, Responses API) in front."""
    system = owner.get("system", owner.get("instructions"))
    if not isinstance(system, (str, list)) or not system:
        return messages
    return [{"role": "system", "parts": parts_of(system)}, *messages]


def _message(item: Any, role: str) -> Message | None:
    """Return one message in canonical form; None where the item is none."""
    if isinstance(item, list) and len(item) == 2 and all(isinstance(word, str) for word in item):
        # LangChain's short form: ["user", "Hello"].
        named = _ROLES.get(item[0].lower(), item[0])
        return {"role": named, "parts": parts_of(item[1])} if named in _KNOWN else None
    if not isinstance(item, dict):
        return None
    finish = item.get("finish_reason") or item.get("finishReason") or item.get("stop_reason")
    for wrapper in ("message", "delta"):  # a choice, an OpenInference item, a generation
        inner = item.get(wrapper)
        if isinstance(inner, dict):
            item = inner
            break
    if isinstance(item.get("kwargs"), dict) and isinstance(item.get("id"), list):
        kind = str(item["id"][-1]) if item["id"] else ""  # LangChain's serialised constructor
        item = {"type": kind, **item["kwargs"]}
    kind = item.get("type")
    if isinstance(item.get("data"), dict) and isinstance(kind, str) and kind in _LANGCHAIN:
        item = {"type": kind, **item["data"]}
    if isinstance(kind, str) and kind in _ITEMS:
        return {"role": _ITEMS[kind], "parts": parts_of([item])}
    named = item.get("role")
    if not isinstance(named, str):
        named = kind if isinstance(kind, str) and kind.lower() in _ROLES else None
        if named is None:
            calls = isinstance(item.get("function_call"), dict) or item.get("tool_calls")
            if not calls and "parts" not in item and ("content" not in item or "id" in item):
                return None
            named = role
    named = _ROLES.get(named.lower(), named)
    message: Message = {"role": named, "parts": _parts(item, named)}
    finish = finish or item.get("finish_reason") or item.get("stop_reason")
    if isinstance(finish, str):
        message["finish_reason"] = finish
    if isinstance(item.get("name"), str):
        message["name"] = item["name"]
    return message


def _parts(item: dict[str, Any], role: str) -> list[dict[str, Any]]:
    reasoning = item.get("reasoning_content") or item.get("reasoning")
    parts: list[dict[str, Any]] = []
    if isinstance(reasoning, str):
        parts.append({"type": "reasoning", "content": reasoning})
    content = item.get("parts")
    if content is None:
        content = item.get("content")
    if content is None:
        content = item.get("contents")
    call_id = item.get("tool_call_id")
    if role == "tool" and "parts" not in item:
        identity = call_id if call_id is not None else item.get("id")
        parts.append({"type": "tool_call_response", "id": identity, "result": parse(content)})
    elif content not in (None, ""):
        parts.extend(parts_of(content))
    if isinstance(item.get("refusal"), str) and item["refusal"]:
        parts.append({"type": "text", "content": item["refusal"], "refusal": True})
    # Some clients name a call both within the content and beside it. Ids may be any JSON.
    known = {str(part.get("id")) for part in parts if part["type"] == "tool_call"}
    calls = tool_calls_of(item)
    parts.extend(call for call in calls if call["id"] is None or str(call["id"]) not in known)
    return parts


def tool_calls_requested(messages: Any) -> list[str] | None:
    """Return the names of the tools an output asks for; None where it asks for none.

    An agent's output may hold calls with their answers: those are done, not asked for.
    """
    if not is_chat(messages):
        return None
    parts = [part for message in messages for part in message["parts"]]
    answered = {str(part.get("id")) for part in parts if part["type"] == "tool_call_response"}
    return [
        str(part.get("name"))
        for part in parts
        if part["type"] == "tool_call"
        and (part.get("id") is None or str(part["id"]) not in answered)
    ] or None
