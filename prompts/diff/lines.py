"""Two texts compared line by line, and within lines that belong together word by word."""

from __future__ import annotations

from collections import Counter

from prompts.diff.alignment import Effort, matching
from prompts.diff.model import Row, Runs
from prompts.diff.sliding import edge_of_lines, slid
from prompts.diff.words import compared, key_of, likeness, plain, words_of

LEAST_ALIKE = 0.35  # of two lines, to stand beside each other before position decides
COMPARING, PER_CHARACTER = 50, 2  # what it costs to compare two lines by words, in steps
MOST_PAIRS = 10_000  # lines removed times lines added, in one place, that are weighed


def lines_of(text: str) -> list[str]:
    """The lines of `text`; joined with line feeds they are the text again. Never empty."""
    return text.split("\n")


def rows_of(
    old: str | None, new: str | None, effort: Effort, *, ignore_whitespace: bool = False
) -> tuple[Row, ...]:
    """The rows of two texts. None is a side that is not there, all of the other is new or gone."""
    left = [] if old is None else lines_of(old)
    right = [] if new is None else lines_of(new)
    ours = [key_of(line, ignore_whitespace) for line in left]
    theirs = [key_of(line, ignore_whitespace) for line in right]
    blocks = slid(matching(ours, theirs, effort), ours, theirs, edge_of_lines)
    rows: list[Row] = []
    a = b = 0
    for block in [*blocks, None]:
        a_end, b_end = (block.left, block.right) if block else (len(left), len(right))
        changed = _Change(left, right, effort, ignore_whitespace)
        rows += changed.rows(range(a, a_end), range(b, b_end))
        a, b = a_end, b_end
        for _ in range(block.size if block else 0):
            runs = plain(left[a])
            other = runs if left[a] == right[b] else plain(right[b])
            rows.append(Row("equal", a + 1, b + 1, runs, other))
            a, b = a + 1, b + 1
    return tuple(rows)


class _Change:
    """Lines that went and lines that came in their place."""

    def __init__(
        self, left: list[str], right: list[str], effort: Effort, ignore_whitespace: bool
    ) -> None:
        self.left = left
        self.right = right
        self.effort = effort
        self.ignore_whitespace = ignore_whitespace

    def rows(self, gone: range, came: range) -> list[Row]:
        """The rows of the lines `gone` and `came`: like beside like, the rest by position."""
        rows: list[Row] = []
        a, b = gone.start, came.start
        for left, right in [*self._alike(gone, came), (gone.stop, came.stop)]:
            rows += self._by_position(range(a, left), range(b, right))
            if left < gone.stop and right < came.stop:
                rows.append(self._changed(left, right))
            a, b = left + 1, right + 1
        return rows

    def _by_position(self, gone: range, came: range) -> list[Row]:
        both = min(len(gone), len(came))
        return [
            *(self._changed(a, b) for a, b in zip(gone, came, strict=False)),
            *(Row("removed", a + 1, None, plain(self.left[a]), ()) for a in gone[both:]),
            *(Row("added", None, b + 1, (), plain(self.right[b])) for b in came[both:]),
        ]

    def _changed(self, a: int, b: int) -> Row:
        ours, theirs = self._compared(self.left[a], self.right[b])
        return Row("changed", a + 1, b + 1, ours, theirs)

    def _compared(self, left: str, right: str) -> tuple[Runs, Runs]:
        if not self.effort.allows(COMPARING + PER_CHARACTER * (len(left) + len(right))):
            return plain(left), plain(right)
        return compared(left, right, self.effort, ignore_whitespace=self.ignore_whitespace)

    def _alike(self, gone: range, came: range) -> list[tuple[int, int]]:
        """The pairs of lines, in order, that have the most in common altogether."""
        pairs = len(gone) * len(came)
        size = sum(len(self.left[a]) for a in gone) + sum(len(self.right[b]) for b in came)
        if pairs <= 1 or pairs > MOST_PAIRS or not self.effort.allows(size + pairs * 10):
            return []
        ours = [words_of(self.left[a]) for a in gone]
        theirs = [words_of(self.right[b]) for b in came]
        found = best_pairs([[_worth(left, right) for right in theirs] for left in ours])
        return [(gone[a], came[b]) for a, b in found]


def best_pairs(worth: list[list[float]]) -> list[tuple[int, int]]:
    """Of a table of worths the pairs, each row and column at most once and in order, of most worth.

    A pair of no worth is never taken.
    """
    height, width = len(worth), len(worth[0]) if worth else 0
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for a in range(height - 1, -1, -1):
        for b in range(width - 1, -1, -1):
            together = worth[a][b] + best[a + 1][b + 1] if worth[a][b] > 0 else 0.0
            best[a][b] = max(best[a + 1][b], best[a][b + 1], together)
    pairs = []
    a = b = 0
    while a < height and b < width:
        if worth[a][b] > 0 and best[a][b] == worth[a][b] + best[a + 1][b + 1]:
            pairs.append((a, b))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return pairs


def _worth(left: Counter[str], right: Counter[str]) -> float:
    alike = likeness(left, right) if left and right else 0.0
    return alike if alike >= LEAST_ALIKE else 0.0
