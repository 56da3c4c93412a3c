"""Quotes of a judge, looked up: do they stand in what was judged? Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evals.evaluating.judging.fencing import Part

MOST_QUOTES = 20
LONGEST_QUOTE = 1_000
LEAST_LETTERS = 3  # shorter ones stand everywhere
_GAP = re.compile(r"\s*(?:\[?(?:…|\.\.\.)\]?)\s*")
_SAME = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‑": "-"}
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A text that a judge quotes. `stands_in` is the part that holds it; '': it stands nowhere."""

    text: str
    stands_in: str

    @property
    def document(self) -> dict[str, str]:
        """As it is stored."""
        return {"text": self.text, "stands_in": self.stands_in}


def looked_up(quotes: Iterable[Any], parts: Sequence[Part]) -> list[Quote]:
    """Each quote with the part it stands in, the answer first.

    Case, blanks, quotation marks and an ellipsis in the middle do not matter; words do.
    """
    ordered = sorted(parts, key=lambda part: part.name != "ANSWER")
    haystacks = [(part.name, _plain(part.text)) for part in ordered]
    found = []
    for quote in quotes:
        if not isinstance(quote, str) or not quote.strip():
            continue
        text = quote.strip()[:LONGEST_QUOTE]
        found.append(Quote(text, _where(text, haystacks)))
        if len(found) == MOST_QUOTES:
            break
    return found


def _where(quote: str, haystacks: Sequence[tuple[str, str]]) -> str:
    pieces = [piece for part in _GAP.split(quote) if (piece := _plain(part).strip(" .,;:'\"`*"))]
    if sum(len(piece) for piece in pieces) < LEAST_LETTERS:
        return ""
    for name, text in haystacks:
        at = 0
        for piece in pieces:
            at = text.find(piece, at)
            if at < 0:
                break
            at += len(piece)
        else:
            return name
    return ""


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text.translate(_SAME)).casefold().split())
