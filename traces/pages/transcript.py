"""A trace as the conversation held in it: each message once, tool calls in their place. Pure.

Every call of a model is sent the whole conversation so far, so a message that an earlier call has
shown is left out; a tool's result joins the call that it answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from traces.ingest.canonical.represent import read_content
from traces.ingest.record import KIND_NAMES, Kind, Level
from traces.pages.reading import Block, as_text, blocks
from traces.queries.detail import TreeSpan

SPEAKING = frozenset({Kind.GENERATION, Kind.TOOL})


@dataclass(slots=True)
class Turn:
    """What one span adds to the conversation."""

    span: TreeSpan
    kind: str
    blocks: list[Block] = field(default_factory=list)


def speaking(spans: Iterable[TreeSpan], root_span_id: str | None) -> list[TreeSpan]:
    """The spans that hold the conversation: models and tools, else the root; by start."""
    given = list(spans)
    found = [span for span in given if span.kind in SPEAKING]
    if any(span.kind == Kind.GENERATION for span in found):
        return found
    root = [span for span in given if span.span_id == root_span_id] or given[:1]
    return sorted({*root, *found}, key=lambda span: (span.start_time, span.span_id))


class _Known:
    """What has been said so far, and which calls of tools have been told of."""

    def __init__(self) -> None:
        self.said: set[tuple[str, ...]] = set()
        self.by_id: dict[str, Block] = {}
        self.calls: dict[str, list[Block]] = {}  # of models, by tool and arguments, not yet run
        self.runs: dict[str, list[Block]] = {}  # of tools, likewise, of which no model has told

    def is_new(self, block: Block, *, is_run: bool) -> bool:
        """Whether nobody has said it yet; a result that comes later joins its call."""
        if block.shape == "tool":
            return self._is_new_run(block) if is_run else self._is_new_call(block)
        if block.shape == "media":
            key: tuple[str, ...] = ("media", repr(block.media))
        elif block.text:
            key = (block.shape, block.role, block.text)
        else:
            return False
        if key in self.said:
            return False
        self.said.add(key)
        return True

    def _is_new_run(self, run: Block) -> bool:
        called = self.calls.get(_identity(run))
        if called:
            call = called.pop(0)
            if call.result is None:
                call.result = run.result
            return False
        self.runs.setdefault(_identity(run), []).append(run)
        return True

    def _is_new_call(self, call: Block) -> bool:
        known = self.by_id.get(call.facts) if call.facts else None
        if known is not None:
            if known.result is None:
                known.result = call.result
            return False
        ran = self.runs.get(_identity(call))
        if call.facts:
            # Without an id a result that comes later cannot be told from another call's.
            self.by_id[call.facts] = call
        if ran:
            ran.pop(0)
            return False
        self.calls.setdefault(_identity(call), []).append(call)
        return True


def transcript(spans: Iterable[TreeSpan], documents: dict[str, dict[str, Any]]) -> list[Turn]:
    """The turns of a conversation in order; `documents` are the stored ones by span id."""
    known = _Known()
    turns = []
    for span in spans:
        kind = KIND_NAMES[span.kind]
        content = read_content(documents.get(span.span_id) or {})
        is_run = span.kind == Kind.TOOL
        said = [
            block
            for block in blocks(kind, span.name, content)
            if known.is_new(block, is_run=is_run)
        ]
        if said or span.level == Level.ERROR:
            turns.append(Turn(span, kind, said))
    return turns


def _identity(block: Block) -> str:
    return f"{block.name} {as_text(block.arguments)}"
