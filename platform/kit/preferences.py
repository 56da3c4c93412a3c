"""How the pages look and listen for one browser: theme, density, single-key shortcuts."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

# Name of the cookie: what it may hold; the first is the default and removes the cookie.
CHOICES = {
    "theme": ("system", "light", "dark"),
    "density": ("compact", "comfortable"),
    "shortcuts": ("on", "off"),
    "facets": ("on", "off"),
}
_YEAR_S = 365 * 24 * 3600


@require_POST
def set_preference(request: HttpRequest) -> HttpResponse:
    """Keep one choice in a cookie; 204 for the page's script, back to `next` for a plain form.

    A cookie and not a row: the server reads it before the first byte, so no page flashes in the
    wrong theme, and it also holds before sign-in.
    """
    for name, allowed in CHOICES.items():
        value = request.POST.get(name)
        if value in allowed:
            break
    else:
        return HttpResponseBadRequest("Unknown preference.")
    response: HttpResponse
    if request.headers.get("X-Requested-With") == "fetch":
        response = HttpResponse(status=204)
    else:
        target = request.POST.get("next", "/")
        is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
        response = HttpResponseRedirect(target if is_ours else "/")
        response.status_code = 303
    if value == allowed[0]:
        response.delete_cookie(name, samesite="Lax")
    else:
        response.set_cookie(
            name, value, max_age=_YEAR_S, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response
