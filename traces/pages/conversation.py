"""The turns of a session as a conversation: what is new in each, not what it repeats. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from traces.ingest.record import KIND_NAMES, Kind
from traces.pages import shortening
from traces.pages.reading import Block, blocks
from traces.queries.summaries import TraceSummary
from traces.queries.turns import Content, Spoken, Step

MOST_ASKED = 12  # new messages of one turn


@dataclass
class Turn:
    """One trace of the conversation. `repeated` messages of its input were said before."""

    number: int
    trace: TraceSummary
    asked: list[Block]
    answered: list[Block]
    repeated: int
    tools: list[Step]
    calls: int
    pause_us: int | None = None  # since the end of the turn before
    scores: list[Any] = field(default_factory=list)
    outcomes: list[Any] = field(default_factory=list)
    steps: list[Block] | None = None  # where they are asked for

    @property
    def failed_tools(self) -> int:
        """Tools that failed."""
        return sum(step.is_error for step in self.tools)

    @property
    def tool_names(self) -> str:
        """The tools in their order, each once, with how often."""
        counted: dict[str, int] = {}
        for step in self.tools:
            counted[step.name] = counted.get(step.name, 0) + 1
        return ", ".join(f"{name} ×{n}" if n > 1 else name for name, n in counted.items())


def turn(number: int, trace: TraceSummary, spoken: Spoken, steps: Sequence[Step]) -> Turn:
    """The turn of a trace: the new messages of its input, and its last answer."""
    asked, repeated = new_messages(spoken.asked)
    answered = _only(spoken.answered, "output")
    if not asked and not repeated and trace.input_preview:
        asked = [Block("message", "user", trace.input_preview)]
    if not answered and trace.output_preview:
        answered = [Block("message", "assistant", trace.output_preview)]
    return Turn(
        number,
        trace,
        _readable(asked[-MOST_ASKED:]),
        _readable(answered),
        repeated + max(0, len(asked) - MOST_ASKED),
        [step for step in steps if step.kind == Kind.TOOL],
        sum(step.kind == Kind.GENERATION for step in steps),
    )


def new_messages(content: Content | None) -> tuple[list[Block], int]:
    """What an input says after the last answer in it, and how many messages stand before that.

    A call of a model repeats the conversation so far; instructions are left out of both.
    """
    found = [block for block in _only(content, "input") if block.role != "system"]
    after = 0
    for place, block in enumerate(found, 1):
        if block.role == "assistant" or block.shape == "tool":
            after = place
    return found[after:], after


def steps_told(steps: Sequence[Step], contents: dict[tuple[str, str], Content]) -> list[Block]:
    """Every tool with what went in and out, every call with its answer, in their order."""
    told = []
    for step in steps:
        content = contents.get((step.trace_id, step.span_id), {})
        if step.kind == Kind.TOOL:
            found = blocks("tool", step.name, content) or [Block("tool", "tool", name=step.name)]
        else:
            found = [one for one in _only(content, "output") if one.shape != "tool"]
        for block in found:
            block.facts = step.span_id
            block.name = block.name or step.name
        told += found
    return _readable(told)


def pauses(turns: Sequence[Turn]) -> None:
    """Note how long each turn waited for the one before."""
    for before, after in pairwise(turns):
        waited = after.trace.start_time - before.trace.end_time
        after.pause_us = max(0, round(waited.total_seconds() * 1_000_000))


def _only(content: Content | None, side: str) -> list[Block]:
    if not content or content.get(side) is None:
        return []
    return blocks(KIND_NAMES[Kind.GENERATION], "", {side: content[side]})


def _readable(found: list[Block]) -> list[Block]:
    """The same, long texts cut and marked-up text rendered."""
    for block in found:
        block.whole = max(block.whole, len(block.text) + len(block.result or ""))
    shortening.render(shortening.shortened(found), {})
    return found
