"""What can follow at a place in a query: which piece is being written there, and of what."""

from __future__ import annotations

import re
from dataclasses import dataclass

from traces.query.fields import FIELDS, NUMERIC, Type
from traces.query.values import BARE, HAS_ALSO, quoted

MOST = 10
_NEAR = 500  # characters before the place that are looked at
_VALUE = re.compile(
    r'(?:^|[\s(-])([A-Za-z_][\w./@-]*(?:"[^"]*")?)(!=|>=|<=|:|=|>|<)\s*(\((?:[^()]*,)?\s*)?'
    r'("[^"]*|[^\s()",]*)$'
)
_WORD = re.compile(r"(?:^|[\s(-])([A-Za-z_][\w./@-]*)?$")
_REST = re.compile(r'[^\s()",]*')


@dataclass(frozen=True)
class Suggestion:
    """Text that takes the place of characters `start` to `end` of the query."""

    text: str
    label: str
    detail: str = ""  # what the field is
    count: int | None = None  # of the traces looked at


@dataclass(frozen=True)
class Writing:
    """The piece that is being written: a value of `field` (and `key`), else a field or word."""

    start: int
    end: int
    partial: str
    field: str = ""
    key: str = ""


def writing(text: str, at: int) -> Writing | None:
    """The piece before the place `at`; None where nothing can be told, as inside a phrase."""
    at = max(0, min(at, len(text)))
    cut = max(0, at - _NEAR)
    before = text[cut:at]
    rest = _REST.match(text, at)
    end = rest.end() if rest else at
    if (match := _VALUE.search(before)) is not None:
        name, _, key = match[1].partition(".")
        if match[1].lower() in FIELDS:
            name, key = match[1], ""
        if name.lower() in FIELDS:
            partial = match[4].removeprefix('"')
            if match[4].startswith('"') and text[end : end + 1] == '"':
                end += 1
            return Writing(cut + match.start(4), end, partial, name.lower(), key.strip('"'))
        return None
    if text.count('"', 0, at) % 2:
        return None
    if (match := _WORD.search(before)) is not None:
        partial = match[1] or ""
        return Writing(at - len(partial), end, partial)
    return None


def fields(partial: str, score_names: list[str], attributes: list[str]) -> list[Suggestion]:
    """The fields that begin so; then those that hold it."""
    found = []
    for field in FIELDS.values():
        if not field.keyed:
            sign = ">" if field.type in NUMERIC else ":"
            found.append(Suggestion(f"{field.name}{sign}", field.name, field.doc))
    found.append(Suggestion("span(", "span(…)", "Conditions that one span meets together."))
    score, attribute = FIELDS["score"], FIELDS["attr"]
    if partial.lower().startswith("score."):
        found += [Suggestion(f"{_keyed('score', name)}>", f"score.{name}") for name in score_names]
    else:
        found.append(Suggestion("score.", "score.<name>", score.doc))
    if partial.lower().startswith("attr."):
        found += [Suggestion(f"{_keyed('attr', name)}:", f"attr.{name}") for name in attributes]
    else:
        found.append(Suggestion("attr.", "attr.<name>", attribute.doc))
    return _fitting(found, partial)


def values(partial: str, counted: dict[str, int]) -> list[Suggestion]:
    """The values that begin so, the most frequent first; then those that hold it."""
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return _fitting(
        [Suggestion(quoted(text), text, count=n or None) for text, n in ranked], partial
    )


def has_values(partial: str) -> list[Suggestion]:
    """The fields that `has:` can name."""
    known = [f for f in FIELDS.values() if not f.keyed and f.name not in {"has", "id", "status"}]
    found = [Suggestion(field.name, field.name, field.doc) for field in known]
    found += [Suggestion(name, name) for name in (*HAS_ALSO, "score")]
    return _fitting(found, partial)


def examples(field: str) -> list[Suggestion]:
    """What to write after a field of numbers."""
    texts = {
        Type.TIME: ("500ms", "2s", "1s..3s", "1m"),
        Type.MONEY: ("$0.01", "$0.10", "$0.01..$0.05", "$1"),
        Type.COUNT: ("1k", "10k", "5k..20k", "1M"),
        Type.SCORE: ("50%", "0.8", "yes", "no"),
    }
    return [Suggestion(text, text) for text in texts.get(FIELDS[field].type, ())]


def _fitting(found: list[Suggestion], partial: str) -> list[Suggestion]:
    low = partial.lower()
    first = [one for one in found if one.label.lower().startswith(low)]
    rest = [one for one in found if one not in first and low in one.label.lower()]
    return (first + rest)[:MOST]


def _keyed(field: str, key: str) -> str:
    bare = BARE.fullmatch(key) and re.fullmatch(r"[\w./@-]*[\w/@-]", key)
    return f"{field}.{key}" if bare else f"{field}.{quoted(key, must=True)}"
