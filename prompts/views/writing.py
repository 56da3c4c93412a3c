"""Making prompts and versions, saying what a prompt is about, archiving."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import enter
from accounts.models import Role
from kit.errors import DomainError
from kit.requests import whole_number
from prompts.content import BadContent
from prompts.forms.prompts import PLACEHOLDER, ROLES, AboutForm, NameForm, VersionForm, initial_of
from prompts.models import Prompt, PromptVersion
from prompts.services.versions import (
    NewVersion,
    archive_prompt,
    archive_versions,
    create_version,
    describe,
)
from prompts.views.opening import back, is_understood, open_prompt, person, refusals_are_told


@require_http_methods(["GET", "POST"])
@login_required
def prompt_new(request: HttpRequest, project_slug: str) -> HttpResponse:
    """A new prompt: its name and type, then its first version. POST makes both at once."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    given = request.POST if request.method == "POST" else request.GET
    kind = given.get("kind", "chat")
    kind = kind if kind in Prompt.Type.values else "chat"
    folder = request.GET.get("folder", "").strip("/")
    start = {"name": given.get("name") or (f"{folder}/" if folder else ""), "kind": kind}
    name_form = NameForm(request.POST if request.method == "POST" else None, initial=start)
    form = VersionForm(request.POST if request.method == "POST" else None, kind=kind)
    if request.method == "POST" and name_form.is_valid() and form.is_valid():
        name = name_form.cleaned_data["name"]
        if Prompt.objects.filter(project=door.project, name=name, archived_at=None).exists():
            name_form.add_error("name", "There is a prompt of this name already.")
        elif made := _made(request, form, lambda: _create(request, door.project, name, form)):
            return _to(made)
    context = {
        "title": "New prompt",
        "crumbs": [{"text": "Prompts", "href": reverse("prompts:prompts", args=[project_slug])}],
        "nav_current": "prompts",
        "name_form": name_form,
        "form": form,
        "kind": kind,
        "roles": [*ROLES, PLACEHOLDER],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "prompts/version_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def version_new(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """A new version of a prompt, beginning as the newest one or as `from`."""
    door, found = open_prompt(request, project_slug, name, least=Role.ENGINEER)
    begins = _begins(found, request.POST.get("parent") or request.GET.get("from", ""))
    form = VersionForm(
        request.POST if request.method == "POST" else None,
        kind=found.kind,
        initial=initial_of(begins),
        prompt_messages=begins.body if begins and isinstance(begins.body, list) else None,
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and (made := _made(request, form, lambda: _create(request, door.project, name, form)))
    ):
        return _to(made)
    context = {
        "title": "New version",
        "crumbs": [
            {"text": "Prompts", "href": reverse("prompts:prompts", args=[project_slug])},
            {"text": name, "href": reverse("prompts:prompt", args=[project_slug, name])},
        ],
        "nav_current": "prompts",
        "form": form,
        "kind": found.kind,
        "roles": [*ROLES, PLACEHOLDER],
        "prompt": found,
        "begins": begins,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "prompts/version_form.html", context, status=status)


@require_POST
@login_required
def about(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Change what is said about a prompt."""
    _, found = open_prompt(request, project_slug, name, least=Role.ENGINEER)
    form = AboutForm(request.POST, prompt=found)
    if is_understood(request, form):
        with refusals_are_told(request):
            describe(
                found,
                actor=person(request),
                description=form.cleaned_data["description"],
                tags=form.tag_list(),
                owner=form.new_owner(),
            )
            messages.success(request, "Saved.")
    return back(request, f"{reverse('prompts:prompt', args=[project_slug, name])}?tab=settings")


@require_POST
@login_required
def archive(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Archive one version (`version`), or the whole prompt. Needs the role admin for the whole."""
    asked = request.POST.get("version", "")
    _, found = open_prompt(
        request, project_slug, name, least=Role.ENGINEER if asked else Role.ADMIN
    )
    number = whole_number(asked)
    with refusals_are_told(request):
        if asked and number is None:
            messages.error(request, "A version is a number, such as 2.")
        elif number is not None:
            archive_versions(found, [number], actor=person(request))
            messages.success(request, f"v{number} is archived: it no longer resolves.")
        else:
            archive_prompt(found, actor=person(request))
            messages.success(request, f"{found.name} is archived.")
    return back(request, reverse("prompts:prompt", args=[project_slug, name]))


def _begins(found: Prompt, number: str) -> PromptVersion | None:
    asked = whole_number(number)
    if asked is not None:
        begins = found.versions.filter(number=asked).first()
        if begins is None:
            raise Http404("This prompt has no such version.")
        return begins
    return found.versions.filter(archived_at=None).order_by("-number").first()


def _create(request: HttpRequest, project: Any, name: str, form: VersionForm) -> PromptVersion:
    new = NewVersion(
        content=form.content(),
        message=form.cleaned_data["message"],
        parent=form.cleaned_data.get("parent"),
    )
    return create_version(project, name, new, actor=person(request))


def _made(request: HttpRequest, form: VersionForm, create: Any) -> PromptVersion | None:
    """What `create` makes; None where it is refused, with the reason in the form."""
    try:
        made: PromptVersion = create()
    except BadContent as bad:
        for fault in bad.faults:
            field = fault.where.split("[")[0]
            words = fault.text if field in form.fields else f"{fault.where}: {fault.text}"
            form.add_error(field if field in form.fields else None, words)
        return None
    except DomainError as refused:
        form.add_error(None, str(refused))
        return None
    messages.success(request, f"{made.prompt.name} has {made} now.")
    return made


def _to(made: PromptVersion) -> HttpResponse:
    slug = made.prompt.project.slug
    response = redirect(reverse("prompts:version", args=[slug, made.prompt.name, made.number]))
    response.status_code = 303
    return response
