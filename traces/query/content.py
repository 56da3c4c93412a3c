"""Conditions that only a span's content can answer, and how they look at it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import orjson

from traces.ingest.canonical.represent import read_content
from traces.ingest.writer.merge import unpack
from traces.query.nodes import NumberTest, Test, Text, TextTest
from traces.query.values import number_in
from traces.search.words import texts_in, words_of

# What of a span is searched; the index of words holds the same.
SAID = ("input", "output", "tool", "documents")
# Words of the form and not of the message.
_FORM = frozenset({"role", "type"})
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
_RAW = re.compile(r"[A-Za-z0-9_-]{2,}")
_STARS = re.compile(r"\*+")
_DEEPEST = 30


class Document:
    """The content of one span, unpacked as far as is asked."""

    def __init__(self, name: str, body: bytes | None) -> None:
        self.name = name
        self._body = body

    @cached_property
    def raw(self) -> bytes:
        """The stored JSON; an empty document where no content is kept."""
        return b"{}" if self._body is None else unpack(self._body)

    @cached_property
    def lowered(self) -> bytes:
        """The stored JSON with its ASCII letters in lower case."""
        return self.raw.lower()

    @cached_property
    def stored(self) -> dict[str, Any]:
        """The stored document."""
        found = orjson.loads(self.raw)
        return found if isinstance(found, dict) else {}

    @cached_property
    def content(self) -> dict[str, Any]:
        """The whole content: what the attributes say as well."""
        return read_content(self.stored)

    def said(self, names: Sequence[str]) -> str:
        """The texts of these parts of the content, one a line."""
        return "\n".join(
            text for name in names for text in texts_in(_unformed(self.content.get(name)))
        )


def _unformed(value: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        return None
    if isinstance(value, Mapping):
        return {k: _unformed(v, depth + 1) for k, v in value.items() if k not in _FORM}
    if isinstance(value, list | tuple):
        return [_unformed(one, depth + 1) for one in value]
    return value


Look: TypeAlias = Callable[[Document], bool]


@dataclass(frozen=True)
class ContentTest:
    """A condition on the content of one span. `words` must all stand in the trace's index.

    `is_of_body`: only what is stored of the content meets it; a span without content never does.
    """

    look: Look
    words: frozenset[str] = field(default_factory=frozenset)
    response_ids: tuple[str, ...] = ()
    is_of_body: bool = True


def searched(text: Text, names: Sequence[str] = SAID, *, with_name: bool = True) -> ContentTest:
    """The words stand in the name or in these parts, one after the other."""
    pattern = _pattern(text)
    quick = _needle(text.text)

    def look(document: Document) -> bool:
        if with_name and pattern.search(document.name):
            return True
        if quick and quick not in document.lowered:
            return False
        return pattern.search(document.said(names)) is not None

    return ContentTest(look, _indexed(text), is_of_body=not with_name)


def said_in(name: str, tests: Sequence[Test]) -> ContentTest:
    """One of the texts stands in `input` or `output`."""
    texts = [_text_of(test) for test in tests if isinstance(test, TextTest)]
    found = [searched(text, (name,), with_name=False) for text in texts]
    words = found[0].words if len(found) == 1 else frozenset()
    return ContentTest(lambda document: any(one.look(document) for one in found), words)


def fields_are(
    read: Callable[[dict[str, Any]], Sequence[Any]], tests: Sequence[Test]
) -> ContentTest:
    """One of the values that `read` finds in the content meets one of the tests."""
    matches = _matching(tests)
    quick = _quick(tests)

    def look(document: Document) -> bool:
        if quick is not None and not any(needle in document.lowered for needle in quick):
            return False
        return any(matches(value) for value in _flat(read(document.content)))

    return ContentTest(look)


def attribute_is(key: str, tests: Sequence[Test]) -> ContentTest:
    """The attribute, metadata entry or resource attribute of that name meets one of the tests."""
    matches = _matching(tests)
    quick = _needle(key.rpartition(".")[2]) if _RAW.fullmatch(key.rpartition(".")[2]) else b""

    def look(document: Document) -> bool:
        if quick and quick not in document.lowered:
            return False
        return any(matches(value) for value in _flat(attribute_values(document, key)))

    return ContentTest(look)


def has_attribute(key: str) -> ContentTest:
    """The span, its metadata or its resource has that attribute."""
    return ContentTest(lambda document: any(True for _ in attribute_values(document, key)))


def has_field(read: Callable[[dict[str, Any]], Sequence[Any]]) -> ContentTest:
    """The content says something there."""
    return ContentTest(lambda document: any(v not in (None, "") for v in read(document.content)))


def has_said(name: str) -> ContentTest:
    """The span has an input, or output, with text in it."""
    return ContentTest(lambda document: bool(document.said((name,)).strip()))


def response_is(tests: Sequence[Test]) -> ContentTest:
    """The provider's id of the response is one of these."""
    texts = tuple(test.text for test in tests if isinstance(test, TextTest) and not test.glob)
    matches = _matching(tests)

    def look(document: Document) -> bool:
        return matches(document.content.get("response_id"))

    return ContentTest(look, response_ids=texts if len(texts) == len(tests) else ())


