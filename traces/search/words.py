"""Words of a text, and the hashes under which a trace is found by them. Pure.

A word is a run of letters, digits and underscores, any case. Scripts that put no space between
words give every pair of neighbouring characters. Long hexadecimal numbers are no words: ids have
columns of their own, and each would be a word that is never seen again.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zlib import crc32

FIRST_CHARACTERS = 8192  # of a span's input and of its output: what of it is indexed
LONGEST_WORD = 64
MOST_WORDS = 20_000  # of a trace
_DEPTH = 30

_WORD = re.compile(r"\w+")
_ASCII_WORD = re.compile(rb"\w+")
_HEX_ID = re.compile(rb"[0-9a-f]{16,}")
_SHORT = 16  # shorter words are neither ids nor too long
# Han, kana, Thai, Lao, Khmer, Burmese: written without spaces between words.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)
_RESPONSE = "response\x1f"  # set before a provider's id of a response: no word holds the sign


def words_of(text: str) -> set[str]:
    """The words of a text, folded."""
    if text.isascii():
        return {word.decode() for word in _ascii_words(text)}
    found: set[str] = set()
    for word in _WORD.findall(text.casefold()):
        if word.isascii():
            if len(word) < _SHORT or not _HEX_ID.fullmatch(word.encode()):
                found.add(word[:LONGEST_WORD])
        else:
            found.update(_parts(word))
    return found


def _ascii_words(text: str) -> set[bytes]:
    """The same of plain text, as bytes: most texts are, and this is four times as fast."""
    return {
        word if len(word) < _SHORT else word[:LONGEST_WORD]
        for word in set(_ASCII_WORD.findall(text.lower().encode()))
        if len(word) < _SHORT or not _HEX_ID.fullmatch(word)
    }


def _parts(word: str) -> Iterator[str]:
    for piece in _UNSPACED.split(word):
        if piece:
            yield piece[:LONGEST_WORD]
    for run in _UNSPACED.findall(word):
        if len(run) == 1:
            yield run
        for place in range(len(run) - 1):
            yield run[place : place + 2]


def hashes_in(text: str, project_id: int) -> set[int]:
    """The words of a text as unsigned 32-bit numbers; the project is the seed, so none meet."""
    seed = project_id & 0xFFFFFFFF
    if text.isascii():
        return {crc32(word, seed) for word in _ascii_words(text)}
    return {crc32(word.encode("utf-8", "replace"), seed) for word in words_of(text)}


def as_stored(hashes: Iterable[int]) -> list[int]:
    """Unsigned hashes as PostgreSQL holds them: signed, sorted."""
    return sorted(array("i", array("I", hashes).tobytes()))


def word_hashes(text: str, project_id: int) -> list[int]:
    """The hashes of the words of `text` as they are stored, sorted: what a search asks for."""
    return as_stored(hashes_in(text, project_id))


def word_hash(word: str, project_id: int) -> int:
    """The hash of one folded word as it is stored."""
    [stored] = as_stored([crc32(word.encode("utf-8", "replace"), project_id & 0xFFFFFFFF)])
    return stored


def response_hash(response_id: str, project_id: int) -> int:
    """The hash under which a provider's id of a response is stored."""
    return word_hash(_RESPONSE + response_id, project_id)


def span_hashes(name: str, said: Mapping[str, Any], project_id: int) -> set[int]:
    """Unsigned hashes of a span's words: of its name and the first 8 KB of each value of `said`."""
    texts = [name, *(first_text(value) for value in said.values())]
    return hashes_in("\n".join(texts), project_id)


def first_text(value: Any, most: int = FIRST_CHARACTERS) -> str:
    """The texts inside a JSON value, one a line, as much of them as is indexed."""
    if isinstance(value, str):
        return value[:most]
    parts: list[str] = []
    left = most
    for text in texts_in(value):
        parts.append(text[:left])
        left -= len(text) + 1
        if left <= 0:
            break
    return "\n".join(parts)


def texts_in(value: Any, depth: int = 0) -> Iterator[str]:
    """Every text and number inside a JSON value, in its order; names of fields are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        if depth < _DEPTH:
            for part in value.values():
                yield from texts_in(part, depth + 1)
    elif isinstance(value, list | tuple):
        if depth < _DEPTH:
            for part in value:
                yield from texts_in(part, depth + 1)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
