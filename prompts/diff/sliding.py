"""What came or went, moved to where a reader sees its bounds.

When a stretch came between two equal ones it can often be drawn a little earlier or later with the
same result: "[one. ]two." or "one.[ two.]". Each possible place is scored by its two edges, the
best is taken, the later one of equals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from prompts.diff.alignment import Block

Score = Callable[[str | None, str | None], int]  # of the edge between two elements; None is the end
FARTHEST = 200  # elements a stretch is moved at most; a guess


def slid(
    blocks: list[Block], left: Sequence[Any], right: Sequence[Any], score: Score
) -> list[Block]:
    """`blocks` with one-sided gaps moved to their best place."""
    moved = list(blocks)
    ends = [Block(0, 0, 0), *moved, Block(len(left), len(right), 0)]
    for index in range(len(ends) - 1):
        before, after = ends[index], ends[index + 1]
        a, b = before.left + before.size, before.right + before.size
        if a == after.left and b < after.right:
            shift = _best(right, b, after.right, before.size, after.size, score)
        elif b == after.right and a < after.left:
            shift = _best(left, a, after.left, before.size, after.size, score)
        else:
            continue
        ends[index] = before._replace(size=before.size + shift)
        ends[index + 1] = Block(after.left + shift, after.right + shift, after.size - shift)
    return [block for block in ends if block.size]


def _best(
    words: Sequence[Any], start: int, end: int, room_before: int, room_after: int, score: Score
) -> int:
    """How far `words[start:end]` is best moved, within the equal stretches around it."""
    earliest = 0
    while (
        -earliest < min(room_before, FARTHEST)
        and words[start + earliest - 1] == words[end + earliest - 1]
    ):
        earliest -= 1
    latest = 0
    while latest < min(room_after, FARTHEST) and words[start + latest] == words[end + latest]:
        latest += 1

    def worth(shift: int) -> tuple[int, int]:
        return _edge(words, start + shift, score) + _edge(words, end + shift, score), shift

    return max(range(earliest, latest + 1), key=worth)


def _edge(words: Sequence[Any], at: int, score: Score) -> int:
    return score(words[at - 1] if at else None, words[at] if at < len(words) else None)


def edge_of_words(before: str | None, after: str | None) -> int:
    """5 at an end of the line, 3 after a sentence, 2 at a space, 1 at a sign, 0 between words."""
    if before is None or after is None:
        return 5
    sign_before, sign_after = not before[-1:].isalnum(), not after[:1].isalnum()
    space_before, space_after = before[-1:].isspace(), after[:1].isspace()
    if sign_before and not space_before and space_after:
        return 3
    if space_before or space_after:
        return 2
    return int(sign_before or sign_after)


def edge_of_lines(before: str | None, after: str | None) -> int:
    """High after a blank line, less before one; higher the less the next line is indented."""
    paragraph = 20 if before is None or not before.strip() else 0
    end = 10 if after is None or not after.strip() else 0
    indent = len(after) - len(after.lstrip()) if after else 0
    return paragraph + end - min(indent, 9)
