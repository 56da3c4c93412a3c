"""The editor of an alert rule, with what it would have said of the last 14 days."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from alerts.models import AlertRule
from alerts.pages.rule import asks_of, past_of
from alerts.queries.rule_history import backtest
from alerts.rule_forms import DEFAULTS, RuleForm, initial_of
from alerts.services import rules as services
from alerts.services.errors import BadRule
from alerts.views.rules import crumbs, rule_of


@require_http_methods(["GET", "POST"])
@login_required
def rule_new(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The form of a new rule; POST makes it. `?metric=`, `?scope=` and others fill it."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    given = {name: request.GET[name][:2000] for name in request.GET if name in _FILLED}
    form = _form(door, request.POST or None, initial={**DEFAULTS, **given})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_rule(door.project, **form.wanted(), actor=person(request))
        except BadRule as bad:
            _blame(form, bad)
        else:
            messages.success(request, f"{made.name} looks from now on.")
            return see_other("alerts:rule", project_slug, made.pk)
    return _page(request, door, form, None)


@require_http_methods(["GET", "POST"])
@login_required
def rule_edit(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """What a rule says; POST changes it."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    rule = rule_of(door, pk)
    form = _form(door, request.POST or None, initial=initial_of(rule))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_rule(rule, **form.wanted(), actor=person(request))
        except BadRule as bad:
            _blame(form, bad)
        else:
            messages.success(request, "Saved.")
            return see_other("alerts:rule", project_slug, pk)
    return _page(request, door, form, rule)


@require_POST
@login_required
def rule_fields(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The fields that the chosen figure and condition need, with what was typed."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    said = {name: request.POST[name] for name in request.POST}
    said["channels"] = request.POST.getlist("channels")  # type: ignore[assignment]  # several
    form = _form(door, initial={**DEFAULTS, **said})
    return render(request, "alerts/_rule_fields.html", {"form": form, "project": door.project})


@require_POST
@login_required
def rule_preview(request: HttpRequest, project_slug: str) -> HttpResponse:
    """When the rule that is being written would have fired, as a piece."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    said = request.POST.copy()
    said["name"] = said.get("name", "").strip() or "New rule"
    form = _form(door, said)
    context: dict[str, Any] = {"project": door.project}
    if form.is_valid():
        try:
            rule = services.draft_rule(door.project, **{**form.wanted(), "name": "A draft"})
            context |= {
                "asks": asks_of(rule),
                "past": past_of(rule, backtest(rule, timezone.now())),
            }
        except BadRule as bad:
            context["said"] = str(bad)
    else:
        name, errors = next(iter(form.errors.items()))
        context["said"] = f"{form[name].label}: {errors[0]}" if name in form.fields else errors[0]
    return render(request, "alerts/_rule_preview.html", context)


_FILLED = (
    "name", "metric", "scope", "match", "score", "other", "condition", "window_minutes", "feature"
)  # fmt: skip


def _form(door: Door, *args: Any, **kwargs: Any) -> RuleForm:
    where = reverse("alerts:rule_fields", args=[door.project.slug])
    return RuleForm(door.project, *args, fields_url=where, **kwargs)


def _blame(form: RuleForm, bad: BadRule) -> None:
    form.add_error(bad.where if bad.where in form.fields else None, str(bad))


def _page(request: HttpRequest, door: Door, form: RuleForm, rule: AlertRule | None) -> HttpResponse:
    context = {
        "title": f"Change {rule.name}" if rule else "New rule",
        "crumbs": crumbs(door),
        "nav_current": "alerts",
        "form": form,
        "rule": rule,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "alerts/rule_form.html", context, status=status)