def attribute_values(document: Document, key: str) -> Iterator[Any]:
    """The values under a key; a dot may lead into a map."""
    for place in ("attributes", "metadata", "resource"):
        yield from _below(document.stored.get(place), key)
    if "metadata" not in document.stored:
        yield from _below(document.content.get("metadata"), key)


def _below(found: Any, key: str) -> Iterator[Any]:
    if not isinstance(found, Mapping):
        return
    if key in found:
        if found[key] is not None:
            yield found[key]
        return
    first, dot, rest = key.partition(".")
    while dot:
        if isinstance(found.get(first), Mapping):
            yield from _below(found[first], rest)
            return
        more, dot, rest = rest.partition(".")
        first = f"{first}.{more}"


def _flat(values: Sequence[Any] | Iterator[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from value
        else:
            yield value


def _matching(tests: Sequence[Test]) -> Callable[[Any], bool]:
    return lambda value: value is not None and any(_meets(value, test) for test in tests)


def _meets(value: Any, test: Test) -> bool:
    number = _number(value)
    if isinstance(test, NumberTest):
        return number is not None and test.holds(number)
    text = _as_text(value)
    if test.glob:
        return glob_matches(text, test.text)
    return text == test.text or (
        isinstance(value, int | float) and number is not None and number == number_in(test.text)
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    return number_in(value) if isinstance(value, str) else None


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value, default=str).decode()


def glob_matches(text: str, glob: str) -> bool:
    """Whether `text` is like `glob`. Piece by piece, so that no text makes it slow."""
    first, *rest = _STARS.split(glob)
    if not rest:
        return text == glob
    *middle, last = rest
    if not text.startswith(first):
        return False
    place = len(first)
    for piece in middle:
        found = text.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return len(text) - place >= len(last) and text.endswith(last)


def _text_of(test: TextTest) -> Text:
    if not test.glob:
        return Text(test.text)
    stripped = test.text.strip("*")
    return Text(stripped, not test.text.startswith("*"), not test.text.endswith("*"))


def _pattern(text: Text) -> re.Pattern[str]:
    """Whole words in this order, any case; where a script has no spaces, wherever they stand."""
    words = text.text.split()
    body = r"\s+".join(map(re.escape, words))
    before = r"(?<!\w)" if text.opens and _bounds(words[0][0]) else ""
    after = r"(?!\w)" if text.closes and _bounds(words[-1][-1]) else ""
    return re.compile(before + body + after, re.IGNORECASE)


def _bounds(character: str) -> bool:
    is_word = character.isalnum() or character == "_"
    return is_word and not _UNSPACED.match(character)


def _indexed(text: Text) -> frozenset[str]:
    """The whole words that the index must hold; those at an open end may be parts of words."""
    words = text.text
    if not text.opens:
        words = re.sub(r"^\w+", "", words)
    if not text.closes:
        words = re.sub(r"\w+$", "", words)
    return frozenset(word for word in words_of(words) if len(word) > 1 or word.isascii())


def _needle(text: str) -> bytes:
    """The longest run of ASCII letters and digits: where it is missing, the text is."""
    runs = _RAW.findall(text)
    return max(runs, key=len).lower().encode() if runs else b""


def _quick(tests: Sequence[Test]) -> list[bytes] | None:
    """What one of the tests needs to stand somewhere in the document; None: nothing is sure."""
    needles = []
    for test in tests:
        if not isinstance(test, TextTest) or test.glob or not _RAW.fullmatch(test.text):
            return None
        needles.append(test.text.lower().encode())
    return needles
