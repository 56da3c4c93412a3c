"""What a person does with an incident: each a POST that leads back to its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.access import Door, enter
from accounts.models import Role
from accounts.views.entry import person, see_other
from alerts.forms import AssignForm, NoteForm, SnoozeForm
from alerts.models import Incident
from alerts.services import acting
from alerts.views.incidents import incident_of
from kit.errors import DomainError


@require_POST
@login_required
def incident_acknowledge(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """I am on it."""
    _, found = _opened(request, project_slug, pk)
    form = NoteForm(request.POST)
    if _is_understood(request, form):
        with _refusals_are_told(request):
            acting.acknowledge(found, actor=person(request), text=form.cleaned_data["text"])
            messages.success(request, "Acknowledged; it escalates no further.")
    return see_other("alerts:incident", project_slug, pk)


@require_POST
@login_required
def incident_snooze(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Not now."""
    _, found = _opened(request, project_slug, pk)
    form = SnoozeForm(request.POST)
    if _is_understood(request, form):
        with _refusals_are_told(request):
            until, text = form.until(), form.cleaned_data["text"]
            acting.snooze(found, until=until, actor=person(request), text=text)
            messages.success(request, "Snoozed; if it is not resolved by then, it opens again.")
    return see_other("alerts:incident", project_slug, pk)


@require_POST
@login_required
def incident_resolve(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """It is over."""
    _, found = _opened(request, project_slug, pk)
    form = NoteForm(request.POST)
    if _is_understood(request, form):
        with _refusals_are_told(request):
            acting.resolve(found, actor=person(request), text=form.cleaned_data["text"])
            messages.success(request, "Resolved.")
    return see_other("alerts:incident", project_slug, pk)


@require_POST
@login_required
def incident_assign(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """It is theirs."""
    door, found = _opened(request, project_slug, pk)
    form = AssignForm(request.POST, project=door.project)
    if _is_understood(request, form):
        with _refusals_are_told(request):
            acting.assign(found, owner=form.person(), actor=person(request))
            messages.success(request, f"It is {form.person().display_name}'s now.")
    return see_other("alerts:incident", project_slug, pk)


@require_POST
@login_required
def incident_rollback(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """The label that is implicated serves what it served before."""
    _, found = _opened(request, project_slug, pk)
    with _refusals_are_told(request):
        made = acting.roll_back(found, actor=person(request))
        messages.success(request, f"{made.label} of {made.prompt.name} is on {made.to_version}.")
    return see_other("alerts:incident", project_slug, pk)


def _opened(request: HttpRequest, project_slug: str, pk: int) -> tuple[Door, Incident]:
    door = enter(request, project_slug, least=Role.ENGINEER)
    return door, incident_of(door, pk)


def _is_understood(request: HttpRequest, form: Form) -> bool:
    if form.is_valid():
        return True
    first = next(iter(form.errors.items()))
    messages.error(request, f"Nothing was done. {first[1][0]}")
    return False


@contextmanager
def _refusals_are_told(request: HttpRequest) -> Iterator[None]:
    try:
        yield
    except DomainError as refusal:
        messages.error(request, str(refusal))
