"""What the pages of traces share: the list they came from, the range of time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict

from traces.values.ranges import CHOICES, Range
from traces.values.score_parameters import score_parameters

# What a link inside the project takes along from the list.
LIST_PARAMETERS = (
    "q", "env", "t", "status", "name", "feature", "model", "prompt", "tag", "release", "user",
    "session", "min_duration", "max_duration", "min_cost", "max_cost", "min_tokens", "max_tokens",
    "outcome", "sort", "cols", "view", "chart", "sel",
)  # fmt: skip


def range_context(chosen: Range) -> dict[str, Any]:
    """What the range picker needs."""
    return {"range_choices": CHOICES, "current": chosen.text, "range_label": chosen.label}


def kept_parameters(query: QueryDict) -> dict[str, str]:
    """The parameters of the list that say something, those on scores included."""
    kept = {name: value for name in LIST_PARAMETERS if (value := query.get(name))}
    return kept | score_parameters(query)


def list_query(query: QueryDict) -> str:
    """`?…` of the list that a page came from, or nothing."""
    kept = kept_parameters(query)
    return f"?{urlencode(kept)}" if kept else ""


def with_parameters(query: QueryDict, **changes: str | None) -> str:
    """`?…` with some of the list's parameters kept and others changed; None removes one."""
    kept = {name: value for name, value in kept_parameters(query).items() if name not in changes}
    kept |= {name: value for name, value in changes.items() if value}
    return f"?{urlencode(kept)}" if kept else "?"


def public_address() -> str:
    """Where programs reach this installation."""
    return str(settings.PUBLIC_URL)
