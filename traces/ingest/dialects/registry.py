"""Which dialects there are, and the tables made from them: one a scope, made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from traces.ingest.dialects.fields import Attributes, Convert, Dialect, Events, Reader, absent
from traces.ingest.dialects.genai import GENAI
from traces.ingest.dialects.genai_events import GENAI_EVENTS
from traces.ingest.dialects.general import GENERAL, RESOURCE
from traces.ingest.dialects.langfuse import LANGFUSE, LANGFUSE_QUOTED
from traces.ingest.dialects.langfuse_ingestion import LANGFUSE_INGESTION
from traces.ingest.dialects.langsmith import LANGSMITH
from traces.ingest.dialects.litellm import LITELLM
from traces.ingest.dialects.logfire import LOGFIRE, PYDANTIC_AI
from traces.ingest.dialects.mlflow import MLFLOW, MLFLOW_BARE
from traces.ingest.dialects.openinference import OPENINFERENCE
from traces.ingest.dialects.traceloop import TRACELOOP
from traces.ingest.dialects.vendor import ANTHROPIC
from traces.ingest.dialects.vercel import VERCEL

# In order of precedence: where several stand on one span, the first wins, field by field.
DIALECTS: tuple[Dialect, ...] = tuple(
    sorted(
        (
            LANGFUSE,
            LANGFUSE_QUOTED,
            LANGFUSE_INGESTION,
            GENERAL,
            LANGSMITH,
            GENAI,
            ANTHROPIC,
            LITELLM,
            OPENINFERENCE,
            VERCEL,
            TRACELOOP,
            LOGFIRE,
            PYDANTIC_AI,
            MLFLOW,
            MLFLOW_BARE,
            GENAI_EVENTS,
        ),
        key=lambda dialect: dialect.rank,
    )
)
NAMES = frozenset(dialect.name for dialect in DIALECTS)


def makes(dialect: str | None, *, has_scope: bool) -> bool:
    """True where a dialect makes the columns, so that raw attributes tell them again."""
    return dialect in NAMES or (dialect is None and has_scope)


# attribute name -> (slot, precedence, converter), ...
Fields = Mapping[str, tuple[tuple[str, int, Convert], ...]]

_CONTENT = (
    "input",
    "output",
    "system_instructions",
    "tool_definitions",
    "params",
    "documents",
    "tool",
    "metadata",
    "prompt_variables",
)
# Objects of which each dialect may know another part.
_JOINED = frozenset({"tool", "metadata"})
_USAGE = ("usage.", "whole.", "detail.")


@dataclass(frozen=True, slots=True)
class Table:
    """The merged vocabulary of the dialects that may stand on a scope's spans."""

    fields: Fields
    first_token: frozenset[str]
    usage_keys: frozenset[str]
    evidence: tuple[tuple[str, str], ...]  # (attribute name, dialect), in order of precedence
    readers: Mapping[str, tuple[Reader, ...]]
    names: Mapping[str, int]  # span names that tell the kind

    def dialect_of(self, attributes: Attributes) -> str | None:
        """Return the name of the first dialect that shows on a span."""
        for key, name in self.evidence:
            if key in attributes:
                return name
        return None

    def read(self, content: str, attributes: Attributes, events: Events) -> Any:
        """Return a piece of content (`input`, `tool` …) from the first dialect that has it.

        Of an object, what the first leaves out is taken from the next.
        """
        found: Any = None
        for reader in self.readers[content]:
            value = reader(attributes, events)
            if value is None:
                continue
            if content not in _JOINED:
                return value
            found = value if found is None else _joined(found, value)
        return found


def _joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {**second, **{key: value for key, value in first.items() if value is not None}}


def _merge(dialects: tuple[Dialect, ...]) -> Table:
    fields: dict[str, tuple[tuple[str, int, Convert], ...]] = {}
    for dialect in dialects:
        for key, slots in dialect.fields.items():
            entries = tuple(
                (slot.name, dialect.rank * 10 + slot.order, slot.convert) for slot in slots
            )
            fields[key] = fields.get(key, ()) + entries
    return Table(
        fields=fields,
        first_token=frozenset().union(*(dialect.first_token for dialect in dialects)),
        usage_keys=frozenset(
            key for key, slots in fields.items() if any(s[0].startswith(_USAGE) for s in slots)
        ),
        evidence=tuple((key, dialect.name) for dialect in dialects for key in dialect.evidence),
        readers={
            content: tuple(
                reader
                for dialect in dialects
                if (reader := getattr(dialect, content)) is not absent
            )
            for content in _CONTENT
        },
        names={key: kind for dialect in dialects for key, kind in dialect.names.items()},
    )


@lru_cache(maxsize=64)
def _table_of(chosen: tuple[int, ...]) -> Table:
    return _merge(tuple(DIALECTS[index] for index in chosen))


# By what a client chooses: bounded. The tables themselves are few and shared.
@lru_cache(maxsize=1024)
def table_for(
    scope_name: str | None, scope_version: str | None = None, language: str | None = None
) -> Table:
    """Return the table for the spans of this instrumentation scope.

    `language` is the resource's `telemetry.sdk.language`. Version and language tell only how
    metadata is encoded.
    """
    name = scope_name or ""
    quoted = name == "langfuse-sdk" and language == "python" and _major(scope_version) >= 5
    return _table_of(
        tuple(
            index
            for index, dialect in enumerate(DIALECTS)
            if (not dialect.scopes or name.startswith(dialect.scopes))
            and dialect.quoted in (None, quoted)
        )
    )


def language_of(resource: Attributes) -> str | None:
    """Return the language of the SDK that sent a resource."""
    language = resource.get("telemetry.sdk.language")
    return language if isinstance(language, str) else None


def _major(version: str | None) -> int:
    first = (version or "").partition(".")[0]
    return int(first) if first.isascii() and first.isdecimal() and len(first) < 6 else 0


RESOURCE_TABLE = _merge((RESOURCE,))
