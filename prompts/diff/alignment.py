"""What two sequences have in common, in order: for lines, and for the words of a line.

First what is equal at both ends; then patience: what occurs once on each side and stands in the
same order splits the rest, again and again; what then remains goes through Myers' greedy algorithm
(An O(ND) difference algorithm, Algorithmica 1986). So a blank line or a full stop never pulls two
unrelated places together. All of it draws on one `Effort`; when that is spent, what is left counts
as changed as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

MOST_COST = 800  # insertions and removals in one range; the trail of Myers grows with its square


class Block(NamedTuple):
    """`size` elements from `left` on equal those from `right` on."""

    left: int
    right: int
    size: int


class Effort:
    """How much one comparison may still cost, in steps of its innermost loop."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.is_spent = False

    def allows(self, steps: int) -> bool:
        """True, and `steps` are taken off; False when there are not so many left."""
        if steps > self.steps:
            self.is_spent = True
            return False
        self.steps -= steps
        return True


class Range(NamedTuple):
    """The elements still to be compared: `[left:left_end]` and `[right:right_end]`."""

    left: int
    left_end: int
    right: int
    right_end: int


def matching(left: Sequence[Hashable], right: Sequence[Hashable], effort: Effort) -> list[Block]:
    """The blocks that are equal, in order; between two of them at least one side has something."""
    pairs: list[Block] = []
    stack = [Range(0, len(left), 0, len(right))]
    while stack:
        a, a_end, b, b_end = stack.pop()
        start = a
        while a < a_end and b < b_end and left[a] == right[b]:
            a, b = a + 1, b + 1
        if a > start:
            pairs.append(Block(start, b - (a - start), a - start))
        end = a_end
        while a < a_end and b < b_end and left[a_end - 1] == right[b_end - 1]:
            a_end, b_end = a_end - 1, b_end - 1
        if a_end < end:
            pairs.append(Block(a_end, b_end, end - a_end))
        rest = Range(a, a_end, b, b_end)
        if a == a_end or b == b_end or not effort.allows((a_end - a + b_end - b) // 4 + 1):
            continue
        anchors = _anchors(left, right, rest)
        if anchors:
            stack += _between(anchors, rest)
        else:
            pairs += _shortest(left, right, rest, effort)
    return _joined(sorted(pairs))


def _anchors(
    left: Sequence[Hashable], right: Sequence[Hashable], rest: Range
) -> list[tuple[int, int]]:
    """Elements that occur once on each side, the longest run of them that keeps its order."""
    ours = Counter(left[rest.left : rest.left_end])
    theirs = Counter(right[rest.right : rest.right_end])
    places = {right[b]: b for b in range(rest.right, rest.right_end) if theirs[right[b]] == 1}
    pairs = [
        (a, places[left[a]])
        for a in range(rest.left, rest.left_end)
        if left[a] in places and ours[left[a]] == 1
    ]
    # Longest increasing run by patience: `ends[n]` is the least end of a run of n + 1.
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, (_, b) in enumerate(pairs):
        pile = bisect_left(ends, b)
        before.append(last[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [b]
        last[pile : pile + 1] = [index]
    run = []
    index = last[-1] if last else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


def _between(anchors: list[tuple[int, int]], rest: Range) -> Iterator[Range]:
    """The ranges that anchors leave; each begins with its anchor, which then is its equal start."""
    starts = [(rest.left, rest.right), *anchors]
    ends = [*anchors, (rest.left_end, rest.right_end)]
    for (a, b), (a_end, b_end) in zip(starts, ends, strict=True):
        yield Range(a, a_end, b, b_end)


def _shortest(
    left: Sequence[Hashable], right: Sequence[Hashable], rest: Range, effort: Effort
) -> list[Block]:
    """The longest common subsequence by Myers, among the elements that both sides have."""
    shared = set(left[rest.left : rest.left_end]) & set(right[rest.right : rest.right_end])
    ours = [index for index in range(rest.left, rest.left_end) if left[index] in shared]
    theirs = [index for index in range(rest.right, rest.right_end) if right[index] in shared]
    width, height = len(ours), len(theirs)
    if not width or not height:
        return []
    best = {1: 0}
    trail: list[dict[int, int]] = []
    for cost in range(min(width + height, MOST_COST) + 1):
        if not effort.allows(cost + 1):
            return []
        trail.append(best.copy())
        for diagonal in range(-cost, cost + 1, 2):
            down = diagonal == -cost or (
                diagonal != cost and best[diagonal - 1] < best[diagonal + 1]
            )
            x = best[diagonal + 1] if down else best[diagonal - 1] + 1
            y = x - diagonal
            while x < width and y < height and left[ours[x]] == right[theirs[y]]:
                x, y = x + 1, y + 1
            best[diagonal] = x
            if x >= width and y >= height:
                return _way_back(trail, ours, theirs)
    effort.is_spent = True
    return []


def _way_back(trail: list[dict[int, int]], ours: list[int], theirs: list[int]) -> list[Block]:
    x, y = len(ours), len(theirs)
    blocks = []
    for cost in range(len(trail) - 1, -1, -1):
        best = trail[cost]
        diagonal = x - y
        down = diagonal == -cost or (diagonal != cost and best[diagonal - 1] < best[diagonal + 1])
        came = diagonal + 1 if down else diagonal - 1
        from_x = best[came]
        from_y = from_x - came
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            blocks.append(Block(ours[x], theirs[y], 1))
        x, y = from_x, from_y
    return blocks


def _joined(blocks: list[Block]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if last and last.left + last.size == block.left and last.right + last.size == block.right:
            joined[-1] = last._replace(size=last.size + block.size)
        else:
            joined.append(block)
    return joined
