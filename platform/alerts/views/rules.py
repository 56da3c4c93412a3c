"""Alert rules: the list with ready ones, one with what it saw, and what is done to it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from alerts.forms import SNOOZES
from alerts.models import AlertRule
from alerts.pages.rule import asks_of, bar_of, event_row, past_of, row_of, seen_of, state_of
from alerts.queries import rules as queries
from alerts.queries.rule_history import backtest
from alerts.queries.rule_ready import Ready, ready_named, ready_rules
from alerts.services import rules as services
from alerts.services.errors import BadRule
from kit.htmx import HtmxRequest, render_page


@require_GET
@login_required
def rule_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The rules, what fires first; and those that are ready for one click."""
    door = enter(request, project_slug)
    now = timezone.now()
    rules = queries.rules_to_show(door.project)
    context = {
        "title": "Rules",
        "crumbs": crumbs(door)[:1],
        "nav_current": "alerts",
        "rows": [row_of(one, now) for one in rules],
        "firing": sum(one.is_enabled and one.state == "firing" for one in rules),
        "ready": ready_rules(door.project),
        "may_act": door.may(Role.ENGINEER),
    }
    return render_page(request, "alerts/rule_list.html", context, partial="rows")


@require_http_methods(["GET", "POST"])
@login_required
def rule_ready(request: HttpRequest, project_slug: str, key: str) -> HttpResponse:
    """A ready rule with its backtest, as a piece; POST makes it."""
    is_post = request.method == "POST"
    door = enter(request, project_slug, least=Role.ENGINEER if is_post else Role.VIEWER)
    ready = ready_named(door.project, key)
    if ready is None:
        raise Http404("There is no such ready rule.")
    if is_post:
        return _make(request, door, ready)
    try:
        rule = services.draft_rule(door.project, **ready.fields)
    except BadRule as bad:
        context = {"ready": ready, "said": str(bad), "may_act": False}
        return render(request, "alerts/_rule_ready.html", context)
    past = past_of(rule, backtest(rule, timezone.now()))
    context = {"ready": ready, "asks": asks_of(rule), "past": past}
    context |= {"may_act": door.may(Role.ENGINEER), "project": door.project}
    return render(request, "alerts/_rule_ready.html", context)


def _make(request: HttpRequest, door: Door, ready: Ready) -> HttpResponse:
    try:
        made = services.create_rule(door.project, **ready.fields, actor=person(request))
    except BadRule as bad:
        messages.error(request, str(bad))
        return see_other("alerts:rules", door.project.slug)
    messages.success(request, f"{made.name} looks from now on.")
    return see_other("alerts:rule", door.project.slug, made.pk)


@require_GET
@login_required
def rule(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """One rule: where it stands, what it asks, what happened."""
    door = enter(request, project_slug)
    found = rule_of(door, pk)
    value, href = seen_of(found)
    context = {
        "title": found.name,
        "crumbs": crumbs(door),
        "nav_current": "alerts",
        "rule": found,
        "state": state_of(found, timezone.now()),
        "asks": asks_of(found),
        "value": value,
        "value_href": href,
        "bar": bar_of(found),
        "is_muted": found.muted_until is not None and found.muted_until > timezone.now(),
        "events": [event_row(found, one) for one in queries.events_of(found)],
        "may_act": door.may(Role.ENGINEER),
        "mutes": list(SNOOZES.items()),
    }
    return render_page(request, "alerts/rule.html", context, partial="body")


@require_GET
@login_required
def rule_past(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """The last 14 days of a rule, as a piece."""
    door = enter(request, project_slug)
    found = rule_of(door, pk)
    context = {"past": past_of(found, backtest(found, timezone.now())), "project": door.project}
    return render(request, "alerts/_rule_past.html", context)


@require_POST
@login_required
def rule_mute(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Mute it for `hours`; 0 ends that."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    hours = request.POST.get("hours", "")
    until = timezone.now() + timedelta(hours=int(hours)) if hours in SNOOZES else None
    services.mute_rule(rule_of(door, pk), until=until, actor=person(request))
    messages.success(request, "It is muted." if until else "It is muted no more.")
    return see_other("alerts:rule", project_slug, pk)


@require_POST
@login_required
def rule_switch(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Switch it on or off (`on=1` or `on=0`)."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    is_on = request.POST.get("on") == "1"
    services.change_rule(rule_of(door, pk), is_enabled=is_on, actor=person(request))
    messages.success(request, f"The rule is switched {'on' if is_on else 'off'}.")
    return see_other("alerts:rule", project_slug, pk)


@require_POST
@login_required
def rule_delete(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """It is gone, and its incident is resolved."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    found = rule_of(door, pk)
    services.delete_rule(found, actor=person(request))
    messages.success(request, f"The rule {found.name} is deleted.")
    return see_other("alerts:rules", project_slug)


def rule_of(door: Door, pk: int) -> AlertRule:
    """A rule of this project. Raises: Http404."""
    found = queries.get_rule(door.project, pk)
    if found is None:
        raise Http404("The project has no such rule.")
    return found


def crumbs(door: Door) -> list[dict[str, str]]:
    """The way to a page of rules."""
    slug = door.project.slug
    return [
        {"text": "Alerts", "href": reverse("alerts:incidents", args=[slug])},
        {"text": "Rules", "href": reverse("alerts:rules", args=[slug])},
    ]
