"""Which dialects there are, and the tables made from them: one a scope, made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from traces.ingest.dialects.fields import Attributes, Convert, Dialect, Events
from traces.ingest.dialects.genai import GENAI
from traces.ingest.dialects.genai_events import GENAI_EVENTS
from traces.ingest.dialects.general import GENERAL, RESOURCE
from traces.ingest.dialects.openinference import OPENINFERENCE

# In order of precedence: where several stand on one span, the first wins, field by field.
DIALECTS: tuple[Dialect, ...] = tuple(
    sorted((GENERAL, GENAI, OPENINFERENCE, GENAI_EVENTS), key=lambda dialect: dialect.rank)
)
NAMES = frozenset(dialect.name for dialect in DIALECTS)

# attribute name -> (slot, precedence, converter), ...
Fields = Mapping[str, tuple[tuple[str, int, Convert], ...]]


@dataclass(frozen=True, slots=True)
class Table:
    """The merged vocabulary of the dialects that may stand on a scope's spans."""

    dialects: tuple[Dialect, ...]
    fields: Fields
    first_token: frozenset[str]
    usage_keys: frozenset[str]

    def dialect_of(self, attributes: Attributes) -> str | None:
        """Return the name of the first dialect that shows on a span."""
        for dialect in self.dialects:
            for key in dialect.evidence:
                if key in attributes:
                    return dialect.name
        return None

    def read(self, content: str, attributes: Attributes, events: Events) -> Any:
        """Return a piece of content (`input`, `tool` …) from the first dialect that has it."""
        for dialect in self.dialects:
            value = getattr(dialect, content)(attributes, events)
            if value is not None:
                return value
        return None


def _merge(dialects: tuple[Dialect, ...]) -> Table:
    fields: dict[str, tuple[tuple[str, int, Convert], ...]] = {}
    for dialect in dialects:
        for key, slots in dialect.fields.items():
            entries = tuple(
                (slot.name, dialect.rank * 10 + slot.order, slot.convert) for slot in slots
            )
            fields[key] = fields.get(key, ()) + entries
    return Table(
        dialects=dialects,
        fields=fields,
        first_token=frozenset().union(*(dialect.first_token for dialect in dialects)),
        usage_keys=frozenset(
            key for key, slots in fields.items() if any(s[0].startswith("usage.") for s in slots)
        ),
    )


@lru_cache(maxsize=64)
def _table_of(dialects: tuple[tuple[str, int], ...]) -> Table:
    return _merge(
        tuple(dialect for dialect in DIALECTS if (dialect.name, dialect.rank) in dialects)
    )


# By scope name, which a client chooses: bounded. The tables themselves are few and shared.
@lru_cache(maxsize=1024)
def table_for(scope_name: str | None) -> Table:
    """Return the table for the spans of this instrumentation scope."""
    name = scope_name or ""
    return _table_of(
        tuple(
            (dialect.name, dialect.rank)
            for dialect in DIALECTS
            if not dialect.scopes or name.startswith(dialect.scopes)
        )
    )


RESOURCE_TABLE = _merge((RESOURCE,))
