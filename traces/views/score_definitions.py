"""Settings of scores: what is defined, what is scored without a definition."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Role, User
from accounts.settings_frame import settings_context
from traces.forms.scores import DefinitionForm
from traces.models import DataType, ScoreDefinition
from traces.queries.score_definitions import definitions_of, list_definitions
from traces.services.score_definitions import (
    BadDefinition,
    archive_definition,
    change_definition,
    define_score,
    delete_definition,
    terms_of,
)


@require_http_methods(["GET", "POST"])
@login_required
def definition_list(request: HttpRequest, project_slug: str) -> HttpResponse:
    """All definitions with their use; POST makes one."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    if request.method == "GET":
        kind = request.GET.get("data_type", "")
        initial = {
            "name": request.GET.get("name", "")[:200],
            "data_type": kind if kind in DataType.values else DataType.NUMBER.value,
        }
        return _list(request, door, DefinitionForm(initial=initial))
    door.require(Role.ADMIN)
    form = DefinitionForm(request.POST)
    if form.is_valid():
        try:
            made = define_score(door.project, form.terms(), actor=_person(request))
        except BadDefinition as bad:
            form.tell(bad.errors)
        else:
            messages.success(request, f"{made.name} is defined.")
            return _back(door)
    return _list(request, door, form, status=422)


@require_http_methods(["GET", "POST"])
@login_required
def definition_edit(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """One definition; POST changes it."""
    door = enter(request, project_slug, least=Role.ADMIN)
    definition = _definition(door, pk)
    if request.method == "GET":
        form = DefinitionForm(initial=asdict(terms_of(definition)), name=definition.name)
        return _edit(request, door, definition, form)
    form = DefinitionForm(request.POST, name=definition.name)
    if form.is_valid():
        try:
            terms = form.terms(is_archived=definition.is_archived)
            change_definition(definition, terms, actor=_person(request))
        except BadDefinition as bad:
            form.tell(bad.errors)
        else:
            messages.success(request, f"{definition.name} is saved.")
            return _back(door)
    return _edit(request, door, definition, form, status=422)


@require_POST
@login_required
def definition_archive(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Archive the definition, or bring it back."""
    door = enter(request, project_slug, least=Role.ADMIN)
    definition = _definition(door, pk)
    try:
        changed = archive_definition(definition, not definition.is_archived, actor=_person(request))
    except BadDefinition as bad:
        messages.error(request, " ".join(bad.errors.values()))
    else:
        done = "archived: its scores are not checked any more" if changed.is_archived else "back"
        messages.success(request, f"{changed.name} is {done}.")
    return _back(door)


@require_POST
@login_required
def definition_delete(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Delete the definition; its scores stay."""
    door = enter(request, project_slug, least=Role.ADMIN)
    definition = _definition(door, pk)
    delete_definition(definition, actor=_person(request))
    messages.success(request, f"The definition of {definition.name} is deleted; its scores stay.")
    return _back(door)


def _definition(door: Door, pk: int) -> ScoreDefinition:
    """Raises: Http404."""
    found = definitions_of(door.project.pk).filter(pk=pk).first()
    if found is None:
        raise Http404("No such definition.")
    found.project = door.project
    return found


def _person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _back(door: Door) -> HttpResponse:
    response = redirect(reverse("traces:score_definitions", args=[door.project.slug]))
    response.status_code = 303
    return response


def _list(
    request: HttpRequest, door: Door, form: DefinitionForm, *, status: int = 200
) -> HttpResponse:
    rows, loose = list_definitions(door.project.pk)
    context: dict[str, Any] = {
        **settings_context(door, "scores", "Scores"),
        "rows": [row for row in rows if not row.definition.is_archived],
        "archived": [row for row in rows if row.definition.is_archived],
        "loose": loose,
        "form": form,
        "is_admin": door.may(Role.ADMIN),
    }
    return render(request, "traces/score_definitions.html", context, status=status)


def _edit(
    request: HttpRequest,
    door: Door,
    definition: ScoreDefinition,
    form: DefinitionForm,
    *,
    status: int = 200,
) -> HttpResponse:
    frame = settings_context(door, "scores", definition.name)
    scores = {
        "text": "Scores",
        "href": reverse("traces:score_definitions", args=[door.project.slug]),
    }
    context = {
        **frame,
        "crumbs": [*frame["crumbs"], scores],
        "definition": definition,
        "form": form,
    }
    return render(request, "traces/score_definition.html", context, status=status)
