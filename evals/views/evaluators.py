"""Pages of evaluators: the list, one with its versions and proposals, and trying it out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import Door, enter
from accounts.models import Role, User
from accounts.queries import list_members
from evals.evaluating.templates import TEMPLATES
from evals.forms.evaluators import TryForm
from evals.models import Evaluator, EvaluatorKind, EvaluatorVersion, Proposal
from evals.pages.evaluators import (
    changes_between,
    lines_of,
)
from evals.queries.calibration import calibration_of, verdict_on
from evals.queries.evaluator_list import does_of, list_evaluators
from evals.queries.evaluator_proposals import deciders_of, fault_of_decision, proposals_of
from evals.queries.evaluators import evaluator_named, gates_using, versions_of
from kit.htmx import HtmxRequest, render_page

MOST_VERSIONS = 50


@require_GET
@login_required
def evaluator_list(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """The evaluators, filtered; htmx gets the rows."""
    door = enter(request, project_slug)
    search, kind = request.GET.get("q", "")[:200], request.GET.get("kind", "")
    is_archived = request.GET.get("archived") == "1"
    kind = kind if kind in EvaluatorKind.values else ""
    context = {
        "title": "Evaluators",
        "nav_current": "evaluators",
        "tabs": list_tabs(door, "evaluators"),
        "rows": list_evaluators(door.project, search=search, kind=kind, is_archived=is_archived),
        "text": search,
        "kind": kind,
        "kinds": EvaluatorKind.choices,
        "archived": is_archived,
        "may_write": door.may(Role.ENGINEER),
    }
    return render_page(request, "evals/evaluator_list.html", context, partial="rows")


@require_GET
@login_required
def evaluator(request: HtmxRequest, project_slug: str, name: str) -> HttpResponse:
    """One evaluator: how it scores, what waits for a decision, where it is used; a try-out."""
    door, found = open_evaluator(request, project_slug, name)
    version = found.current
    waiting = proposals_of(found).filter(state=Proposal.State.OPEN).first()
    template = TEMPLATES.get(found.template)
    context = {
        **frame_of(door, found),
        "lines": lines_of(found, version) if version else [],
        "calibration": verdict_on(calibration_of(version)) if version and found.is_model else None,
        "versions": versions_of(found)[:MOST_VERSIONS],
        "proposal": _proposal(request, found, waiting) if waiting else None,
        "past": proposals_of(found).exclude(state=Proposal.State.OPEN)[:10],
        "gates": gates_using(found),
        "rules": found.online_rules.filter(is_enabled=True).order_by("name")[:20],
        "template": template,
        "people": [one.user for one in list_members(door.project)]
        if door.may(Role.ENGINEER)
        else [],
        "form": TryForm(found.kind, initial={"trace_id": request.GET.get("trace", "")[:400]}),
    }
    return render_page(request, "evals/evaluator.html", context, partial="body")


@require_GET
@login_required
def evaluator_version(
    request: HtmxRequest, project_slug: str, name: str, number: int
) -> HttpResponse:
    """One version: how it scores, and what differs from the one in use."""
    door, found = open_evaluator(request, project_slug, name)
    version = version_of(found, number)
    current = found.current
    context = {
        **frame_of(door, found),
        "title": f"v{version.number}",
        "crumbs": [*_crumbs(door), {"text": found.name, "href": address_of(door, found)}],
        "version": version,
        "lines": lines_of(found, version),
        "changes": changes_between(found, current, version) if current else [],
        "is_current": current is not None and current.pk == version.pk,
        "open_proposal": proposals_of(found).filter(state=Proposal.State.OPEN).first(),
        "form": TryForm(found.kind),
    }
    return render_page(request, "evals/evaluator_version.html", context, partial="body")


def open_evaluator(
    request: HttpRequest, project_slug: str, name: str, *, least: Role = Role.VIEWER
) -> tuple[Door, Evaluator]:
    """The project for who may, and its evaluator. Raises: Http404, PermissionDenied."""
    door = enter(request, project_slug, least=least)
    found = evaluator_named(door.project, name) if "\0" not in name else None
    if found is None:
        raise Http404("No such evaluator.")
    return door, found


def list_tabs(door: Door, current: str) -> list[dict[str, Any]]:
    """The tabs of the section."""
    named = (
        ("evaluators", "Evaluators", "evals:evaluators"),
        ("online", "Live traffic", "evals:online"),
        ("grounding", "Retrieval × generation", "evals:grounding"),
    )
    return [
        {"text": text, "href": reverse(to, args=[door.project.slug]), "current": key == current}
        for key, text, to in named
    ]


def person(request: HttpRequest) -> User:
    """Who looks; `login_required` saw to it that it is a person."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def frame_of(door: Door, found: Evaluator) -> dict[str, Any]:
    """What every page of one evaluator needs."""
    return {
        "title": found.name,
        "nav_current": "evaluators",
        "crumbs": _crumbs(door),
        "evaluator": found,
        "does": does_of(found),
        "version": found.current,
        "may_write": door.may(Role.ENGINEER),
        "may_admin": door.may(Role.ADMIN),
    }


def _crumbs(door: Door) -> list[dict[str, str]]:
    return [{"text": "Evaluators", "href": reverse("evals:evaluators", args=[door.project.slug])}]


def address_of(door: Door, found: Evaluator) -> str:
    """Its page."""
    return reverse("evals:evaluator", args=[door.project.slug, found.name])


def version_of(found: Evaluator, number: int) -> EvaluatorVersion:
    """A version by its number. Raises: Http404."""
    version = versions_of(found).filter(number=min(number, 2**31 - 1)).first()
    if version is None:
        raise Http404("No such version.")
    version.evaluator = found
    return version


def _proposal(request: HttpRequest, found: Evaluator, proposal: Proposal) -> dict[str, Any]:
    proposal.project = found.project
    able = deciders_of(proposal)
    version, current = proposal.version, found.current
    return {
        "it": proposal,
        "fault": fault_of_decision(proposal, person(request), able),
        "is_mine": proposal.author_id == person(request).pk,
        "changes": changes_between(found, current, version) if current and version else [],
    }
