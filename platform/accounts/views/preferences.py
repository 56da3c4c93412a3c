"""Looks and shortcuts: in a cookie for this browser, and with the person for the next one."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.services import people
from kit import preferences

_YEAR_S = 365 * 24 * 3600


@require_POST
def preference(request: HttpRequest) -> HttpResponse:
    """Keep one choice, signed in or not; see `kit.preferences`."""
    response = preferences.set_preference(request)
    if response.status_code >= 400 or not isinstance(request.user, User):
        return response
    if "theme" in request.POST:
        theme = request.POST["theme"]
        people.update_profile(request.user, theme="" if theme == "system" else theme)
    elif "shortcuts" in request.POST:
        people.update_profile(request.user, shortcuts_on=request.POST["shortcuts"] == "on")
    return response


def remember_looks(response: HttpResponse, user: User) -> HttpResponse:
    """Give this browser the cookies of what the person chose elsewhere."""
    wanted = {"theme": user.theme, "shortcuts": "" if user.shortcuts_on else "off"}
    for name, value in wanted.items():
        if value:
            response.set_cookie(
                name, value, max_age=_YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
            )
        else:
            response.delete_cookie(name, samesite="Lax")
    return response
