"""The content of a span as blocks to be read: messages, tool calls, plain input and output. Pure.

Nothing that was sent is HTML; long text is cut, and the block knows how much more there is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from kit.figures import size
from traces.ingest.canonical.media_references import references
from traces.ingest.canonical.messages import is_chat
from traces.pages import pictures
from traces.pages.pictures import Shown


@dataclass(slots=True)
class Block:
    """One thing to read. `shape`: message, reasoning, tool, value or media."""

    shape: str
    role: str = ""
    text: str = ""
    name: str = ""
    facts: str = ""
    folded: bool = False
    arguments: Any = None
    result: str | None = None
    whole: int = 0  # characters of the text before it was cut
    number: int = 0
    media: Shown | None = None
    html: SafeString | None = None  # of `text`, where it is marked up
    is_cut: bool = False  # more was recorded than is shown

    @property
    def number_text(self) -> str:
        """The number for an address."""
        return str(self.number)

    @property
    def cut_words(self) -> str:
        """How much there is in all, where it is not all shown."""
        return size(self.whole) if self.is_cut else ""

    @property
    def is_prose(self) -> bool:
        """Whether it is what somebody wrote, rather than data."""
        return self.shape in ("message", "reasoning") and self.role != "tool"


def blocks(kind: str, name: str, content: dict[str, Any]) -> list[Block]:
    """What a span holds, in the order of the conversation; numbered from 0."""
    if kind == "tool":
        found = _tool_run(name, content)
    else:
        found = _instructions(content)
        found += _side(content.get("input"), "user", "Input")
        found += _side(content.get("output"), "assistant", "Output")
        found = _with_results(found)
    found += [_media(pictures.of_reference(one), "") for one in references(content.get("metadata"))]
    pictures.within_a_page(block.media for block in found if block.media)
    for number, block in enumerate(found):
        block.number = number
        block.whole = len(block.text) + len(block.result or "") + length_of(block.arguments)
    return found


def as_text(value: Any) -> str:
    """Text as it is, anything else as JSON on one line."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def length_of(arguments: Any) -> int:
    """Characters of a tool call's arguments."""
    return 0 if arguments is None else len(as_text(arguments))


def pretty(value: Any) -> str:
    """Text as it is, anything else as JSON to be read."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _instructions(content: dict[str, Any]) -> list[Block]:
    system = content.get("system_instructions")
    if not system or _has_system(content.get("input")):
        return []
    if is_chat(system):
        return _messages(system)
    if isinstance(system, list):
        texts = [part.get("content") for part in system if isinstance(part, dict)]
        if all(isinstance(text, str) for text in texts):
            system = "\n".join(str(text) for text in texts)
    return [Block("message", "system", pretty(system), folded=True)]


def _has_system(value: Any) -> bool:
    return is_chat(value) and any(message["role"] == "system" for message in value)


def _side(value: Any, role: str, word: str) -> list[Block]:
    if value is None or value == "":
        return []
    if is_chat(value):
        return _messages(value)
    if isinstance(value, str):
        return [
            Block("message", role, piece, name=word)
            if isinstance(piece, str)
            else _media(piece, role)
            for piece in pictures.split(value)
        ]
    files: list[Shown] = []
    text = pretty(pictures.without_bytes(value, files))
    return [Block("value", role, text, name=word), *(_media(one, role) for one in files)]


def _messages(messages: list[dict[str, Any]]) -> list[Block]:
    found = []
    for message in messages:
        role = str(message["role"])
        texts: list[str] = []
        other: list[Block] = []
        for part in message["parts"]:
            if not isinstance(part, dict):
                texts.append(as_text(part))
            elif part.get("type") == "text":
                for piece in pictures.split(as_text(part.get("content") or "")):
                    if isinstance(piece, str):
                        texts.append(piece)
                    else:
                        other.append(_media(piece, role))
            else:
                other += _part(part, role)
        thoughts = [block for block in other if block.shape == "reasoning"]
        rest = [block for block in other if block.shape != "reasoning"]
        found += thoughts
        if any(texts):
            text = "\n".join(filter(None, texts))
            found.append(Block("message", role, text, folded=role == "system"))
        found += rest
    return found


def _part(part: dict[str, Any], role: str) -> list[Block]:
    kind = part.get("type")
    if kind in ("image", "audio", "video", "file"):
        return [_media(pictures.of_part(part), role)]
    files: list[Shown] = []
    if kind == "reasoning":
        block = Block("reasoning", "reasoning", as_text(part.get("content") or ""), folded=True)
    elif kind == "tool_call":
        block = Block(
            "tool",
            role,
            name=str(part.get("name") or "tool"),
            arguments=_readable(pictures.without_bytes(part.get("arguments"), files)),
            facts=str(part.get("id") or ""),
        )
    elif kind == "tool_call_response":
        result = pictures.without_bytes(part.get("result"), files)
        answer = "" if result is None else as_text(result)
        block = Block("result", "tool", answer, facts=str(part.get("id") or ""))
    else:
        text = pretty(pictures.without_bytes(part, files))
        block = Block("value", role, text, name=str(kind or "part"))
    return [block, *(_media(one, role) for one in files)]


def _media(shown: Shown, role: str) -> Block:
    shown.where = f"the message of {role}" if role else "the metadata"
    return Block("media", role, name=shown.kind, media=shown)


def _readable(arguments: Any) -> Any:
    """Arguments as a mapping for a table, else as text."""
    if isinstance(arguments, dict) and arguments:
        return {str(name): value for name, value in arguments.items()}
    if arguments in (None, "", {}):
        return None
    return as_text(arguments)


def _with_results(found: list[Block]) -> list[Block]:
    """Put each result into the call it answers; a result without its call stands alone."""
    calls = {block.facts: block for block in found if block.shape == "tool" and block.facts}
    kept = []
    for block in found:
        if block.shape == "result":
            call = calls.get(block.facts)
            if call is not None and call.result is None:
                call.result = block.text
                continue
            block.shape = "message"
        kept.append(block)
    return kept


def _tool_run(name: str, content: dict[str, Any]) -> list[Block]:
    run = content.get("tool") if isinstance(content.get("tool"), dict) else {}
    arguments = content.get("input")
    if is_chat(arguments) or arguments is None:
        arguments = (run or {}).get("arguments", arguments)
    result = content.get("output")
    if result is None:
        result = (run or {}).get("result")
    if is_chat(result):
        texts = [block.text for block in _side(result, "tool", "Output") if block.text]
        result = "\n".join(texts) or result
    if arguments is None and result is None:
        return []
    files: list[Shown] = []
    arguments = pictures.without_bytes(arguments, files)
    result = pictures.without_bytes(result, files)
    return [
        Block(
            "tool",
            "tool",
            name=str((run or {}).get("name") or name),
            arguments=_readable(arguments),
            result=None if result is None else as_text(result),
        ),
        *(_media(one, "tool") for one in files),
    ]
