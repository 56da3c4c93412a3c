"""Where a label was before: its moves as a stack, so that a second rollback goes further back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

UNDO_SECONDS = 30  # for so long a rollback can be taken back


@dataclass(frozen=True)
class Step:
    """One move of a label, oldest first in a history. `to` None: the label was taken away."""

    cause: str  # set, review, rollback, undo, removed
    to: int | None


def stood_before(history: Iterable[Step], standing: int | None) -> list[int]:
    """Versions that the label served before it came to `standing`, the latest first.

    A version that was rolled back from is not among them, unless it was set again: a second
    rollback never leads forward. An undone rollback counts as if it had not been.
    """
    stack: list[int] = []
    before_rollback: list[int] = []
    for step in history:
        if step.cause == "rollback":
            before_rollback = list(stack)
            if step.to in stack:
                while stack[-1] != step.to:
                    stack.pop()
        elif step.cause == "undo":
            stack = before_rollback
        elif step.to is None:
            stack = []
        elif not stack or stack[-1] != step.to:
            stack.append(step.to)
    while stack and stack[-1] == standing:
        stack.pop()
    return list(dict.fromkeys(version for version in reversed(stack) if version != standing))
