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
# Neighbouring parts share no letter, so that no line takes more than one look.
_SAYS = r"""^[ \t>*#"'_`-]*{name}["'*_`]*[ \t]*[:=-]+(.*)$"""
_WRITTEN = {"\n": "\\n", "\r": "", "\t": "\\t"}  # within a text
_AROUND = " \t\r\"'*_`,"


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
            found[name] = said[-1].strip(_AROUND)
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
    found: list[str] = []
    in_text = escaped = False
    for letter in text:
        if in_text:
            in_text = escaped or letter != '"'
            escaped = not escaped and letter == "\\"
            found.append(_WRITTEN.get(letter, letter))
            continue
        in_text = letter == '"'
        if letter in "}]":
            _drop_comma(found)
        found.append(letter)
    return "".join(found)


def _drop_comma(found: list[str]) -> None:
    """Take away the comma that the last visible letter is."""
    at = len(found) - 1
    while at >= 0 and found[at].isspace():
        at -= 1
    if at >= 0 and found[at] == ",":
        del found[at:]


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
