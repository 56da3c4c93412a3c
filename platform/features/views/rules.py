"""The mapping rules of a project: read, added to, put in order, followed by stored spans."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import Door, enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from features.forms.rules import RuleForm
from features.mapping import condition_of
from features.models import MappingRule, MappingState
from features.queries.rules import list_rules, mapping_state
from features.services.errors import BadRule, NothingToDo
from features.services.rules import NewRule, set_rules, stop_following
from kit.requests import whole_number

MOST_DAYS = 400


@require_http_methods(["GET", "POST"])
@login_required
def rules(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The rules in order. POST changes them as `act` says: add, up, down, remove, follow, stop."""
    least = Role.VIEWER if request.method == "GET" else Role.ENGINEER
    door = enter(request, project_slug, least=least)
    form = RuleForm(
        request.POST if request.POST.get("act") == "add" else None,
        project=door.project,
        feature=request.GET.get("feature", ""),
    )
    if request.method == "GET":
        return _page(request, door, form)
    state = mapping_state(door.project)
    if request.POST.get("act") != "stop" and request.POST.get("revision") != str(state.revision):
        form.errors.setdefault("__all__", form.error_class()).append(
            "Somebody changed the rules meanwhile. Look at them, then do it again."
        )
        return _page(request, door, form, status=422)
    try:
        said = _act(request, door, form)
    except (BadRule, NothingToDo) as refused:
        form.errors.setdefault("__all__", form.error_class()).append(str(refused))
        said = ""
    if not said:
        return _page(request, door, form, status=422)
    messages.success(request, said)
    return see_other("features:rules", project_slug)


def _act(request: HttpRequest, door: Door, form: RuleForm) -> str:
    """Do it; what was done, or '' where the form says what is wrong."""
    act, actor = request.POST.get("act", ""), person(request)
    if act == "stop":
        stop_following(door.project, actor=actor)
        return "Stored spans that have not followed yet stay as they are."
    given = [_given(row) for row in list_rules(door.project)]
    at = (whole_number(request.POST.get("place", "")) or 0) - 1
    since = _since(request)
    if act == "add":
        if not form.is_valid():
            return ""
        given.append(form.rule())
    elif act == "follow":
        days = whole_number(request.POST.get("days", "")) or 30
        since = timezone.now() - timedelta(days=min(days, MOST_DAYS))
    elif act in ("up", "down", "remove") and 0 <= at < len(given):
        rule = given.pop(at)
        if act != "remove":
            given.insert(max(0, at - 1) if act == "up" else at + 1, rule)
    else:
        raise BadRule("That rule is not there any more.")
    set_rules(door.project, given, actor=actor, since=since)
    return "Stored spans follow the rules soon." if since else "Spans that come follow the rules."


def _since(request: HttpRequest) -> datetime | None:
    """From when on stored spans are to follow; None: none of them."""
    days = whole_number(request.POST.get("days", ""))
    if request.POST.get("stored") != "1" or not days:
        return None
    return timezone.now() - timedelta(days=min(days, MOST_DAYS))


def _given(row: MappingRule) -> NewRule:
    return NewRule(row.feature.name, [condition_of(one) for one in row.conditions])


def _page(request: HttpRequest, door: Door, form: RuleForm, *, status: int = 200) -> HttpResponse:
    state: MappingState = mapping_state(door.project)
    context = {
        "title": "Mapping rules",
        "crumbs": [
            {"text": "Features", "href": reverse("features:features", args=[door.project.slug])}
        ],
        "nav_current": "features",
        "rows": [
            (row, [condition_of(one).text for one in row.conditions])
            for row in list_rules(door.project)
        ],
        "state": state,
        "form": form,
        "may_write": door.may(Role.ENGINEER),
    }
    return render(request, "features/rules.html", context, status=status)
