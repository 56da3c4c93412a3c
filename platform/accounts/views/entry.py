"""What the pages share: who looks, and where an accepted form leads."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import Project, User


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
