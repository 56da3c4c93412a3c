"""What the address of a read asks for, and the prompt with variables filled in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from kit.requests import whole_number
from prompts.content import Content
from prompts.rendering import compiled

LONGEST_KEY = 1_000  # characters of a user's or session's id
KNOWN = ("label", "version", "key", "variables", "project")


class BadQuery(ValueError):
    """The address asks for something that cannot be."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`key` is the id of a user or session that keeps its arm; `variables` None: not asked for."""

    label: str = ""
    number: int | None = None
    key: str = ""
    variables: dict[str, Any] | None = None


_NOTHING = Asked()


def asked_of(query: str) -> Asked:
    """What a query string asks for. Raises: BadQuery, naming the parameter."""
    if not query:
        return _NOTHING
    given = dict(parse_qsl(query, keep_blank_values=True))
    for name in given:
        if name not in KNOWN:
            raise BadQuery(
                f"{name[:50]}: there is no such parameter; there are {', '.join(KNOWN)}."
            )
    label, version = given.get("label", ""), given.get("version")
    if label and version is not None:
        raise BadQuery("Ask for a label or for a version, not for both.")
    key = given.get("key", "")
    if len(key) > LONGEST_KEY:
        raise BadQuery(f"key: it has at most {LONGEST_KEY} characters.")
    return Asked(
        label,
        None if version is None else _number(version),
        key,
        _variables(given["variables"]) if "variables" in given else None,
    )


def _number(version: str) -> int:
    number = whole_number(version)
    if number is None:
        raise BadQuery(f"version: {version[:50]!r} is no number of a version.")
    return number


def _variables(value: str) -> dict[str, Any]:
    try:
        read = orjson.loads(value)
    except orjson.JSONDecodeError as bad:
        raise BadQuery(f"variables: this is not JSON: {bad}") from None
    if not isinstance(read, dict):
        raise BadQuery('variables: an object is expected, such as {"tone": "kind"}.')
    return read


def filled(body: bytes, variables: dict[str, Any]) -> bytes:
    """The answer with `compiled`, its prompt with the variables filled in, and what is missing."""
    told = orjson.loads(body)
    result = compiled(Content(kind=told["type"], prompt=told["prompt"]), variables)
    told["compiled"] = result.prompt
    told["missing"] = result.missing
    return orjson.dumps(told)
