"""The projects somebody may enter, and making a new one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import queries
from accounts.forms import ProjectForm
from accounts.services import projects
from accounts.views.entry import person, to_project


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The only project there is for this person, or the list."""
    groups = queries.list_projects(person(request))
    cards = [card for _, cards in groups for card in cards]
    if len(cards) == 1:
        return to_project(cards[0].project)
    return project_list(request)


@require_GET
@login_required
def project_list(request: HttpRequest) -> HttpResponse:
    """Every project this person may enter, by organization."""
    user = person(request)
    groups = queries.list_projects(user)
    context = {
        "title": "Projects",
        "nav_current": "projects",
        "groups": groups,
        "is_empty": not any(cards for _, cards in groups),
        "may_make": bool(projects.organizations_to_build_in(user)),
    }
    return render(request, "accounts/project_list.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def project_new(request: HttpRequest) -> HttpResponse:
    """Make a project and go there."""
    user = person(request)
    organizations = projects.organizations_to_build_in(user)
    if not organizations:
        raise PermissionDenied(
            "Making a project needs the role admin or above in the whole organization. "
            "Its admins and owners can give it."
        )
    form = ProjectForm(request.POST or None, organizations=organizations)
    if request.method == "POST" and form.is_valid():
        try:
            project = projects.make_project(
                form.cleaned_data["organization"],
                form.cleaned_data["name"],
                slug=form.cleaned_data["slug"],
                actor=user,
            )
        except projects.SlugTaken as taken:
            form.add_error("slug", str(taken))
        else:
            return to_project(project)
    context = {"title": "New project", "nav_current": "projects", "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/project_new.html", context, status=status)
