"""Settings › Webhooks: the addresses of a project, made, changed, tested, switched off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from accounts.settings_frame import settings_context
from kit.htmx import HtmxRequest, render_page
from notices import wording
from notices.forms import ReplayForm, WebhookForm
from notices.models import WebhookDelivery, WebhookEndpoint
from notices.queries import webhooks as queries
from notices.services import endpoints, replays
from notices.views.people import before, person, see_other

PAGE_SIZE = 50
STATES = {"": "All", **dict(WebhookDelivery.State.choices)}


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def webhook_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The project's webhooks; POST makes one, whose secret stands in this answer only."""
    door = enter(request, project_slug, least=Role.ADMIN)
    context: dict[str, Any] = settings_context(door, "webhooks", "Webhooks")
    form, status = WebhookForm(), 200
    if request.method == "POST":
        form = WebhookForm(request.POST)
        if form.is_valid():
            made = endpoints.create_endpoint(door.project, **form.wanted(), actor=person(request))
            context["made"], form = made, WebhookForm()
        else:
            status = 422
    rows = queries.list_endpoints(door.project)
    context |= {
        "form": form,
        "rows": [{"endpoint": row, "sign": wording.of_endpoint(row)} for row in rows],
    }
    return render_page(request, "notices/webhook_list.html", context, partial="rows", status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def webhook(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """One webhook with the log of its deliveries; POST saves address, description, events."""
    door = enter(request, project_slug, least=Role.ADMIN)
    endpoint = endpoint_of(door, pk)
    form, status = WebhookForm.of(endpoint), 200
    if request.method == "POST":
        form = WebhookForm(request.POST)
        if form.is_valid():
            endpoints.change_endpoint(endpoint, **form.wanted(), actor=person(request))
            messages.success(request, "Saved.")
            return see_other("notices:webhook", door.project.slug, pk)
        status = 422
    return webhook_page(request, door, endpoint, form=form, status=status)


@never_cache
@require_POST
@login_required
def webhook_rotate(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """A new secret, shown in this answer only; the former one signs too for a day more."""
    door = enter(request, project_slug, least=Role.ADMIN)
    made = endpoints.rotate_secret(endpoint_of(door, pk), actor=person(request))
    return webhook_page(request, door, made.endpoint, made=made)


@require_POST
@login_required
def webhook_switch(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Switch it on or off (`on=1` or `on=0`)."""
    door = enter(request, project_slug, least=Role.ADMIN)
    is_on = request.POST.get("on") == "1"
    endpoints.change_endpoint(endpoint_of(door, pk), is_enabled=is_on, actor=person(request))
    messages.success(request, f"The webhook is switched {'on' if is_on else 'off'}.")
    return see_other("notices:webhook", door.project.slug, pk)


@require_POST
@login_required
def webhook_delete(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Nothing is sent to it any more, and its log is gone."""
    door = enter(request, project_slug, least=Role.ADMIN)
    endpoint = endpoint_of(door, pk)
    endpoints.delete_endpoint(endpoint, actor=person(request))
    messages.success(request, f"The webhook {endpoint} is deleted.")
    return see_other("notices:webhooks", door.project.slug)


@require_POST
@login_required
def webhook_test(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Send a test; the log shows what comes of it."""
    door = enter(request, project_slug, least=Role.ADMIN)
    replays.send_test(endpoint_of(door, pk), actor=person(request))
    messages.success(request, "A test is on its way; the log below shows what comes back.")
    return see_other("notices:webhook", door.project.slug, pk)


def endpoint_of(door: Door, pk: int) -> WebhookEndpoint:
    """A webhook of this project. Raises: Http404."""
    endpoint = queries.get_endpoint(door.project, pk)
    if endpoint is None:
        raise Http404("The project has no such webhook.")
    return endpoint


def webhook_page(
    request: HtmxRequest,
    door: Door,
    endpoint: WebhookEndpoint,
    *,
    form: WebhookForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The page of one webhook; htmx gets the log."""
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    found = queries.list_deliveries(endpoint, state=state, before=before(request))
    rows = list(found[: PAGE_SIZE + 1])
    context: dict[str, Any] = settings_context(door, "webhooks", str(endpoint))
    here = reverse("notices:webhooks", args=[door.project.slug])
    context["crumbs"].append({"text": "Webhooks", "href": here})
    context |= {
        "endpoint": endpoint,
        "sign": wording.of_endpoint(endpoint),
        "form": form or WebhookForm.of(endpoint),
        "former_until": endpoint.former_until if endpoint.has_former_secret else None,
        "replay_form": ReplayForm(initial={"hours": "24"}),
        "states": [
            {
                "name": name,
                "text": text,
                "count": queries.count_deliveries(endpoint, state=name),
            }
            for name, text in STATES.items()
        ],
        "state": state,
        "rows": [
            {
                "delivery": row,
                "sign": wording.of_delivery(row),
                "answer": wording.of_answer(row.last_status, row.last_error),
            }
            for row in rows[:PAGE_SIZE]
        ],
        "older": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
        **more,
    }
    return render_page(request, "notices/webhook.html", context, partial="log", status=status)
