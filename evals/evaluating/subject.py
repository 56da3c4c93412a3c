"""What an evaluator looks at, and what it says of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """One document that was retrieved, in its rank."""

    id: str
    text: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One tool that was called; `arguments` as the model gave them."""

    name: str
    arguments: Any = None
    result: Any = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """One answer with all that is known of it. None is unknown, an empty tuple is none.

    `input` and `output` are texts or JSON; `expected` and `characteristics` come from the item of
    a dataset. `documents` are what was retrieved, `tools` what was called, in order.
    """

    input: Any = None
    output: Any = None
    expected: Any = None
    characteristics: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    documents: tuple[Document, ...] | None = None
    tools: tuple[ToolUse, ...] | None = None
    steps: int | None = None
    duration_ms: float | None = None
    first_token_ms: float | None = None
    cost_nano: int | None = None
    output_tokens: int | None = None
    trace_id: str = ""
    span_id: str = ""
    is_held_out: bool = False  # its content is kept out of traces that others may open


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an evaluator says. `num` None without an `error` is undefined: neither 0 nor 1.

    `num` of a boolean is 1 or 0, that of a category its value. `passed` None: there is no bar, or
    nothing to compare with it. `cost_nano` is what the judge's own calls cost; None is unpriced.
    """

    num: float | None = None
    label: str | None = None
    passed: bool | None = None
    reason: str = ""
    evidence: tuple[str, ...] = ()
    details: Mapping[str, Any] | None = None
    error: str = ""
    cost_nano: int | None = 0
    calls: int = 0  # of models, made for this verdict
    trace_id: str = ""  # of the judge's own call
    span_id: str = ""
