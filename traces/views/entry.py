"""How every page of traces begins: who looks, which project is open, which range of time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, QueryDict

from accounts.access import Door, door_for
from accounts.models import Role
from traces.ranges import CHOICES, Range

# What a link inside the project takes along from the list.
LIST_PARAMETERS = (
    "q", "env", "t", "status", "name", "feature", "model", "prompt", "tag", "release", "user",
    "session", "min_duration", "max_duration", "min_cost", "max_cost", "min_tokens", "max_tokens",
)  # fmt: skip


def enter(request: HttpRequest, project_slug: str, *, least: Role = Role.VIEWER) -> Door:
    """Open the project for who looks, and leave the door on the request for the shell.

    Raises: Http404, PermissionDenied.
    """
    door = door_for(request.user, project_slug)
    request.door = door  # type: ignore[attr-defined]
    door.require(least)
    return door


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
