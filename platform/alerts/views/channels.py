"""Settings › Alerts: channels made, changed, tested, switched off, and the project's wishes."""

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
from accounts.views.entry import person, see_other
from alerts.forms import ChannelForm, SettingsForm
from alerts.models import Channel, ChannelKind
from alerts.pages.words import of_channel, of_delivery
from alerts.queries import channels as queries
from alerts.queries.wishes import settings_of
from alerts.services import channels as services
from alerts.services.errors import BadChannel
from kit.htmx import HtmxRequest, render_page

PAGE_SIZE = 50


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def channel_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The project's channels; POST makes one of `?kind=`, whose secret is shown this once."""
    door = enter(request, project_slug, least=Role.ADMIN)
    context: dict[str, Any] = settings_context(door, "alerts", "Alerts")
    asked = request.GET.get("kind", "")
    kind = asked if asked in ChannelKind.values else ChannelKind.EMAIL.value
    form, status = ChannelForm(kind=kind), 200
    if request.method == "POST":
        form = ChannelForm(request.POST, kind=kind)
        made = _try(form, lambda wanted: services.create_channel(
            door.project, kind=kind, **wanted, actor=person(request)
        ))  # fmt: skip
        if made is None:
            status = 422
        else:
            context["made"], form = made, ChannelForm(kind=kind)
    here = reverse("alerts:channels", args=[project_slug])
    context |= {
        "form": form,
        "kind": kind,
        "kind_label": ChannelKind(kind).label,
        "kinds": [
            {"text": one.label, "href": f"{here}?kind={one.value}#new", "current": one == kind}
            for one in ChannelKind
        ],
        "settings_form": SettingsForm.of(settings_of(door.project)),
        "rows": [
            {"channel": row, "sign": of_channel(row)} for row in queries.list_channels(door.project)
        ],
    }
    return render_page(request, "alerts/channel_list.html", context, partial="rows", status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def channel(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """One channel with the log of what was sent; POST saves what is said of it."""
    door = enter(request, project_slug, least=Role.ADMIN)
    found = _channel_of(door, pk)
    form, status = ChannelForm(kind=found.kind, channel=found), 200
    if request.method == "POST":
        form = ChannelForm(request.POST, kind=found.kind, channel=found)
        changed = _try(form, lambda wanted: services.change_channel(
            found, **wanted, actor=person(request)
        ))  # fmt: skip
        if changed is not None:
            messages.success(request, "Saved.")
            return see_other("alerts:channel", project_slug, pk)
        status = 422
    text = request.GET.get("before", "")
    before = int(text[:18]) if text.isdecimal() else None
    rows = list(queries.list_deliveries(found, before=before)[: PAGE_SIZE + 1])
    context: dict[str, Any] = settings_context(door, "alerts", str(found))
    here = reverse("alerts:channels", args=[project_slug])
    context["crumbs"].append({"text": "Alerts", "href": here})
    context |= {
        "channel": found,
        "kind_label": ChannelKind(found.kind).label,
        "sign": of_channel(found),
        "form": form,
        "rows": [{"delivery": row, "sign": of_delivery(row)} for row in rows[:PAGE_SIZE]],
        "older": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
    }
    return render_page(request, "alerts/channel.html", context, partial="log", status=status)


@require_POST
@login_required
def channel_test(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Send a test; the log shows what comes of it."""
    door = enter(request, project_slug, least=Role.ADMIN)
    services.send_test(_channel_of(door, pk), actor=person(request))
    messages.success(request, "A test is on its way; the log below shows what comes back.")
    return see_other("alerts:channel", project_slug, pk)


@require_POST
@login_required
def channel_switch(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Switch it on or off (`on=1` or `on=0`)."""
    door = enter(request, project_slug, least=Role.ADMIN)
    is_on = request.POST.get("on") == "1"
    services.change_channel(_channel_of(door, pk), is_enabled=is_on, actor=person(request))
    messages.success(request, f"The channel is switched {'on' if is_on else 'off'}.")
    return see_other("alerts:channel", project_slug, pk)


@require_POST
@login_required
def channel_delete(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Nothing is sent to it any more."""
    door = enter(request, project_slug, least=Role.ADMIN)
    found = _channel_of(door, pk)
    services.delete_channel(found, actor=person(request))
    messages.success(request, f"The channel {found} is deleted.")
    return see_other("alerts:channels", project_slug)


@require_POST
@login_required
def settings_save(request: HttpRequest, project_slug: str) -> HttpResponse:
    """When pages escalate, how storms fold, whether content leaves."""
    door = enter(request, project_slug, least=Role.ADMIN)
    form = SettingsForm(request.POST)
    if form.is_valid():
        services.change_settings(door.project, **form.cleaned_data, actor=person(request))
        messages.success(request, "Saved.")
    else:
        name, errors = next(iter(form.errors.items()))
        messages.error(request, f"Nothing was saved. {form[name].label}: {errors[0]}")
    return see_other("alerts:channels", project_slug)


def _try(form: ChannelForm, act: Any) -> Any:
    """What `act` makes of the form; None where form or service refuse, which the form then says."""
    if not form.is_valid():
        return None
    try:
        return act(form.wanted())
    except BadChannel as bad:
        form.add_error(bad.where if bad.where in form.fields else None, str(bad))
        return None


def _channel_of(door: Door, pk: int) -> Channel:
    found = queries.get_channel(door.project, pk)
    if found is None:
        raise Http404("The project has no such channel.")
    return found
