"""A score, an outcome and a definition as somebody gives them, before anything is checked.

The records are mutable because redaction passes over them in place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from governance.redaction import redact, redact_text
from traces.models import BarDirection, DataType, ScoreSource

Value = bool | int | float | str


@dataclass
class GivenScore:
    """One value on a span, a trace, a session or an experiment run; '' stands for not given.

    `data_type` '' takes that of the definition, else that of the value. Without `at` it is now.
    """

    name: str
    value: Value
    id: str = ""
    trace_id: str = ""
    span_id: str = ""
    session_id: str = ""
    run_id: str = ""
    data_type: str = ""
    source: str = ScoreSource.CODE.value
    comment: str = ""
    metadata: dict[str, Any] | None = None
    environment: str = ""
    author: str = ""  # e-mail address of a person, public key of a program
    config_id: str = ""
    at: datetime | None = None


@dataclass
class GivenOutcome:
    """What became of a trace or a session; '' stands for not given."""

    name: str
    id: str = ""
    trace_id: str = ""
    session_id: str = ""
    value: Decimal | None = None
    unit: str = ""
    comment: str = ""
    metadata: dict[str, Any] | None = None
    author: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Terms:
    """What a score definition says. Empty `categories` and `sources` allow any."""

    name: str
    data_type: str = DataType.NUMBER.value
    description: str = ""
    minimum: float | None = None
    maximum: float | None = None
    categories: list[str] = field(default_factory=list)
    bar: float | None = None
    bar_direction: str = BarDirection.AT_LEAST.value
    passing: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    primary_for: list[str] = field(default_factory=list)
    is_archived: bool = False


@dataclass(frozen=True)
class Fault:
    """Why one of the things given cannot be stored: which one, which field of it, in words."""

    index: int
    field: str
    text: str


def stored_id(sent: str) -> str:
    """The id under which `sent` is kept: itself, or a digest where redaction would change it.

    Two ids never become one, and nothing that redaction hides is stored.
    """
    if redact_text(sent) == sent:
        return sent
    return f"redacted-{hashlib.sha256(sent.encode()).hexdigest()[:40]}"


def redacted(given: Sequence[GivenScore | GivenOutcome]) -> None:
    """Pass every text through the project's rules, in place; ids stay apart from each other."""
    kept = [(stored_id(one.id), one.author) for one in given]
    redact(given)
    for one, (its_id, author) in zip(given, kept, strict=True):
        # The author is our own: whose key or session it is, not a text that was sent.
        one.id, one.author = its_id, author
