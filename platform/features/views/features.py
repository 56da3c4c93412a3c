"""The list of features, one of them, and what people say of it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from features.forms.features import FeatureForm
from features.pages.feature import page_of
from features.pages.words import bar_words
from features.queries.registry import list_features
from features.services import registry as services
from features.services.errors import BadFeature
from features.views.opening import open_feature
from kit.htmx import HtmxRequest, render_page


@require_GET
@login_required
def feature_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Every registered feature; what traffic says of them comes by another address."""
    door = enter(request, project_slug)
    archived = request.GET.get("archived") == "1"
    rows = list_features(door.project, archived=archived)
    context = {
        "title": "Features",
        "nav_current": "features",
        "rows": [(row, bar_words(row.target) if row.target else "") for row in rows],
        "archived": archived,
        "unanswered": sum(bool(row.questions) for row in rows),
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "features/feature_list.html", context, partial="rows")


@require_GET
@login_required
def feature(request: HtmxRequest, project_slug: str, name: str) -> HttpResponse:
    """Who answers for it, what good means, whether it holds."""
    door, found = open_feature(request, project_slug, name)
    context = {
        "title": found.heading,
        "crumbs": _crumbs(project_slug),
        "nav_current": "features",
        **page_of(door, found),
    }
    return render_page(request, "features/feature.html", context, partial="body")


@require_http_methods(["GET", "POST"])
@login_required
def feature_new(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Register a feature; a name alone is enough."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    name = request.GET.get("name", "")
    form = FeatureForm(request.POST or None, project=door.project, name=name)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_feature(
                door.project, form.cleaned_data["name"], form.about(), actor=person(request)
            )
        except BadFeature as bad:
            form.add_error(bad.where, str(bad))
        else:
            messages.success(request, f"{made.heading} is registered.")
            return see_other("features:feature", project_slug, made.name)
    context = {
        "title": "Register a feature",
        "crumbs": _crumbs(project_slug),
        "nav_current": "features",
        "form": form,
        "back": reverse("features:features", args=[project_slug]),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "features/feature_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def feature_edit(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Say who answers for it, and what it does."""
    door, found = open_feature(request, project_slug, name, least=Role.ENGINEER)
    form = FeatureForm(request.POST or None, project=door.project, feature=found)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_feature(found, form.about(), actor=person(request))
        except BadFeature as bad:
            form.add_error(bad.where, str(bad))
        else:
            messages.success(request, "Saved.")
            return see_other("features:feature", project_slug, name)
    context = {
        "title": "Edit",
        "crumbs": [
            *_crumbs(project_slug),
            {"text": found.heading, "href": reverse("features:feature", args=[project_slug, name])},
        ],
        "nav_current": "features",
        "form": form,
        "feature": found,
        "back": reverse("features:feature", args=[project_slug, name]),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "features/feature_form.html", context, status=status)


@require_POST
@login_required
def feature_archive(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Take it out of the lists, or back into them (`restore`)."""
    _, found = open_feature(request, project_slug, name, least=Role.ENGINEER)
    if request.POST.get("act") == "restore":
        services.restore_feature(found, actor=person(request))
        messages.success(request, f"{found.heading} is in the lists again.")
    else:
        services.archive_feature(found, actor=person(request))
        messages.success(request, f"{found.heading} is archived; its targets still hold.")
    return see_other("features:feature", project_slug, name)


def _crumbs(project_slug: str) -> list[dict[str, str]]:
    return [{"text": "Features", "href": reverse("features:features", args=[project_slug])}]
