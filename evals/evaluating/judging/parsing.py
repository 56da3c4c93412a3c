"""What a model answered, as the object that was asked for, however it is wrapped. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

_FENCED = re.compile(r"```[\w+-]*[ \t]*\r?\n?(.*?)```", re.DOTALL)
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
MOST_LOOKED_AT = 60_000  # characters
MOST_OPENINGS = 20  # places where an object may begin, from either end
_SAYS = (
    r"""^[ \t>*#-]*["'*_`]*{name}["'*_`]*[ \t]*[:=-]+[ \t]*["'*_`]*(.+?)["'*_`]*[ \t]*,?[ \t]*$"""
)


def objects_in(text: str) -> Iterator[dict[str, Any]]:
    """Every JSON object in `text`: the whole, in fences, or amid prose; the likeliest first."""
    text = _THOUGHT.sub("", text[:MOST_LOOKED_AT]).strip()
    for candidate in (text, *(one.strip() for one in _FENCED.findall(text))):
        if (found := _object(candidate)) is not None:
            yield found
    openings = [at for at, letter in enumerate(text) if letter == "{"]
    if len(openings) > 2 * MOST_OPENINGS:
        openings = [*openings[:MOST_OPENINGS], *openings[-MOST_OPENINGS:]]
    behind = 0
    for at in openings:
        if at >= behind and (end := _end_of(text, at)):
            found = _object(text[at:end])
            if found is not None:
                behind = end
                yield found


def fields_in(text: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """What lines such as `**Verdict:** good` say of the fields `names`; {} where none does."""
    text = _THOUGHT.sub("", text[:MOST_LOOKED_AT])
    found: dict[str, Any] = {}
    for name in names:
        pattern = _SAYS.format(name=re.escape(name).replace("_", "[ _]"))
        said = re.findall(pattern, text, re.IGNORECASE | re.MULTILINE)
        if said:
            found[name] = said[-1].strip()
    return found


def _object(text: str) -> dict[str, Any] | None:
    for candidate in (text, _repaired(text)):
        try:
            found = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        return found if isinstance(found, dict) else None
    return None


def _repaired(text: str) -> str:
    """Commas before a closing bracket, and line ends within texts: what models write most often."""
    without = re.sub(r",(\s*[}\]])", r"\1", text)
    pieces = re.split(r'("(?:[^"\\]|\\.)*")', without)
    quoted = [
        piece.replace("\n", "\\n").replace("\r", "").replace("\t", "\\t") if place % 2 else piece
        for place, piece in enumerate(pieces)
    ]
    return "".join(quoted)


def _end_of(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`; 0 where none does."""
    depth, in_text, escaped = 0, False, False
    for at in range(start, len(text)):
        letter = text[at]
        if in_text:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == '"':
                in_text = False
        elif letter == '"':
            in_text = True
        elif letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
            if not depth:
                return at + 1
    return 0
