"""What a dialect is made of: a table from attribute names to slots, and readers of content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
    "azure-openai": "azure.ai.openai",
    "az.ai.inference": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "amazon-bedrock": "aws.bedrock",
    "amazon_bedrock": "aws.bedrock",
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "google.vertex": "gcp.vertex_ai",
    "gemini": "gcp.gemini",
    "mistralai": "mistral_ai",
    "mistral": "mistral_ai",
    "xai": "x_ai",
}
_NO_PROVIDERS = frozenset({"langchain", "unknown"})
# Vercel names the endpoint behind the provider: `openai.chat`, `google.generative-ai`.
_ENDPOINTS = (
    ".chat",
    ".completion",
    ".embedding",
    ".generative-ai",
    ".image",
    ".messages",
    ".responses",
    ".speech",
    ".text-embedding",
    ".transcription",
)


def provider(value: Any) -> str | None:
    """Return the provider's name in lower case, in OpenTelemetry's spelling."""
    known = text(value)
    if known is None or (known := known.strip().lower()) in _NO_PROVIDERS:
        return None
    if known.endswith(_ENDPOINTS):
        known = known.rpartition(".")[0]
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


def from_milliseconds(value: Any) -> int | None:
    """Return whole microseconds from milliseconds."""
    try:
        return microseconds(float(value) / 1e3)
    except (TypeError, ValueError, OverflowError):
        return None


def flag(value: Any) -> bool | None:
    """Return a truth, also from its word; some senders write `'True'`."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip('"').lower())
    return value if isinstance(value, bool) else None


def instant(value: Any) -> int | None:
    """Return Unix nanoseconds from an ISO 8601 time, which may stand in JSON's quotes."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value.strip('"'))
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return int(at.timestamp()) * 1_000_000_000 + at.microsecond * 1_000


def strings(value: Any) -> list[str] | None:
    """Return a list of texts from a list, a JSON list or a single text."""
    if isinstance(value, str):
        parsed = parse(value) if value[:1] == "[" else None
        value = parsed if isinstance(parsed, list) else [value]
    if not isinstance(value, list):
        return None
    return [known for item in value if (known := text(item)) is not None] or None


def json_text(value: Any) -> str | None:
    """Return text that its sender wrote as JSON, quotes and all."""
    return text(parse(value)) if isinstance(value, str) and value[:1] == '"' else text(value)


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


def inside(*path: str, convert: Convert = count) -> Convert:
    """Return a converter that takes one value out of an object or its JSON text."""

    def take(value: Any) -> Any:
        node = parse(value)
        for name in path:
            if not isinstance(node, dict):
                return None
            node = node.get(name)
        return None if node is None else convert(node)

    return take


def below(attributes: Attributes, prefix: str) -> dict[str, Any]:
    """Return the attributes below a prefix (which ends in a dot) without it."""
    start = len(prefix)
    return {key[start:]: value for key, value in attributes.items() if key.startswith(prefix)}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an attribute's value goes. Of a dialect's names for a slot the lowest `order` wins.

    `name` is a field of `SpanRecord`, or one of the groups that `mapping.fill` reads together:
    `usage.*` (the fields of `usage.Counts`), `detail.*` (parts of a token class), `whole.usage` (a
    `usage.Usage` that replaces all counts), `cost.*`, `experiment.*`, `trace.*` and
    `at.first_token` (Unix nanoseconds). Ten orders separate the ranks of two dialects; a larger
    order takes a name behind dialects of higher rank.
    """

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
    `quoted`: only for clients that write every metadata value as JSON, strings included.
    `rank` is its precedence where several stand on one span: the lowest wins, field by field.
    `scopes`: instrumentation scopes (by prefix) it is limited to; needed only by dialects with
    names that mean something else elsewhere. `names`: span names that tell the kind where no
    attribute does; only with `scopes`. `first_token`: span events that mark the first token.
    """

    name: str
    rank: int
    fields: Mapping[str, tuple[Slot, ...]]
    evidence: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    quoted: bool | None = None
    names: Mapping[str, int] = field(default_factory=dict)
    first_token: frozenset[str] = field(default_factory=frozenset)
    input: Reader = absent
    output: Reader = absent
    system_instructions: Reader = absent
    tool_definitions: Reader = absent
    params: Reader = absent
    documents: Reader = absent
    tool: Reader = absent
    metadata: Reader = absent
    prompt_variables: Reader = absent
