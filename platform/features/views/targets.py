"""Targets of a feature: written, read beside the one that held, decided."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Role
from accounts.views.entry import person, see_other
from features.forms.targets import TargetForm
from features.models import Feature
from features.pages.feature import decision_of
from features.pages.words import bar_words, differences, lines_of
from features.queries.registry import list_targets, open_target_of, target_numbered, target_of
from features.services import targets as services
from features.services.errors import BadTarget
from features.terms import terms_of
from features.views.opening import open_feature, open_target
from kit.errors import DomainError
from kit.requests import whole_number


@require_http_methods(["GET", "POST"])
@login_required
def target_new(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Write a target: from the draft, else from what holds; `act` says draft or propose."""
    door, feature = open_feature(request, project_slug, name, least=Role.ENGINEER)
    opened = open_target_of(feature)
    if opened is not None and opened.state == opened.State.PROPOSED:
        if request.method == "POST":
            messages.error(request, f"Target {opened.number} waits for approval.")
        return see_other("features:target", project_slug, name, opened.number)
    start = opened or target_of(door.project, name)
    form = TargetForm(request.POST or None, terms=terms_of(start) if start else None)
    if request.method == "POST" and form.is_valid():
        proposes = request.POST.get("act") == "propose"
        write = services.propose_target if proposes else services.draft_target
        try:
            made = write(feature, form.terms(), actor=person(request))
        except BadTarget as bad:
            for field, text in bad.faults.items():
                form.add_error(field if field in form.fields else None, text)
        else:
            said = "waits for approval" if proposes else "is kept as a draft"
            messages.success(request, f"Target {made.number} {said}.")
            return see_other("features:target", project_slug, name, made.number)
    context = {
        **_frame(feature, "Change the target" if start else "Write the target"),
        "form": form,
        "start": start,
        "opened": opened,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "features/target_form.html", context, status=status)


@require_GET
@login_required
def target(request: HttpRequest, project_slug: str, name: str, number: int) -> HttpResponse:
    """All that it says, beside the one it was written against or another."""
    door, found = open_target(request, project_slug, name, number)
    against = whole_number(request.GET.get("against", ""))
    other = target_numbered(found.feature, against if against is not None else found.base or 0)
    context = {
        **_frame(found.feature, f"Target {number}"),
        "target": found,
        "bar": bar_words(found),
        "lines": [line for line in lines_of(found) if line.text],
        "other": other,
        "differences": differences(other, found) if other else [],
        "others": [one for one in list_targets(found.feature) if one != found and one != other],
        "may_write": door.may(Role.ENGINEER),
        **decision_of(found, person(request)),
    }
    return render(request, "features/target.html", context)


@require_POST
@login_required
def target_act(request: HttpRequest, project_slug: str, name: str, number: int) -> HttpResponse:
    """Propose, approve, decline or withdraw it, as `act` says."""
    door, found = open_target(request, project_slug, name, number, least=Role.ENGINEER)
    note, actor = request.POST.get("note", ""), person(request)
    act = request.POST.get("act", "")
    try:
        if act == "propose":
            services.propose_draft(found, actor=actor)
            messages.success(request, f"Target {number} waits for approval.")
        elif act == "approve":
            door.require(Role.REVIEWER)
            services.approve_target(found, actor=actor, note=note)
            messages.success(request, f"Target {number} holds from now on.")
        elif act == "decline":
            door.require(Role.REVIEWER)
            services.decline_target(found, actor=actor, note=note)
            messages.success(request, f"Target {number} is declined.")
        elif act == "withdraw":
            services.withdraw_target(found, actor=actor, note=note)
            messages.success(request, f"Target {number} is withdrawn.")
        else:
            messages.error(request, "Nothing was asked for.")
    except DomainError as refused:
        messages.error(request, str(refused))
    return see_other("features:target", project_slug, name, number)


def _frame(feature: Feature, title: str) -> dict[str, Any]:
    slug = feature.project.slug
    page = reverse("features:feature", args=[slug, feature.name])
    return {
        "title": title,
        "feature": feature,
        "back": page,
        "crumbs": [
            {"text": "Features", "href": reverse("features:features", args=[slug])},
            {"text": feature.heading, "href": page},
        ],
        "nav_current": "features",
    }
