"""What the shell around every page needs to know."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.access import Door, projects_of
from accounts.models import User

THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    """`theme`, `door`, `project`, `role`, `projects` (lazy) and what settings a template may see.

    A view opens its project by `access.door_for` and leaves the door on the request
    (`request.door = door`); the shell takes it from there, so that it never decides access.
    """
    user = getattr(request, "user", None)
    person = user if isinstance(user, User) else None
    theme = (person.theme if person else "") or request.COOKIES.get("theme", "")
    door: Door | None = getattr(request, "door", None)
    return {
        "theme": theme if theme in THEMES else "",
        "door": door,
        "project": door.project if door else None,
        "role": door.role if door else None,
        "projects": projects_of(person) if person else (),
        "shortcuts_on": person.shortcuts_on if person else True,
        "public_url": settings.PUBLIC_URL,
        "mail_is_configured": settings.MAIL_IS_CONFIGURED,
        "styleguide": settings.STYLEGUIDE,
    }
