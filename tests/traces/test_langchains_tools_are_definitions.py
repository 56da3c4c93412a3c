"""Langfuse's handler for langchain puts the tools that are offered among the messages."""

from __future__ import annotations

from typing import Any

from tests.traces.mapped import check, mapped
from traces.ingest.canonical.represent import content_document, read_content

_O = "langfuse.observation."
SDK: dict[str, Any] = {"scope": "langfuse-sdk", "version": "4.18.0"}


def test_tools_that_langchains_handler_puts_among_the_messages_are_definitions() -> None:
    question = '{"role": "user", "content": "q"}'
    tool = '{"type": "function", "function": {"name": "lookup", "parameters": {}}}'
    asked = [{"role": "user", "parts": [{"type": "text", "content": "q"}]}]
    sent = f'[{question}, {{"role": "tool", "content": {tool}}}]'
    offered = [{"type": "function", "function": {"name": "lookup", "parameters": {}}}]
    check({f"{_O}input": sent}, {"input": asked, "tool_definitions": offered}, **SDK)
    # What a tool answered stays a message, also where it is an object.
    for answer in ('{"role": "tool", "content": {"order": 7}}', f"{tool}"):
        record = mapped({f"{_O}input": f"[{question}, {answer}]"}, **SDK)
        content = read_content(content_document(record))
        assert (len(content["input"]), content.get("tool_definitions")) == (2, None)
    answered = f'{{"role": "tool", "tool_call_id": "c", "content": {tool}}}'
    record = mapped({f"{_O}input": f"[{question}, {answered}]"}, **SDK)
    assert read_content(content_document(record)).get("tool_definitions") is None
