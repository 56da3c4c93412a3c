"""What every view of prompts does first and last: opens the door, finds the thing, goes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.access import Door, enter
from accounts.models import Role, User
from kit.errors import DomainError
from prompts.content import BadContent
from prompts.models import ChangeRequest, Prompt
from prompts.queries.resolving import get_prompt
from prompts.queries.reviews import get_request


def open_request(
    request: HttpRequest, project_slug: str, number: int, *, least: Role = Role.VIEWER
) -> tuple[Door, ChangeRequest]:
    """The door and the change request. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    found = get_request(door.project, number) if number < 2**31 else None
    if found is None:
        raise Http404("This project has no such review.")
    return door, found


def open_prompt(
    request: HttpRequest, project_slug: str, name: str, *, least: Role = Role.VIEWER
) -> tuple[Door, Prompt]:
    """The door and the prompt, also one that is archived. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    found = get_prompt(door.project.pk, name)
    if found is None:
        raise Http404("This project has no such prompt.")
    found.project = door.project
    return door, found


def person(request: HttpRequest) -> User:
    """Who looks; `login_required` saw to it that it is a person."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


@contextmanager
def refusals_are_told(request: HttpRequest) -> Iterator[None]:
    """What a rule refuses is said on the page that one comes back to, rather than on its own."""
    try:
        yield
    except (DomainError, BadContent) as refused:
        messages.error(request, str(refused))


def is_understood(request: HttpRequest, form: forms.Form) -> bool:
    """True for a form that holds what it may; else its faults are said on the page one goes to."""
    for field, faults in form.errors.items():
        name = f"{form[field].label}: " if field in form.fields else ""
        messages.error(request, f"{name}{' '.join(str(fault) for fault in faults)}")
    return form.is_valid()


def back(request: HttpRequest, otherwise: str, anchor: str = "") -> HttpResponse:
    """303 to the page of ours that the form names as `next`, else to `otherwise`."""
    wanted = request.POST.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    at = wanted if is_ours else otherwise
    response = redirect(f"{at.split('#')[0]}#{anchor}" if anchor else at)
    response.status_code = 303
    return response
