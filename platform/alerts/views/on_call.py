"""Who is on call: of every feature, of one, with rotations and absences to edit."""

from __future__ import annotations

from typing import Any

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
from alerts.models import Absence, OnCallStint
from alerts.on_call_forms import AbsenceForm, RotationForm, TimeForm
from alerts.pages.on_call import on_call_of, on_call_rows, turns_of
from alerts.queries.on_call import list_absences, list_stints, plan_of, rotation_of
from alerts.services import on_call as services
from alerts.services.errors import BadRotation
from features.models import Feature
from features.queries import feature_named
from kit.htmx import HtmxRequest, render_page


@require_http_methods(["GET", "POST"])
@login_required
def on_call(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Who is on call for what, and who is away; POST notes an absence."""
    is_post = request.method == "POST"
    door = enter(request, project_slug, least=Role.ENGINEER if is_post else Role.VIEWER)
    form, status = AbsenceForm(request.POST if is_post else None, project=door.project), 200
    if is_post:
        try:
            if form.is_valid():
                services.note_absence(door.project, **form.wanted(), actor=person(request))
                messages.success(request, "Noted; whoever stands in is asked instead.")
                return see_other("alerts:on_call", project_slug)
        except BadRotation as bad:
            form.add_error(bad.where if bad.where in form.fields else None, str(bad))
        status = 422
    now = timezone.now()
    context = {
        "title": "On call",
        "crumbs": _crumbs(project_slug),
        "nav_current": "alerts",
        "rows": on_call_rows(door.project, now),
        "absences": list(list_absences(door.project, now)),
        "form": form,
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "alerts/on_call.html", context, partial="rows", status=status)


@require_http_methods(["GET", "POST"])
@login_required
def rotation(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """One feature's rotation with its next turns; POST saves it, or removes it (`act=remove`)."""
    is_post = request.method == "POST"
    door, feature = _opened(
        request, project_slug, name, least=Role.ENGINEER if is_post else Role.VIEWER
    )
    known = rotation_of(feature)
    form = RotationForm(request.POST if is_post else None, project=door.project, rotation=known)
    status = 200
    if is_post and request.POST.get("act") == "remove":
        services.remove_rotation(feature, actor=person(request))
        messages.success(request, "The rotation is gone; owner and deputy answer for it.")
        return see_other("alerts:rotation", project_slug, name)
    if is_post:
        try:
            if form.is_valid():
                services.set_rotation(feature, form.wanted(), actor=person(request))
                messages.success(request, "Saved.")
                return see_other("alerts:rotation", project_slug, name)
        except BadRotation as bad:
            form.add_error(bad.where if bad.where in form.fields else None, str(bad))
        status = 422
    zone = known.zone if known else "UTC"
    context = _about(door, feature) | {
        "form": form,
        "stint_form": TimeForm(project=door.project, zone=zone),
    }
    return render(request, "alerts/rotation.html", context, status=status)


@require_POST
@login_required
def rotation_take_over(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Somebody is on call in a time, whoever has the turn."""
    door, feature = _opened(request, project_slug, name, least=Role.ENGINEER)
    known = rotation_of(feature)
    if known is None:
        raise Http404("This feature has no rotation.")
    form = TimeForm(request.POST, project=door.project, zone=known.zone)
    try:
        if form.is_valid():
            services.take_over(known, **form.wanted(), actor=person(request))
            messages.success(request, "Taken over.")
        else:
            field, errors = next(iter(form.errors.items()))
            messages.error(request, f"Nothing was saved. {form[field].label}: {errors[0]}")
    except BadRotation as bad:
        messages.error(request, f"Nothing was saved. {bad}")
    return see_other("alerts:rotation", project_slug, name)


@require_POST
@login_required
def rotation_give_back(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """The turn is again whose it was."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    stints = OnCallStint.objects.select_related("rotation__feature", "person")
    found = stints.filter(rotation__feature__project=door.project, pk=min(pk, 2**63 - 1)).first()
    if found is None:
        raise Http404("The project has no such time.")
    services.give_back(found, actor=person(request))
    messages.success(request, "The turn is again whose it was.")
    return see_other("alerts:rotation", project_slug, found.rotation.feature.name)


@require_POST
@login_required
def absence_end(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """They are here after all."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    rows = Absence.objects.filter(project=door.project).select_related("project", "person")
    found = rows.filter(pk=min(pk, 2**63 - 1)).first()
    if found is None:
        raise Http404("The project has no such absence.")
    services.end_absence(found, actor=person(request))
    messages.success(request, f"{found.person.display_name} is here again.")
    return see_other("alerts:on_call", project_slug)


@require_GET
@login_required
def on_call_of_feature(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """A piece for other pages: who is on call for this feature now."""
    door = enter(request, project_slug)
    feature = feature_named(door.project, name)
    if feature is None:
        return HttpResponse()
    row = on_call_of(door.project, feature, rotation_of(feature), timezone.now())
    context = {"project": door.project, "row": row, "may_write": door.may(Role.ENGINEER)}
    return render(request, "alerts/_on_call_of_feature.html", context)


def _about(door: Door, feature: Feature) -> dict[str, Any]:
    now, known = timezone.now(), rotation_of(feature)
    plan = plan_of(door.project, feature, now)
    here = {"text": "On call", "href": reverse("alerts:on_call", args=[door.project.slug])}
    return {
        "title": feature.heading,
        "crumbs": [*_crumbs(door.project.slug), here],
        "nav_current": "alerts",
        "feature": feature,
        "row": on_call_of(door.project, feature, known, now),
        "turns": turns_of(known, plan, now) if known else [],
        "stints": list(list_stints(known, now)) if known else [],
        "may_write": door.may(Role.ENGINEER),
    }


def _opened(
    request: HttpRequest, project_slug: str, name: str, *, least: Role
) -> tuple[Door, Feature]:
    door = enter(request, project_slug, least=least)
    feature = feature_named(door.project, name)
    if feature is None:
        raise Http404("This project has no such feature.")
    return door, feature


def _crumbs(project_slug: str) -> list[dict[str, str]]:
    return [{"text": "Alerts", "href": reverse("alerts:incidents", args=[project_slug])}]
