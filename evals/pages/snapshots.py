"""A snapshot of an answer as it is read: who said what, in order; text alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_TURNS = 200
FOLDED_FROM = 1_200  # characters; system words and earlier turns of that length are folded


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that was said; `role` is a word for people."""

    role: str
    text: str
    is_folded: bool = False

    @property
    def line(self) -> str:
        """Its first words, where it is folded."""
        return " ".join(self.text.split())[:120]


@dataclass(frozen=True, slots=True)
class Shown:
    """The parts of a snapshot."""

    turns: list[Turn]
    answer: list[Turn]
    expected: str
    documents: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    title: str


def shown(snapshot: dict[str, Any]) -> Shown:
    """What a page shows of a snapshot, whatever it holds."""
    given, output = snapshot.get("input"), snapshot.get("output")
    documents = snapshot.get("documents")
    tools = snapshot.get("tools")
    expected = snapshot.get("expected")
    return Shown(
        turns=list(_turns(given, "user"))[:MOST_TURNS],
        answer=list(_turns(output, "answer"))[:MOST_TURNS],
        expected="" if expected is None else as_text(expected),
        documents=[
            {
                "id": as_text(one.get("id") or f"Document {rank}"),
                "text": as_text(one.get("text") or ""),
                "score": one.get("score"),
                "rank": rank,
            }
            for rank, one in enumerate(documents if isinstance(documents, list) else (), 1)
            if isinstance(one, dict)
        ],
        tools=[
            {
                "name": as_text(one.get("name") or "tool"),
                "arguments": as_text(one.get("arguments") or ""),
                "result": as_text(one.get("result") or ""),
                "failed": bool(one.get("failed")),
            }
            for one in (tools if isinstance(tools, list) else ())
            if isinstance(one, dict)
        ],
        title=as_text(snapshot.get("title") or ""),
    )


def as_text(value: Any) -> str:
    """Text as it is, anything else as JSON to be read."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _turns(value: Any, role: str) -> Iterator[Turn]:
    if value is None or value == "":
        return
    messages = value.get("messages") if isinstance(value, dict) else value
    if isinstance(messages, list) and messages and all(_is_message(one) for one in messages):
        for place, one in enumerate(messages):
            is_last = place == len(messages) - 1
            text = "\n".join(filter(None, map(_part, _parts(one)))) or as_text(one)
            said = "answer" if role == "answer" else str(one.get("role") or "user")
            is_long = len(text) > FOLDED_FROM
            yield Turn(said, text, said == "system" or (is_long and not is_last))
    elif (
        isinstance(value, dict) and len(value) == 1 and isinstance(next(iter(value.values())), str)
    ):
        yield Turn(role, next(iter(value.values())))
    else:
        yield Turn(role, as_text(value))


def _is_message(one: Any) -> bool:
    return isinstance(one, dict) and "role" in one and ("content" in one or "parts" in one)


def _parts(one: dict[str, Any]) -> list[Any]:
    found = one.get("parts", one.get("content"))
    return found if isinstance(found, list) else [found]


def _part(part: Any) -> str:
    if part is None:
        return ""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return as_text(part)
    kind = part.get("type")
    if kind == "tool_call":
        return f"→ {part.get('name') or 'tool'} {as_text(part.get('arguments') or '')}"
    if kind == "tool_call_response":
        return f"← {as_text(part.get('result') or '')}"
    told = part.get("content", part.get("text"))
    return as_text(part if told is None else told)
