"""What the pages share: who looks, and where an accepted form leads."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import User


def person(request: HttpRequest) -> User:
    """Who is signed in; the decorator `login_required` stands before every caller."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def see_other(name: str, *args: Any) -> HttpResponse:
    """303 to the page `name`."""
    response = redirect(reverse(name, args=args))
    response.status_code = 303
    return response


def before(request: HttpRequest) -> int | None:
    """The id that the asked part of a list stands before; None for its beginning."""
    text = request.GET.get("before", "")
    return int(text[:18]) if text.isdecimal() else None
