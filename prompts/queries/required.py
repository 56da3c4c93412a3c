"""Checks that another app requires of a change request, beside those that its environment names.

An app above registers the check that it reports, in its `apps.py`; only it may report a check of
that name. Whether one is required of a request, and since when reports count, it says itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from prompts.models import ChangeRequest

# None: not required of that request. Else reports from that moment on count.
Ask = Callable[[ChangeRequest], datetime | None]

_ASKED: dict[str, Ask] = {}


def register(name: str, ask: Ask) -> None:
    """Let `ask` say of every change request whether the check `name` is required."""
    _ASKED[name] = ask


def required_of(request: ChangeRequest) -> dict[str, datetime]:
    """Names of the checks that other apps require, each with when reports begin to count."""
    found = {name: ask(request) for name, ask in _ASKED.items()}
    return {name: since for name, since in found.items() if since is not None}


def is_kept(name: str) -> bool:
    """True where only the app that registered the name reports it."""
    return name in _ASKED
