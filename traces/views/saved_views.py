"""Saving the list as a view, and what can be done with a view."""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import Door, enter
from accounts.models import Role, User
from kit.errors import DomainError
from traces.models import SavedView
from traces.pages.view_picker import cleaned, may_change, may_delete
from traces.queries.saved_views import views_for
from traces.services import saved_views as services


@require_POST
@login_required
def view_save(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Save the list of the field `query` under a name; `shared` makes it the team's."""
    door, user = enter(request, project_slug), _person(request)
    is_shared = bool(request.POST.get("shared"))
    if is_shared:
        door.require(Role.ENGINEER)
    query = cleaned(parse_qsl(request.POST.get("query", "").removeprefix("?")))
    try:
        view = services.save_view(
            door.project, request.POST.get("name", ""), query, actor=user, is_shared=is_shared
        )
    except DomainError as error:
        messages.error(request, str(error))
        return _see(door, f"?{query}")
    messages.success(request, f"Saved as {view.name}.")
    return _see(door, f"?{query}&view={view.pk}")


@require_POST
@login_required
def view_change(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """`act` says what: save (the list as it stands), rename, default, no-default, delete."""
    door, user = enter(request, project_slug), _person(request)
    view = views_for(door.project.pk, user).filter(pk=pk).first()
    if view is None:
        raise Http404("You have no such view.")
    try:
        said = _act(request, door, view, user)
    except DomainError as error:
        messages.error(request, str(error))
        return _see(door, f"?{view.query}&view={view.pk}")
    messages.success(request, said)
    return _see(door, f"?{view.query}&view={view.pk}" if view.pk else f"?{view.query}")


def _act(request: HttpRequest, door: Door, view: SavedView, user: User) -> str:
    act = request.POST.get("act", "")
    if act in ("default", "no-default"):
        door.require(Role.ADMIN)
        services.set_default(view, actor=user, is_default=act == "default")
        is_one = "now" if view.is_default else "no longer"
        return f"The project's list {is_one} opens with {view.name}."
    if act == "delete":
        _allow(may_delete(view, user, door.role), "delete")
        services.delete_view(view, actor=user)
        return f"Deleted the view {view.name}."
    _allow(may_change(view, user, door.role), "change")
    if act == "rename":
        services.change_view(view, actor=user, name=request.POST.get("name", ""))
        return f"Renamed to {view.name}."
    if act != "save":
        raise DomainError("There is no such act.")
    query = cleaned(parse_qsl(request.POST.get("query", "").removeprefix("?")))
    services.change_view(view, actor=user, query=query)
    return f"Saved {view.name}."


def _allow(is_allowed: bool, what: str) -> None:
    if not is_allowed:
        raise PermissionDenied(
            f"You may not {what} this view. Views of the team are changed by engineers, deleted by "
            "whoever made them or an admin; the project's default is an admin's."
        )


def _see(door: Door, query: str) -> HttpResponse:
    response = redirect(reverse("traces:trace_list", args=[door.project.slug]) + query)
    response.status_code = 303
    return response


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (signed in)
    return request.user
