"""Anthropic's form of an answer: cached and written tokens stand beside the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.provider import Answer


def usage_of(answer: Answer) -> dict[str, Any]:
    """Three kinds of input that add up, and the output."""
    usage = answer.usage
    return {
        "input_tokens": usage.prompt - usage.cached - usage.written,
        "cache_read_input_tokens": usage.cached,
        "cache_creation_input_tokens": usage.written,
        "output_tokens": usage.completion,
    }


def message(answer: Answer, text: str) -> dict[str, Any]:
    """The whole answer."""
    return {
        "id": answer.id,
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage_of(answer),
    }


def events(answer: Answer, text: str) -> list[dict[str, Any]]:
    """A streamed answer: the input's usage at its start, the output's at its end."""
    start = message(answer, text)
    start |= {"content": [], "stop_reason": None}
    start["usage"] = usage_of(answer) | {"output_tokens": 1}
    words = text.split(" ")
    parts = [words[0], *(f" {word}" for word in words[1:])]
    return [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": part},
            }
            for part in parts
        ),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": answer.usage.completion},
        },
        {"type": "message_stop"},
    ]
