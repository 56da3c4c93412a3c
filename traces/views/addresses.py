"""What the pages of traces share: the list they came from, the range of time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict

from traces.pages.ranges import CHOICES, Range

# What a link inside the project takes along from the list.
LIST_PARAMETERS = (
    "q", "env", "t", "status", "name", "feature", "model", "prompt", "tag", "release", "user",
    "session", "min_duration", "max_duration", "min_cost", "max_cost", "min_tokens", "max_tokens",
)  # fmt: skip


def range_context(chosen: Range) -> dict[str, Any]:
    """What the range picker needs."""
    return {"range_choices": CHOICES, "current": chosen.text, "range_label": chosen.label}


def list_query(query: QueryDict) -> str:
    """`?…` of the list that a page came from, or nothing."""
    kept = [(name, value) for name in LIST_PARAMETERS if (value := query.get(name))]
    return f"?{urlencode(kept)}" if kept else ""


def with_parameters(query: QueryDict, **changes: str | None) -> str:
    """`?…` with some of the list's parameters kept and others changed; None removes one."""
    kept: dict[str, str] = {
        name: value
        for name in LIST_PARAMETERS
        if (value := query.get(name)) and name not in changes
    }
    kept |= {name: value for name, value in changes.items() if value}
    return f"?{urlencode(kept)}" if kept else "?"


def public_address() -> str:
    """Where programs reach this installation."""
    return str(settings.PUBLIC_URL)
