"""What a dialect is made of: a table from attribute names to slots, and readers of content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import orjson

Attributes = Mapping[str, Any]
Events = Sequence[Mapping[str, Any]]
# Reads one piece of content from a span's raw attributes and events; None: not there.
Reader = Callable[[Attributes, Events], Any]
Convert = Callable[[Any], Any]

# Words senders write for "nothing".
_NOTHING = frozenset({"", "None", "null", "undefined"})


def text(value: Any) -> str | None:
    """Return the value as text; None where the sender wrote nothing."""
    if isinstance(value, str):
        return None if value in _NOTHING else value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return None


def identity(value: Any) -> str | None:
    """Return a user's or session's id; a scrubber's notice in its place is no id."""
    known = text(value)
    return None if known is None or known.startswith("[Scrubbed due to") else known


# The same provider under several spellings; the value is OpenTelemetry's own.
_PROVIDERS = {
    "az.ai.openai": "azure.ai.openai",
    "az.ai.inference": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "amazon_bedrock": "aws.bedrock",
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "gemini": "gcp.gemini",
    "mistralai": "mistral_ai",
    "mistral": "mistral_ai",
    "xai": "x_ai",
}
_NO_PROVIDERS = frozenset({"langchain", "unknown"})


def provider(value: Any) -> str | None:
    """Return the provider's name in lower case, in OpenTelemetry's spelling."""
    known = text(value)
    if known is None or (known := known.strip().lower()) in _NO_PROVIDERS:
        return None
    return _PROVIDERS.get(known, known) or None


def count(value: Any) -> int | None:
    """Return a token count, also from text such as '20' or a whole float."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and len(value) < 25 and value.lstrip("-").isdecimal():
        try:
            return int(value)
        except ValueError:
            return None
    return None


def amount(value: Any) -> int | float | str | None:
    """Return a sum of money as sent: a number, or text that is one."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return value if isfinite(number) and number >= 0 else None


def microseconds(value: Any) -> int | None:
    """Return whole microseconds from seconds."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return round(seconds * 1e6) if 0 <= seconds < 1e9 else None


def strings(value: Any) -> list[str] | None:
    """Return a list of texts from a list, a JSON list or a single text."""
    if isinstance(value, str):
        parsed = parse(value) if value[:1] == "[" else None
        value = parsed if isinstance(parsed, list) else [value]
    if not isinstance(value, list):
        return None
    return [known for item in value if (known := text(item)) is not None] or None


def parse(value: Any) -> Any:
    """Return the JSON a text holds, or the value unchanged where it holds none."""
    if isinstance(value, (str, bytes)):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def mapping(value: Any) -> dict[str, Any] | None:
    """Return a non-empty object, also from its JSON text."""
    known = parse(value)
    return known if isinstance(known, dict) and known else None


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an attribute's value goes. Of a dialect's names for a slot the lowest `order` wins."""

    name: str
    convert: Convert = text
    order: int = 0


def absent(_attributes: Attributes, _events: Events) -> None:
    """The reader of content a dialect does not carry."""
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One instrumentation's vocabulary.

    `evidence`: attribute names that show it stands on a span.
    `rank` is its precedence where several stand on one span: the lowest wins, field by field.
    `scopes`: instrumentation scopes (by prefix) it is limited to; needed only by dialects with
    names that mean something else elsewhere. `first_token`: span events that mark the first token.
    """

    name: str
    rank: int
    fields: Mapping[str, tuple[Slot, ...]]
    evidence: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    first_token: frozenset[str] = field(default_factory=frozenset)
    input: Reader = absent
    output: Reader = absent
    system_instructions: Reader = absent
    tool_definitions: Reader = absent
    params: Reader = absent
    documents: Reader = absent
    tool: Reader = absent
    metadata: Reader = absent
