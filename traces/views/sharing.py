"""Links that share a trace's shape: made and revoked by members, opened by whoever holds one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import Door, enter
from accounts.models import Role, User
from accounts.settings_frame import settings_context
from kit.htmx import HtmxRequest, render_page
from traces.forms.sharing import ShareForm
from traces.models import TraceShare
from traces.pages import waterfall
from traces.pages.axis import Scale
from traces.pages.tree import SpanTree
from traces.pages.tree_rows import Item, visible
from traces.queries import detail
from traces.queries.snapshots import shares_of, spans_of
from traces.services.sharing import BadShare, open_share, revoke_share, share_trace
from traces.views.addresses import public_address

TEMPLATE = "traces/share.html"
MOST_LISTED = 200


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def share(request: HtmxRequest, project_slug: str, trace_id: str) -> HttpResponse:
    """The panel with the links of a trace; POST makes one, whose address stands in this answer
    only, or revokes one."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    trace = detail.get_trace(door.project.pk, trace_id)
    if trace is None:
        raise Http404("The project has no such trace.")
    address = reverse("traces:trace_detail", args=[door.project.slug, trace_id])
    title = trace.name or trace_id
    context: dict[str, Any] = {
        "title": f"Share {title}",
        "nav_current": "traces",
        "trace": trace,
        "crumbs": [
            {"text": "Traces", "href": reverse("traces:trace_list", args=[door.project.slug])},
            {"text": title, "href": address},
        ],
        "back": address,
        "action": reverse("traces:share", args=[door.project.slug, trace_id]),
        "link": f"{public_address().rstrip('/')}{address}",
        "form": ShareForm(),
    }
    status = 200
    if request.method == "POST" and "revoke" in request.POST:
        context["said"] = _revoke(request, door)
    elif request.method == "POST":
        context["form"] = form = ShareForm(request.POST)
        if form.is_valid():
            try:
                made, token = share_trace(
                    door.project, trace, days=form.cleaned_data["days"], actor=_person(request)
                )
            except BadShare as bad:
                form.add_error("days", str(bad))
            else:
                place = reverse("traces_open:shared", args=[token])
                context |= {"made": made, "made_link": f"{public_address().rstrip('/')}{place}"}
        status = 422 if form.errors else 200
    context["rows"] = _rows(door, request, shares_of(door.project.pk, trace_id)[:MOST_LISTED])
    return render_page(request, TEMPLATE, context, partial="panel", status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def share_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """All links of the project; POST revokes one."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    if request.method == "POST":
        messages.info(request, _revoke(request, door))
        return redirect("traces:share_list", project_slug=door.project.slug)
    context = settings_context(door, "shares", "Shared links")
    context["rows"] = _rows(door, request, shares_of(door.project.pk)[:MOST_LISTED])
    return render(request, "traces/share_list.html", context)


@never_cache
@require_GET
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """What a link shows: a page without navigation, static, for whoever holds it."""
    found = open_share(token)
    if found is None:
        raise Http404("This link has ended, was revoked, or never was.")
    response = render(request, "traces/shared.html", _shown(found))
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _shown(found: TraceShare) -> dict[str, Any]:
    document = found.document
    spans = spans_of(document)
    context: dict[str, Any] = {
        "share": found,
        "document": document,
        "start": datetime.fromisoformat(document["start"]),
        "left_out": max(document["span_count"] - len(spans), 0),
    }
    if not spans:
        return context
    scale = Scale.of(spans)
    rows = [
        waterfall.row(
            row,
            scale,
            selected=None,
            cost=document["cost_nano"]
            if isinstance(row, Item) and row.spans[0].span_id == document["root"]
            else None,
        )
        for row in visible(SpanTree(spans))
    ]
    return context | {"rows": rows, "ticks": scale.ticks(), "markers": scale.markers()}


def _rows(door: Door, request: HttpRequest, shares: Any) -> list[dict[str, Any]]:
    now = timezone.now()
    person = _person(request)
    return [
        {
            "share": one,
            "state": "revoked" if one.revoked_at else "over" if one.expires_at <= now else "open",
            "may_revoke": one.revoked_at is None
            and one.expires_at > now
            and (one.created_by == person.email or door.may(Role.ADMIN)),
            "href": reverse("traces:trace_detail", args=[door.project.slug, one.trace_id]),
        }
        for one in shares
    ]


def _revoke(request: HttpRequest, door: Door) -> str:
    pk = request.POST.get("revoke", "")
    done = pk.isdecimal() and revoke_share(
        door.project,
        int(pk[:18]),
        actor=_person(request),
        any_author=door.may(Role.ADMIN),
    )
    return "The link is revoked." if done else "That link is not open, or not yours to revoke."


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (login_required saw to it)
    return request.user
