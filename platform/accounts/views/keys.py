"""The project's keys: made, rotated, revoked; a secret is shown in one answer and never again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import queries
from accounts.access import Door, enter
from accounts.forms import KeyForm, ScopesForm
from accounts.models import ApiKey, Role, Scope
from accounts.services import keys
from accounts.settings_frame import settings_context
from accounts.views.entry import person, see_other


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def key_list(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The keys; POST makes one. Its secret stands in this answer only, and in no session."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    if request.method == "GET":
        return _page(request, door)
    form = KeyForm(request.POST, may_give_admin=door.may(Role.ADMIN))
    if not form.is_valid():
        return _page(request, door, form=form, status=422)
    made = keys.create_key(
        door.project,
        form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        expires_at=form.expires_at(),
        actor=person(request),
    )
    return _page(request, door, made=made)


@never_cache
@require_POST
@login_required
def key_rotate(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """A new pair for the same purpose; the old one works for a day more."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    made = keys.rotate_key(_key(door, pk), actor=person(request))
    return _page(request, door, made=made, was_rotated=True)


@require_POST
@login_required
def key_revoke(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Refuse the key from now on."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    key = keys.revoke_key(_key(door, pk), actor=person(request))
    messages.success(request, f"The key {key.name} was revoked.")
    return see_other("accounts:keys", door.project.slug)


@require_POST
@login_required
def key_scopes(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Change what the key may do."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    key = _key(door, pk)
    form = ScopesForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose at least one scope; the key was left as it is.")
        return see_other("accounts:keys", door.project.slug)
    scopes = form.cleaned_data["scopes"]
    if Scope.ADMIN.value in scopes:
        door.require(Role.ADMIN)
    keys.change_scopes(key, scopes, actor=person(request))
    messages.success(request, f"Scopes of {key.name} saved.")
    return see_other("accounts:keys", door.project.slug)


def _key(door: Door, pk: int) -> ApiKey:
    """A key of this project; one with the admin scope is for admins. Raises: Http404."""
    key = get_object_or_404(queries.keys_of(door.project), pk=pk)
    if Scope.ADMIN.value in key.scopes:
        door.require(Role.ADMIN)
    return key


def _page(
    request: HttpRequest,
    door: Door,
    *,
    form: KeyForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    rows = queries.list_keys(door.project)
    is_admin = door.may(Role.ADMIN)
    context = {
        **settings_context(door, "keys", "API keys"),
        "rows": [row for row in rows if row.is_live],
        "past": [row for row in rows if not row.is_live],
        "form": form or KeyForm(may_give_admin=is_admin),
        "scopes": [scope for scope in Scope if is_admin or scope is not Scope.ADMIN],
        "is_admin": is_admin,
        **more,
    }
    return render(request, "accounts/key_list.html", context, status=status)
