"""What the shell shows of a person's notices."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest

from accounts.models import User
from notices.queries.personal import count_unread


def unread(request: HttpRequest) -> dict[str, Any]:
    """`unread_notices`, counted when a template asks for it, and once: pieces ask for nothing."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"unread_notices": 0}
    return {"unread_notices": cache(lambda: count_unread(user))}
