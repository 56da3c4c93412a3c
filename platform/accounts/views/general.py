"""A project's settings: its name, and its end."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.forms import DeleteForm, RenameForm
from accounts.models import Role
from accounts.services import projects
from accounts.settings_frame import settings_context
from accounts.views.entry import person, see_other


@require_GET
@login_required
def settings_start(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The first page of the settings."""
    door = enter(request, project_slug)
    return see_other("accounts:general", door.project.slug)


@require_http_methods(["GET", "POST"])
@login_required
def general(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Name and addresses; POST renames."""
    door = enter(request, project_slug, least=Role.VIEWER)
    if request.method == "GET":
        return _page(request, door)
    door.require(Role.ADMIN)
    form = RenameForm(request.POST)
    if not form.is_valid():
        return _page(request, door, rename=form, status=422)
    projects.rename_project(door.project, form.cleaned_data["name"], actor=person(request))
    messages.success(request, "Name saved.")
    return see_other("accounts:general", door.project.slug)


@require_POST
@login_required
def project_delete(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Remove a demo in one click, any other project once its name is typed."""
    door = enter(request, project_slug)
    door.require(Role.ADMIN if door.project.is_demo else Role.OWNER)
    typed_name = ""
    if not door.project.is_demo:
        form = DeleteForm(request.POST, project=door.project)
        if not form.is_valid():
            return _page(request, door, delete=form, status=422)
        typed_name = form.cleaned_data["typed_name"]
    name = door.project.name
    projects.delete_project(door.project, typed_name=typed_name, actor=person(request))
    messages.success(request, f"{name} was deleted.")
    return see_other("accounts:home")


def _page(
    request: HttpRequest,
    door: Door,
    *,
    rename: RenameForm | None = None,
    delete: DeleteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **settings_context(door, "general", "General"),
        "form": rename or RenameForm(initial={"name": door.project.name}),
        "delete_form": delete or DeleteForm(project=door.project),
        "may_rename": door.may(Role.ADMIN),
        "may_delete": door.may(Role.ADMIN if door.project.is_demo else Role.OWNER),
    }
    return render(request, "accounts/general.html", context, status=status)
