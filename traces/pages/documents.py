"""Retrieved documents as they are read: rank, where they came from, whether the answer uses them.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kit.figures import size
from traces.pages.reading import as_text
from traces.pages.shortening import (
    LONGEST_EARLIER,
    LONGEST_TEXT,
    LONGEST_TOGETHER,
    LONGEST_WHOLE,
)
from traces.values.score_values import number_text

MOST_DOCUMENTS = 100
_LEAST_NAME = 3  # characters of an id that may stand in an answer by itself
_QUOTED_WORDS = 8  # in a row, that are no accident
_LOOKED_AT = 20_000  # characters of a text
_WORD = re.compile(r"\w+")
_TITLES = ("title", "name", "file_name", "filename")
_SOURCES = ("url", "uri", "source", "path", "file_path", "link")

Sent = dict[str, Any]


@dataclass(slots=True)
class Document:
    """One document of a list. `was`: its rank before; `used`: None where no answer is known."""

    rank: int
    title: str
    score: Any
    text: str
    source: str
    was: int | None = None
    used: bool | None = None
    whole: int = 0

    @property
    def cut_words(self) -> str:
        """How much text there is in all, where it is not all shown."""
        return size(self.whole) if self.whole > len(self.text) else ""

    @property
    def rank_text(self) -> str:
        """The rank for an address."""
        return str(self.rank)

    @property
    def score_text(self) -> str:
        """The score with as many digits as tell."""
        score = self.score
        if isinstance(score, (int, float)) and not isinstance(score, bool):
            return number_text(score)
        return "" if score is None else as_text(score)[:40]


def told(
    sent: Sequence[Sent], *, before: Sequence[Sent] = (), answer: str | None = None
) -> list[Document]:
    """The documents of a span. `before`: the list that was reranked; `answer`: of the trace."""
    ranks = _ranks(before)
    quoted = _runs(answer) if answer else set()
    found = []
    left = LONGEST_TOGETHER
    for rank, one in enumerate(sent[:MOST_DOCUMENTS], 1):
        text = text_of(one)
        shown = text[: LONGEST_TEXT if left > 0 else LONGEST_EARLIER]
        left -= len(shown)
        was = next((ranks[name] for name in _names(one) if name in ranks), None)
        used = None if answer is None else _is_used(one, text, answer, quoted)
        document = _document(one, rank, shown)
        document.was, document.used = was, used
        found.append(document)
    return found


def alone(sent: Sequence[Sent], rank: int) -> Document | None:
    """One document with its whole text."""
    if not 0 < rank <= len(sent):
        return None
    return _document(sent[rank - 1], rank, text_of(sent[rank - 1])[:LONGEST_WHOLE])


def _document(one: Sent, rank: int, text: str) -> Document:
    whole = len(text_of(one))
    return Document(rank, title_of(one, rank), one.get("score"), text, _source(one), whole=whole)


def title_of(one: Sent, rank: int) -> str:
    """What the document is called: its title, its id, else its place."""
    metadata = one.get("metadata")
    if isinstance(metadata, dict):
        for name in _TITLES:
            if isinstance(metadata.get(name), str) and metadata[name]:
                return str(metadata[name])[:200]
    identity = one.get("id")
    return str(identity)[:200] if identity is not None else f"Document {rank}"


def text_of(one: Sent) -> str:
    """The text of a document."""
    content = one.get("content")
    return "" if content is None else as_text(content)


def cited_in(text: str, lists: Iterable[tuple[str, Sequence[Sent]]]) -> dict[str, tuple[str, int]]:
    """What stands in brackets in `text` and names a document: its span and rank by its name.

    `lists` are span ids with their documents; the last that knows a name counts. A number is the
    rank in the last list.
    """
    bracketed = {name.strip() for name in re.findall(r"\[([^\[\]\n]{1,80})\]", text)}
    cited: dict[str, tuple[str, int]] = {}
    for span_id, documents in lists:
        for rank, one in enumerate(documents[:MOST_DOCUMENTS], 1):
            for name in {str(rank), *_names(one), title_of(one, rank)} & bracketed:
                cited[name] = (span_id, rank)
    return cited


def _names(one: Sent) -> list[str]:
    """What tells a document from others: its id, else its text."""
    identity = one.get("id")
    return [str(identity)] if identity is not None else list(filter(None, [text_of(one)]))


def _ranks(before: Sequence[Sent]) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for rank, one in enumerate(before, 1):
        for name in {*_names(one), text_of(one)} - {""}:
            ranks.setdefault(name, rank)
    return ranks


def _source(one: Sent) -> str:
    metadata = one.get("metadata")
    if not isinstance(metadata, dict):
        return as_text(metadata)[:300] if metadata else ""
    said = [str(metadata[name]) for name in _SOURCES if metadata.get(name)]
    rest = {n: v for n, v in metadata.items() if n not in (*_SOURCES, *_TITLES)}
    if rest:
        said.append(as_text(rest))
    return ", ".join(said)[:300]


def _is_used(one: Sent, text: str, answer: str, quoted: set[tuple[str, ...]]) -> bool:
    """Whether the answer names the document or repeats eight of its words in a row."""
    identity = one.get("id")
    name = "" if identity is None else str(identity)
    if len(name) >= _LEAST_NAME and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", answer):
        return True
    return not quoted.isdisjoint(_runs(text))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text[:_LOOKED_AT].lower())
    return {
        tuple(words[place : place + _QUOTED_WORDS])
        for place in range(len(words) - _QUOTED_WORDS + 1)
    }
