"""What was sent to a webhook: one delivery with its attempts, and sending again."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import enter
from accounts.models import Role
from accounts.settings_frame import settings_context
from kit.htmx import HtmxRequest, render_page
from notices import events, wording
from notices.forms import ReplayForm
from notices.models import WebhookDelivery, WebhookEndpoint
from notices.queries import webhooks as queries
from notices.services import replays
from notices.views.people import person, see_other
from notices.views.webhooks import endpoint_of


@never_cache
@require_GET
@login_required
def delivery(request: HtmxRequest, project_slug: str, pk: int, delivery_id: int) -> HttpResponse:
    """One delivery: what was written when it happened, and every attempt to bring it."""
    door = enter(request, project_slug, least=Role.ADMIN)
    endpoint = endpoint_of(door, pk)
    row = _delivery_of(endpoint, delivery_id)
    context: dict[str, Any] = settings_context(door, "webhooks", row.message.type)
    slug = door.project.slug
    context["crumbs"] += [
        {"text": "Webhooks", "href": reverse("notices:webhooks", args=[slug])},
        {"text": str(endpoint), "href": reverse("notices:webhook", args=[slug, pk])},
    ]
    context |= {
        "endpoint": endpoint,
        "delivery": row,
        "sign": wording.of_delivery(row),
        "event_text": events.text_of(row.message.type),
        "payload": json.loads(row.message.body),
        "attempts": [
            {"attempt": one, "answer": wording.of_answer(one.status, one.error)}
            for one in queries.list_attempts(row)
        ],
    }
    return render_page(request, "notices/delivery.html", context, partial="state")


@require_POST
@login_required
def delivery_replay(
    request: HttpRequest, project_slug: str, pk: int, delivery_id: int
) -> HttpResponse:
    """Send the same message again, with the same id."""
    door = enter(request, project_slug, least=Role.ADMIN)
    row = _delivery_of(endpoint_of(door, pk), delivery_id)
    replays.replay(row, actor=person(request))
    messages.success(request, "It is sent again now.")
    return see_other("notices:delivery", door.project.slug, pk, delivery_id)


@require_POST
@login_required
def failed_replay(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Send again whatever failed within the chosen time."""
    door = enter(request, project_slug, least=Role.ADMIN)
    endpoint = endpoint_of(door, pk)
    form = ReplayForm(request.POST)
    if form.is_valid():
        since = timezone.now() - form.period()
        count = replays.replay_failed(endpoint, since=since, actor=person(request))
        said = (
            f"{count:,} failed deliveries are sent again." if count else "None failed since then."
        )
        messages.success(request, said)
    else:
        messages.error(request, "Choose how far back; nothing was sent.")
    return see_other("notices:webhook", door.project.slug, pk)


def _delivery_of(endpoint: WebhookEndpoint, pk: int) -> WebhookDelivery:
    found = queries.get_delivery(endpoint, pk)
    if found is None:
        raise Http404("Nothing like this was sent to the webhook; deliveries are kept for 30 days.")
    return found
