"""Two traces beside each other: their spans aligned by the names on their way, what differs first.

Pure. A span's path is the names from its root down to it, each with its number among siblings of
that name; two spans with the same path are compared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from traces.ingest.record import KIND_NAMES, TOKEN_CLASSES, Kind, Level
from traces.models import Score, Span
from traces.values.score_values import value_text

Path = tuple[tuple[str, int], ...]

MOST_WORDS = 3_000  # of one text in a diff; what is beyond is left out, and said
MOST_DEPTH = 40  # of a path; deeper spans are known by their last names
_WORDS = re.compile(r"\w+\s*|\s+|[^\w\s]\s*")


@dataclass(frozen=True)
class Pair:
    """The spans of one path: of the first trace, of the second, or of both."""

    path: Path
    first: Span | None
    second: Span | None

    @property
    def span(self) -> Span:
        """Either of them, the first before the second."""
        found = self.first or self.second
        assert found is not None  # noqa: S101  (a pair holds one at least)
        return found

    @property
    def kind(self) -> str:
        """The kind for the badge."""
        return KIND_NAMES[self.span.kind]

    @property
    def name(self) -> str:
        """The span's name, numbered from its second sibling of that name on."""
        name, number = self.path[-1]
        return name if not number else f"{name} ({number + 1})"

    @property
    def above(self) -> str:
        """The names above it."""
        return " › ".join(name for name, _ in self.path[:-1])

    @property
    def differences(self) -> list[str]:
        """What differs, in words; times do not count, for they always do."""
        if self.first is None or self.second is None:
            return [f"only in {'B' if self.first is None else 'A'}"]
        a, b = self.first, self.second
        found = []
        if (a.level == Level.ERROR) != (b.level == Level.ERROR):
            found.append(f"failed in {'A' if a.level == Level.ERROR else 'B'}")
        elif a.error_type != b.error_type:
            found.append("another error")
        if a.model != b.model:
            found.append("model")
        if (a.prompt_name, a.prompt_version) != (b.prompt_name, b.prompt_version):
            found.append("prompt version")
        if tokens_of(a) != tokens_of(b):
            found.append("tokens")
        if a.input_preview != b.input_preview:
            found.append("input")
        if a.output_preview != b.output_preview:
            found.append("output")
        return found

    @property
    def duration_delta(self) -> int | None:
        """Microseconds that the second took longer; None where one is not known."""
        return _delta(_value(self.first, "duration_us"), _value(self.second, "duration_us"))

    @property
    def tokens_delta(self) -> int | None:
        """Tokens that the second used more."""
        return _delta(
            tokens_of(self.first) if self.first else None,
            tokens_of(self.second) if self.second else None,
        )

    @property
    def cost_delta(self) -> int | None:
        """Nano-dollars that the second cost more."""
        return _delta(_value(self.first, "cost_nano"), _value(self.second, "cost_nano"))


@dataclass(frozen=True)
class Piece:
    """A stretch of a word diff. `change`: same, removed or added."""

    change: str
    text: str


@dataclass(frozen=True)
class ScorePair:
    """The newest scores of one name on two traces, as text; None where there is none."""

    name: str
    first: str | None
    second: str | None
    delta: float | None

    @property
    def delta_text(self) -> str:
        """`+0.12`; nothing where it is not known."""
        return "" if self.delta is None else f"{self.delta:+.4g}".replace("-", "−")


def aligned(first: Sequence[Span], second: Sequence[Span]) -> list[Pair]:
    """All pairs: those that differ first, each group in the order of the first trace."""
    ours, theirs = _paths(first), _paths(second)
    pairs = [Pair(path, span, theirs.get(path)) for path, span in ours.items()]
    pairs += [Pair(path, None, span) for path, span in theirs.items() if path not in ours]
    return sorted(pairs, key=lambda pair: not pair.differences)


def answering(pairs: Iterable[Pair]) -> Pair | None:
    """The pair to read first: the last call of a model that both have, else the last of both."""
    both = [pair for pair in pairs if pair.first is not None and pair.second is not None]
    calls = [pair for pair in both if pair.span.kind == Kind.GENERATION]
    return max(calls or both, key=lambda pair: pair.span.start_time, default=None)


def tokens_of(span: Span) -> int | None:
    """All tokens of a span that counts; None where none are known."""
    known = [value for name in TOKEN_CLASSES if (value := getattr(span, name)) is not None]
    return sum(known) if known and span.counts else None


def word_diff(before: str, after: str) -> tuple[list[Piece], bool]:
    """The words of two texts, same, removed and added; and whether they were too long for it.

    What both begin and end with is set apart first, and words that stand everywhere are no
    anchors: so texts of one repeated word take no longer than others.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    is_cut = max(len(old), len(new)) > MOST_WORDS
    old, new = old[:MOST_WORDS], new[:MOST_WORDS]
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    begin, old, new = old[:head], old[head : len(old) - tail], new[head:]
    new, end = new[: len(new) - tail], new[len(new) - tail :]
    pieces = [Piece("same", "".join(begin))]
    for change, low, high, start, stop in SequenceMatcher(None, old, new).get_opcodes():
        if change == "equal":
            pieces.append(Piece("same", "".join(old[low:high])))
            continue
        pieces.append(Piece("removed", "".join(old[low:high])))
        pieces.append(Piece("added", "".join(new[start:stop])))
    pieces.append(Piece("same", "".join(end)))
    return [piece for piece in pieces if piece.text], is_cut


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words both begin with."""
    count = 0
    for ours, theirs in zip(old, new, strict=False):
        if ours != theirs:
            break
        count += 1
    return count


def score_pairs(first: Iterable[Score], second: Iterable[Score]) -> list[ScorePair]:
    """The newest score of each name that either trace has; both lists are the newest first."""
    ours, theirs = _newest(first), _newest(second)
    found = []
    for name in sorted({*ours, *theirs}):
        a, b = ours.get(name), theirs.get(name)
        known = a is not None and b is not None and a.num is not None and b.num is not None
        found.append(
            ScorePair(
                name,
                value_text(a) if a is not None else None,
                value_text(b) if b is not None else None,
                b.num - a.num if known else None,  # type: ignore[operator, union-attr]
            )
        )
    return found


def _newest(scores: Iterable[Score]) -> dict[str, Score]:
    found: dict[str, Score] = {}
    for score in sorted(scores, key=lambda one: one.span_id is not None):
        if score.trace_id:
            found.setdefault(score.name, score)
    return found


def _paths(spans: Sequence[Span]) -> dict[Path, Span]:
    """Spans by their paths, in the order of the tree."""
    by_id = {span.span_id: span for span in spans}
    children: dict[str | None, list[Span]] = defaultdict(list)
    for span in spans:
        parent = span.parent_span_id
        is_below = parent in by_id and parent != span.span_id
        children[parent if is_below else None].append(span)
    found: dict[Path, Span] = {}
    stack: list[tuple[Path, Span]] = []

    def wait(above: Path, parent: str | None) -> None:
        numbers: dict[str, int] = defaultdict(int)
        below = []
        for span in children.get(parent, ()):
            below.append(((*above, (span.name, numbers[span.name]))[-MOST_DEPTH:], span))
            numbers[span.name] += 1
        stack.extend(reversed(below))

    wait((), None)
    while stack:
        path, span = stack.pop()
        if path not in found:
            found[path] = span
            wait(path, span.span_id)
    return found


def _value(span: Span | None, name: str) -> int | None:
    return None if span is None else getattr(span, name)


def _delta(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before
