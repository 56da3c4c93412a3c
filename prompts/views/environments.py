"""Settings of environments: their rules, who owns which folder, who stands in, who serves now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Project, Role
from accounts.settings_frame import settings_context
from kit.errors import DomainError
from prompts.forms.environments import (
    DelegationForm,
    EnvironmentForm,
    OwnersForm,
    initial_rules,
)
from prompts.models import Delegation
from prompts.queries.environments import (
    environment_of,
    environments_of,
    people_who_review,
    protected_of,
)
from prompts.queries.owners import delegations_of, owners_by_folder
from prompts.queries.who_serves import answering, serving_in
from prompts.services.environments import (
    delegate,
    delete_environment,
    end_delegation,
    set_environment,
    set_folder_owners,
)
from prompts.views.opening import person, refusals_are_told

PAGE = "prompts/environments.html"


@require_http_methods(["GET", "POST"])
@login_required
def environment_list(request: HttpRequest, project_slug: str) -> HttpResponse:
    """All environments with their rules; POST adds one or changes its rules."""
    door = enter(request, project_slug)
    form = EnvironmentForm(request.POST or None)
    if request.method == "POST":
        door.require(Role.ADMIN)
        if form.is_valid():
            with refusals_are_told(request):
                name = form.cleaned_data["name"]
                set_environment(door.project, name, form.rules(), actor=person(request))
                messages.success(request, f"The rules of {name} hold from now on.")
            return _back(door)
    return _page(request, door, form=form, status=422 if request.method == "POST" else 200)


@require_GET
@login_required
def environment_edit(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """The rules of one environment, to be changed."""
    door = enter(request, project_slug, least=Role.ADMIN)
    found = environment_of(door.project, name)
    if found is None:
        raise Http404("This project has no such environment.")
    context = {
        **settings_context(door, "environments", found.name),
        "environment": found,
        "form": EnvironmentForm(initial=initial_rules(found)),
    }
    return render(request, "prompts/environment.html", context)


@require_POST
@login_required
def environment_delete(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Forget an environment: its label is free; production goes back to its defaults."""
    door = enter(request, project_slug, least=Role.ADMIN)
    found = environment_of(door.project, name)
    if found is None or found.pk is None:
        raise Http404("This project has no such environment.")
    delete_environment(found, actor=person(request))
    messages.success(request, f"The rules of {name} are gone.")
    return _back(door)


@require_POST
@login_required
def owners(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Let exactly these people own a folder."""
    door = enter(request, project_slug, least=Role.ADMIN)
    form = OwnersForm(request.POST, project=door.project)
    if not form.is_valid():
        return _page(request, door, owners_form=form, status=422)
    with refusals_are_told(request):
        folder = form.cleaned_data["folder"]
        set_folder_owners(door.project, folder, form.people(), actor=person(request))
        messages.success(request, "Saved.")
    return _back(door)


@require_POST
@login_required
def delegation_add(request: HttpRequest, project_slug: str) -> HttpResponse:
    """Let somebody's approval count for another's. Oneself, or an admin, may say so."""
    door = enter(request, project_slug, least=Role.REVIEWER)
    form = DelegationForm(request.POST, project=door.project)
    if not form.is_valid():
        return _page(request, door, delegation_form=form, status=422)
    user = form.members[form.cleaned_data["user"]]
    if user != person(request):
        door.require(Role.ADMIN)
    first, last = form.instants()
    try:
        delegate(
            door.project,
            user,
            form.members[form.cleaned_data["delegate"]],
            starts_at=first,
            ends_at=last,
            reason=form.cleaned_data["reason"],
            actor=person(request),
        )
    except DomainError as refused:
        form.add_error(None, str(refused))
        return _page(request, door, delegation_form=form, status=422)
    messages.success(request, "It counts from then on.")
    return _back(door)


@require_POST
@login_required
def delegation_end(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """The person is back."""
    door = enter(request, project_slug, least=Role.REVIEWER)
    found = Delegation.objects.filter(project=door.project, pk=pk).select_related("user").first()
    if found is None:
        raise Http404("There is no such delegation.")
    found.project = door.project
    if found.user != person(request):
        door.require(Role.ADMIN)
    with refusals_are_told(request):
        end_delegation(found, actor=person(request))
        messages.success(request, "Ended.")
    return _back(door)


@require_GET
@login_required
def who_serves(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Who serves now in an environment: versions with their shares, and which models answered."""
    door = enter(request, project_slug)
    if "\0" in name:
        raise Http404("This project has no such environment.")
    context = {
        **settings_context(door, "environments", f"Who serves {name}"),
        "name": name,
        "serving": serving_in(door.project, name),
        "answering": answering(door.project.pk, name),
    }
    return render(request, "prompts/who_serves.html", context)


def _page(request: HttpRequest, door: Door, *, status: int = 200, **forms: Any) -> HttpResponse:
    project: Project = door.project
    environments = environments_of(project)
    protected = protected_of(environments)
    context = {
        **settings_context(door, "environments", "Environments"),
        "environments": [(one, one.name in protected) for one in environments],
        "reviewers": people_who_review(project),
        "owners": owners_by_folder(project),
        "delegations": delegations_of(project),
        "form": forms.get("form") or EnvironmentForm(),
        "owners_form": forms.get("owners_form") or OwnersForm(project=project),
        "delegation_form": forms.get("delegation_form")
        or DelegationForm(project=project, initial={"user": str(person(request).pk)}),
        "is_admin": door.may(Role.ADMIN),
        "may_delegate": door.may(Role.REVIEWER),
        "me": person(request),
    }
    return render(request, PAGE, context, status=status)


def _back(door: Door) -> HttpResponse:
    response = redirect(reverse("prompts:environments", args=[door.project.slug]))
    response.status_code = 303
    return response
