"""How every page begins: who looks, and which project is open."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access import Door, door_for
from accounts.models import Project, Role, User


def enter(request: HttpRequest, project_slug: str, *, least: Role = Role.VIEWER) -> Door:
    """Open the project for who looks, and leave the door on the request for the shell.

    Raises: Http404, PermissionDenied.
    """
    # A member whose role is too low is refused inside the project's own frame.
    door = door_for(request.user, project_slug)
    request.door = door  # type: ignore[attr-defined]
    door.require(least)
    return door


def person(request: HttpRequest) -> User:
    """Who is signed in; the decorator `login_required` stands before every caller."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def client_address(request: HttpRequest) -> str:
    """Address of the client, as the request's middleware found it."""
    return str(getattr(request, "client_address", ""))


def see_other(name: str, *args: Any) -> HttpResponse:
    """303 to the page `name`, as every accepted form answers."""
    response = redirect(reverse(name, args=args))
    response.status_code = 303
    return response


def to_project(project: Project) -> HttpResponse:
    """303 to the project's first page, which is another app's."""
    response = redirect(f"/p/{project.slug}/")
    response.status_code = 303
    return response


def settings_context(door: Door, section: str, title: str) -> dict[str, Any]:
    """What the frame of the settings pages needs."""
    slug = door.project.slug
    return {
        "title": title,
        "crumbs": [{"text": "Settings", "href": reverse("accounts:general", args=[slug])}],
        "nav_current": "settings",
        "section": section,
        "sections": [
            {"text": text, "href": reverse(f"accounts:{name}", args=[slug]), "name": name}
            for name, text in (("general", "General"), ("members", "Members"), ("keys", "API keys"))
        ],
    }
