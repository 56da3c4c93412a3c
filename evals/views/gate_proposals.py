"""Pages of changes of gates: the form that proposes one, the proposal, the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import Door, enter
from accounts.models import Project, Role
from evals.deciding.settings import BadSettings, Settings, settings_from
from evals.forms.gates import GateForm, NoteForm, begun
from evals.models import EvaluatorVersion, Gate, Proposal
from evals.pages import gate as page
from evals.queries.choices import datasets_of, evaluators_in_use, prompts_of
from evals.queries.gate_cases import Sight, sight_of
from evals.queries.gates import get_proposal, settings_of
from evals.services.errors import NothingToDo
from evals.services.gate_errors import BadGate
from evals.services.gate_proposals import (
    approve_gate,
    approvers_of,
    propose_gate,
    reject_gate,
    withdraw_gate,
)
from evals.views.gates import open_gate
from features.queries import features_of
from gateway.queries import list_offers
from kit.htmx import HtmxRequest, wants_piece
from prompts.queries.environments import environments_of
from prompts.queries.resolving import get_prompt
from prompts.views.opening import back, is_understood, person, refusals_are_told


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def gate_new(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Propose a gate; htmx gets the form again with what it could see."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    return _proposing(request, door, None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def gate_edit(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Propose a change of a gate."""
    door, found = open_gate(request, project_slug, pk, least=Role.ENGINEER)
    return _proposing(request, door, found)


def _proposing(request: HtmxRequest, door: Door, gate: Gate | None) -> HttpResponse:
    project = door.project
    evaluators = evaluators_in_use(project)
    own = settings_of(gate) if gate else None
    if request.method == "POST":
        form = _form(project, request.POST, evaluators, gate)
        if form.is_valid() and (made := _proposed(request, project, form, gate)) is not None:
            response = redirect("evals:gate_proposal", project.slug, made.pk)
            response.status_code = 303
            return response
        return _shown(request, door, form, gate, status=422)
    said: Any = request.GET
    if "margin" not in said:
        said = begun(own, evaluators) | {
            "prompt": gate.prompt.name if gate else said.get("prompt", ""),
            "environment": gate.environment if gate else said.get("environment", "production"),
        }
        said["dataset"] = said["dataset"] or next(iter(d.name for d in datasets_of(project)), "")
        said["prompt"] = said["prompt"] or next(iter(p.name for p in prompts_of(project)), "")
    return _shown(request, door, _form(project, said, evaluators, gate), gate)


def _form(
    project: Project, said: Any, evaluators: list[EvaluatorVersion], gate: Gate | None
) -> GateForm:
    offers = list_offers(project)
    targets = [
        (f"{one.provider.name}:{one.model}", f"{one.model} at {one.provider.name}")
        for one in offers
    ]
    if gate is not None and gate.model:
        key = f"{gate.provider}:{gate.model}"
        if key not in dict(targets):
            targets.append((key, gate.model))
    return GateForm(
        said,
        auto_id="g-%s",
        prompts=[gate.prompt.name] if gate else [one.name for one in prompts_of(project)],
        environments=[gate.environment] if gate else [one.name for one in environments_of(project)],
        datasets=datasets_of(project),
        evaluators=evaluators,
        features=[one.name for one in features_of(project)],
        targets=targets,
    )


def _proposed(
    request: HttpRequest, project: Project, form: GateForm, gate: Gate | None
) -> Proposal | None:
    prompt = gate.prompt if gate else get_prompt(project.pk, form.cleaned_data["prompt"])
    if prompt is None:
        return None
    prompt.project = project
    try:
        return propose_gate(
            prompt, form.cleaned_data["environment"], form.settings(), actor=person(request),
            reason=form.cleaned_data["reason"],
        )  # fmt: skip
    except BadGate as refused:
        form.add_error(refused.where if refused.where in form.fields else None, str(refused))
    except NothingToDo as refused:
        form.add_error(None, str(refused))
    return None


def _shown(
    request: HtmxRequest, door: Door, form: GateForm, gate: Gate | None, *, status: int = 200
) -> HttpResponse:
    slug = door.project.slug
    crumbs = [{"text": "Gates", "href": reverse("evals:gates", args=[slug])}]
    if gate is not None:
        at = reverse("evals:gate", args=[slug, gate.pk])
        crumbs.append({"text": str(gate.prompt.name), "href": at})
    context = {
        "title": "Propose a change" if gate else "Propose a gate",
        "nav_current": "gates",
        "crumbs": crumbs,
        "form": form,
        "gate": gate,
        "sight": _sight(door.project, form, gate),
        "has_all": bool(form.datasets and form.known),
    }
    piece = "#setup" if wants_piece(request) else ""
    response = render(request, f"evals/gate_form.html{piece}", context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    return response


def _sight(project: Project, form: GateForm, gate: Gate | None) -> Sight | None:
    """What the gate could see as the form stands; None while it is not whole."""
    if not form.is_valid():
        return None
    settings = form.settings()
    if not any(one.role == "primary" for one in settings.evaluators):
        return None
    return sight_of(project, settings, gate=gate)


@require_GET
@login_required
def gate_proposal(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """What would change, what it weakens, and the decision."""
    door = enter(request, project_slug)
    found = _proposal(door, pk)
    before, after = _settings(found.before), _settings(found.after)
    me = person(request)
    able = approvers_of(door.project, found.author)
    context = {
        "title": f"Proposal {found.pk}",
        "nav_current": "gates",
        "crumbs": [{"text": "Gates", "href": reverse("evals:gates", args=[project_slug])}],
        "proposal": found,
        "changes": page.changes_of(before, after) if after else [],
        "sight": sight_of(door.project, after, gate=found.gate) if after else None,
        "is_open": found.state == Proposal.State.OPEN,
        "may_decide": me in able,
        "is_author": me == found.author,
        "able": able,
        "form": NoteForm(auto_id="d-%s"),
    }
    return render(request, "evals/gate_proposal.html", context)


@require_POST
@login_required
def gate_decide(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Approve, reject or withdraw."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    found = _proposal(door, pk)
    at = reverse("evals:gate_proposal", args=[project_slug, pk])
    form = NoteForm(request.POST)
    if not is_understood(request, form):
        return back(request, at)
    note, me = form.cleaned_data["note"], person(request)
    act = request.POST.get("act")
    with refusals_are_told(request):
        if act == "approve":
            gate = approve_gate(found, actor=me, note=note)
            messages.success(request, "The gate asks this from now on.")
            at = reverse("evals:gate", args=[project_slug, gate.pk])
        elif act == "reject":
            reject_gate(found, actor=me, note=note)
            messages.success(request, "Rejected; the gate is as before.")
        elif act == "withdraw":
            withdraw_gate(found, actor=me)
            messages.success(request, "Withdrawn; the gate is as before.")
    return back(request, at)


def _proposal(door: Door, pk: int) -> Proposal:
    found = get_proposal(door.project, pk)
    if found is None:
        raise Http404("This project has no such proposal.")
    found.project = door.project
    return found


def _settings(told: dict[str, Any] | None) -> Settings | None:
    try:
        return settings_from(told) if told else None
    except (BadSettings, KeyError, TypeError):
        return None
