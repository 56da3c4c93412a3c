"""Settings, Providers: the project's connections to models, made, changed, tested, removed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from accounts.settings_frame import settings_context
from accounts.views.entry import person, see_other
from gateway import services
from gateway.forms.providers import ProviderForm
from gateway.models import Kind, Provider
from gateway.queries import providers_of
from gateway.terms import BadTerms
from kit.errors import DomainError

_ABOUT_KINDS = {
    Kind.OPENAI: "OpenAI, and every server that speaks its protocol: your own, too",
    Kind.ANTHROPIC: "Claude",
    Kind.AZURE: "Deployments of a resource of yours",
    Kind.SIMULATED: "Answers without a model, for trying things out; costs nothing",
}


@require_GET
@login_required
def provider_list(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The connections, without their keys."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    context = {
        **settings_context(door, "providers", "Providers"),
        "rows": list(providers_of(door.project)),
        "kinds": [{"kind": kind, "about": _ABOUT_KINDS[kind]} for kind in Kind],
        "may_write": door.may(Role.ADMIN),
    }
    return render(request, "gateway/provider_list.html", context)


@sensitive_post_parameters("key")
@require_http_methods(["GET", "POST"])
@login_required
def provider_new(request: HttpRequest, project_slug: str) -> HttpResponse:
    """The form for one kind; POST connects it."""
    door = enter(request, project_slug, least=Role.ADMIN)
    try:
        kind = Kind(request.GET.get("kind", ""))
    except ValueError:
        raise Http404("No such kind of provider.") from None
    form = ProviderForm(request.POST or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_provider(
                door.project, form.terms(), key=form.key_given() or "", actor=person(request)
            )
        except (BadTerms, services.NameTaken) as refused:
            _refuse(form, refused)
        else:
            messages.success(request, f"{made.name} is connected. Test it to see that it answers.")
            return see_other("gateway:providers", door.project.slug)
    return _form(request, door, form, title=f"Connect {kind.label}")


@sensitive_post_parameters("key")
@require_http_methods(["GET", "POST"])
@login_required
def provider_edit(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """The form of a stored connection; POST changes it."""
    door = enter(request, project_slug, least=Role.ADMIN)
    provider = _provider(door, pk)
    form = ProviderForm(request.POST or None, kind=Kind(provider.kind), provider=provider)
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.change_provider(
                provider, form.terms(), key=form.key_given(), actor=person(request)
            )
        except (BadTerms, services.NameTaken) as refused:
            _refuse(form, refused)
        else:
            messages.success(request, f"{changed.name} is saved.")
            return see_other("gateway:providers", door.project.slug)
    return _form(request, door, form, title=provider.name, provider=provider)


@require_POST
@login_required
def provider_test(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Ask the provider, and say what came of it."""
    door = enter(request, project_slug, least=Role.ADMIN)
    provider = _provider(door, pk)
    tested = services.try_provider(provider, actor=person(request))
    say = messages.success if tested.passed else messages.error
    say(request, f"{provider.name}: {tested.said}")
    return see_other("gateway:providers", door.project.slug)


@require_POST
@login_required
def provider_default(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Let calls that name no provider go here."""
    door = enter(request, project_slug, least=Role.ADMIN)
    try:
        provider = services.make_default(_provider(door, pk), actor=person(request))
    except DomainError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{provider.name} is the default.")
    return see_other("gateway:providers", door.project.slug)


@require_POST
@login_required
def provider_delete(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Remove the connection with its key."""
    door = enter(request, project_slug, least=Role.ADMIN)
    provider = _provider(door, pk)
    services.remove_provider(provider, actor=person(request))
    messages.success(request, f"{provider.name} is removed, and its key with it.")
    return see_other("gateway:providers", door.project.slug)


def _provider(door: Door, pk: int) -> Provider:
    """A connection of this project. Raises: Http404."""
    provider = get_object_or_404(providers_of(door.project), pk=pk)
    provider.project = door.project
    return provider


def _refuse(form: ProviderForm, refused: BadTerms | services.NameTaken) -> None:
    if isinstance(refused, BadTerms):
        form.refuse(refused)
    else:
        form.add_error("name", str(refused))


def _form(request: HttpRequest, door: Door, form: ProviderForm, **more: Any) -> HttpResponse:
    context = {
        **settings_context(door, "providers", str(more["title"])),
        "form": form,
        "kind": form.kind,
        **more,
    }
    status = 422 if form.errors else 200
    return render(request, "gateway/provider_form.html", context, status=status)
