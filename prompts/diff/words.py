"""Two lines compared word by word, without confetti."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby

from prompts.diff.alignment import Effort, matching
from prompts.diff.model import Mark, Run, Runs
from prompts.diff.sliding import edge_of_words, slid

MOST_RUNS = 100  # in a line; with more the eye, and the page, lose out
LONGEST_MERGED = 20  # visible characters; a longer stretch in common always stands for itself
LEAST_SHARED = 0.15  # of the visible characters; below, the lines are shown as different as a whole

# A variable or a reference is one word, so is a number; scripts without spaces go by character.
_TOKEN = re.compile(
    r"\{\{[^{}]+\}\}"
    r"|@@@langfusePrompt:.{1,1000}?@@@"
    r"|\d+(?:[.,]\d+)*"
    r"|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
    r"|[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
    r"(?:['’][^\W\u0e00-\u9fff]+)*"
    r"|\s+|.",
    re.DOTALL,
)
_PADDED = re.compile(r"\{\{\s*([^{}]*[^{}\s])\s*\}\}")
_SIGNS = "#/^!&={"  # mustache's other meanings, which are text here: `prompts.rendering.variables`
_JOINERS = "\u200d\ufe0e\ufe0f"


def tokens_of(line: str) -> list[str]:
    """The words, spaces and signs of `line`; together they are the line."""
    tokens: list[str] = _TOKEN.findall(line)
    return tokens if line.isascii() else _whole_characters(tokens)


def key_of(text: str, ignore_whitespace: bool) -> str:
    """What stands for `text` when it is compared."""
    return " ".join(_PADDED.sub(r"{{\1}}", text).split()) if ignore_whitespace else text


def plain(line: str) -> Runs:
    """`line` with its variables and references marked and nothing changed."""
    if not line:
        return ()
    runs = _runs(tokens_of(line), False) if _may_have_marks(line) else [Run(line)]
    return tuple(runs) if len(runs) <= MOST_RUNS else (Run(line),)


def words_of(line: str) -> Counter[str]:
    """The words of `line` and how often each occurs, spaces left out."""
    return Counter(token for token in tokens_of(line) if not token.isspace())


def likeness(left: Counter[str], right: Counter[str]) -> float:
    """From 0 to 1: the share of visible characters in words that both have."""
    total = _visible(left) + _visible(right)
    return 2 * _visible(left & right) / total if total else 1.0


def compared(
    left: str, right: str, effort: Effort, *, ignore_whitespace: bool = False
) -> tuple[Runs, Runs]:
    """Both lines with the words that make the difference; with none where too little is shared."""
    ours, theirs = tokens_of(left), tokens_of(right)
    spans = _spans(ours, theirs, effort, ignore_whitespace)
    shared = sum(_weight(ours[span.left : span.left_end]) for span in spans if span.is_equal)
    total = _weight(ours) + _weight(theirs)
    if not total:  # spaces alone differ
        return (Run(left, True),) if left else (), (Run(right, True),) if right else ()
    if 2 * shared / total < LEAST_SHARED:
        return plain(left), plain(right)
    sides: tuple[list[Run], list[Run]] = ([], [])
    for span in spans:
        is_changed = not span.is_equal and (span.weight > 0 or not ignore_whitespace)
        sides[0].extend(_runs(ours[span.left : span.left_end], is_changed))
        sides[1].extend(_runs(theirs[span.right : span.right_end], is_changed))
    if max(map(len, sides)) > MOST_RUNS:
        return plain(left), plain(right)
    return tuple(sides[0]), tuple(sides[1])


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of both lines, in numbers of tokens."""

    is_equal: bool
    left: int
    left_end: int
    right: int
    right_end: int
    weight: int  # visible characters, of the longer side


def _spans(
    ours: list[str], theirs: list[str], effort: Effort, ignore_whitespace: bool
) -> list[_Span]:
    """The lines cut into what is equal and what is not, small common stretches merged away."""
    left, right = ours, theirs
    if ignore_whitespace:
        left = [key_of(token, True) or " " for token in ours]
        right = [key_of(token, True) or " " for token in theirs]
    spans: list[_Span] = []

    def add(is_equal: bool, a: int, a_end: int, b: int, b_end: int) -> None:
        if a < a_end or b < b_end:
            weight = max(_weight(ours[a:a_end]), _weight(theirs[b:b_end]))
            spans.append(_Span(is_equal, a, a_end, b, b_end, weight))
            while len(spans) >= 3 and _is_confetti(*spans[-3:]):
                first, middle, last = spans[-3:]
                spans[-3:] = [
                    replace(
                        first,
                        left_end=last.left_end,
                        right_end=last.right_end,
                        weight=first.weight + middle.weight + last.weight,
                    )
                ]

    a = b = 0
    for block in slid(matching(left, right, effort), left, right, edge_of_words):
        add(False, a, block.left, b, block.right)
        a, b = block.left + block.size, block.right + block.size
        add(True, block.left, a, block.right, b)
    add(False, a, len(left), b, len(right))
    return spans


def _is_confetti(first: _Span, middle: _Span, last: _Span) -> bool:
    """True for a common stretch that is shorter than the changes on either side of it."""
    return (
        middle.is_equal
        and not first.is_equal
        and not last.is_equal
        and middle.weight <= min(first.weight, last.weight, LONGEST_MERGED)
    )


def _runs(tokens: list[str], is_changed: bool) -> list[Run]:
    """Tokens of one fate as runs: a variable or a reference stands alone."""
    text = "".join(tokens)
    if not _may_have_marks(text):
        return [Run(text, is_changed)] if text else []
    runs: list[Run] = []
    for mark, group in groupby(tokens, key=_mark):
        texts = list(group)
        runs += [Run(text, is_changed, mark) for text in (texts if mark else ["".join(texts)])]
    return runs


def _may_have_marks(text: str) -> bool:
    return "{{" in text or "@@@" in text


def _mark(token: str) -> Mark:
    if token.startswith("@@@l"):
        return "reference"
    name = token[2:-2].strip() if token.startswith("{{") else ""
    if not name or name[0] in _SIGNS:
        return ""
    return "reference" if name[0] == ">" else "variable"


def _whole_characters(tokens: list[str]) -> list[str]:
    """`tokens` with combining marks and joined signs kept to what they belong to."""
    whole: list[str] = []
    for token in tokens:
        first = token[0]
        joins = first > "\u02ff" and (
            first in _JOINERS or unicodedata.category(first).startswith("M")
        )
        if whole and not _mark(whole[-1]) and (joins or whole[-1][-1] == "\u200d"):
            whole[-1] += token
        else:
            whole.append(token)
    return whole


def _weight(tokens: list[str]) -> int:
    return len("".join("".join(tokens).split()))


def _visible(words: Counter[str]) -> int:
    return sum(len(word) * count for word, count in words.items())
