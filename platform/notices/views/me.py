"""A person's notices: the list, the count in the shell, and how they want to get them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from kit.htmx import HtmxRequest, render_page
from notices import events, wording
from notices.events import Wish
from notices.forms import WishesForm
from notices.queries import personal as queries
from notices.services import personal
from notices.views.people import before, person, see_other

PAGE_SIZE = 50


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def inbox(request: HtmxRequest) -> HttpResponse:
    """The notices, newest first; POST marks all as read."""
    user = person(request)
    if request.method == "POST":
        personal.mark_read(user)
        return see_other("notices:inbox")
    rows = list(queries.list_notices(user, before=before(request))[: PAGE_SIZE + 1])
    context: dict[str, Any] = {
        "title": "Notices",
        "nav_current": "notices",
        "rows": [
            {
                "notice": row,
                "event": events.text_of(row.event),
                "mail": wording.of_mail(row),
            }
            for row in rows[:PAGE_SIZE]
        ],
        "older": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
    }
    return render_page(request, "notices/inbox.html", context, partial="rows")


@never_cache
@require_GET
@login_required
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Go where the notice leads; it counts as read."""
    user = person(request)
    found = queries.get_notice(user, pk)
    if found is None:
        raise Http404("There is no such notice; they are kept for 90 days.")
    personal.mark_read(user, [pk])
    return redirect(found.link or reverse("notices:inbox"))


@never_cache
@require_GET
@login_required
def unread(request: HttpRequest) -> HttpResponse:
    """The count beside the person's name in the shell, for pages that stay open."""
    return render(request, "notices/unread.html", {"where": "side"})


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def wishes(request: HttpRequest) -> HttpResponse:
    """Event by event: in the product, by mail too, or not at all; and muted projects."""
    user = person(request)
    known = queries.wishes_of(user)
    form, status = WishesForm(wishes=known), 200
    if request.method == "POST":
        form = WishesForm(request.POST, wishes=known)
        if form.is_valid():
            personal.set_wishes(user, form.wishes(), muted=form.muted())
            messages.success(request, "Saved.")
            return see_other("notices:wishes")
        status = 422
    context = {
        "title": "How you get notices",
        "nav_current": "notices",
        "crumbs": [{"text": "Notices", "href": reverse("notices:inbox")}],
        "form": form,
        "choices": list(Wish),
        "mail_is_configured": settings.MAIL_IS_CONFIGURED,
        "address": user.email,
    }
    return render(request, "notices/wishes.html", context, status=status)
