"""Pages of evaluators: the list, one with its versions and proposals, and trying it out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Door, enter
from accounts.models import Project, Role, User
from evals.evaluating.subject import Document, Subject
from evals.evaluating.templates import TEMPLATES
from evals.forms.evaluators import TryForm
from evals.models import Evaluator, EvaluatorKind, EvaluatorVersion, Proposal
from evals.pages.evaluators import (
    changes_between,
    checked_examples,
    lines_of,
    shown_verdict,
)
from evals.queries.calibration import calibration_of, verdict_on
from evals.queries.evaluator_list import does_of, list_evaluators
from evals.queries.evaluator_proposals import deciders_of, fault_of_decision, proposals_of
from evals.queries.evaluators import evaluator_named, gates_using, versions_of
from evals.queries.subjects import subject_of_trace
from evals.services.evaluator_errors import BadEvaluator
from evals.services.evaluator_versions import (
    approve_version,
    propose_version,
    reject_version,
    withdraw_version,
)
from evals.services.evaluators import archive_evaluator, renew_secret, restore_evaluator
from evals.services.trying import try_evaluator, try_examples
from kit.errors import DomainError
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
        **_frame(door, found),
        "lines": lines_of(found, version) if version else [],
        "calibration": verdict_on(calibration_of(version)) if version and found.is_model else None,
        "versions": versions_of(found)[:MOST_VERSIONS],
        "proposal": _proposal(request, found, waiting) if waiting else None,
        "past": proposals_of(found).exclude(state=Proposal.State.OPEN)[:10],
        "gates": gates_using(found),
        "rules": found.online_rules.filter(is_enabled=True).order_by("name")[:20],
        "template": template,
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
    version = _version(found, number)
    current = found.current
    context = {
        **_frame(door, found),
        "title": f"v{version.number}",
        "crumbs": [*_crumbs(door), {"text": found.name, "href": _address(door, found)}],
        "version": version,
        "lines": lines_of(found, version),
        "changes": changes_between(found, current, version) if current else [],
        "is_current": current is not None and current.pk == version.pk,
        "open_proposal": proposals_of(found).filter(state=Proposal.State.OPEN).first(),
        "form": TryForm(found.kind),
    }
    return render_page(request, "evals/evaluator_version.html", context, partial="body")


@require_POST
@login_required
def evaluator_propose(
    request: HttpRequest, project_slug: str, name: str, number: int
) -> HttpResponse:
    """Ask for a version to be used."""
    door, found = open_evaluator(request, project_slug, name, least=Role.ENGINEER)
    version = _version(found, number)
    try:
        propose_version(version, actor=person(request), reason=request.POST.get("reason", ""))
        messages.success(request, f"v{number} waits for another person's approval.")
    except DomainError as refused:
        messages.error(request, str(refused))
    return redirect(_address(door, found), permanent=False)


@require_POST
@login_required
def evaluator_decide(request: HttpRequest, project_slug: str, name: str, pk: int) -> HttpResponse:
    """Approve, reject or withdraw a proposal; the service says who may."""
    door, found = open_evaluator(request, project_slug, name)
    proposal = proposals_of(found).filter(pk=min(pk, 2**63 - 1)).first()
    if proposal is None:
        raise Http404("No such proposal.")
    note, me = request.POST.get("note", ""), person(request)
    try:
        if "approve" in request.POST:
            version = approve_version(proposal, actor=me, note=note)
            messages.success(request, f"v{version.number} is in use.")
        elif "reject" in request.POST:
            reject_version(proposal, actor=me, note=note)
            messages.success(request, "The proposal is rejected.")
        else:
            withdraw_version(proposal, actor=me)
            messages.success(request, "The proposal is withdrawn.")
    except BadEvaluator as bad:
        messages.error(request, " ".join(text for _, text in bad.faults))
    except DomainError as refused:
        messages.error(request, str(refused))
    return redirect(_address(door, found), permanent=False)


@require_POST
@login_required
def evaluator_act(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Archive, restore, or renew the secret of a remote one."""
    door, found = open_evaluator(request, project_slug, name, least=Role.ENGINEER)
    try:
        if "secret" in request.POST:
            door.require(Role.ADMIN)
            secret = renew_secret(found, actor=person(request))
            messages.success(request, f"The new secret, shown once: {secret}")
        elif "restore" in request.POST:
            restore_evaluator(found, actor=person(request))
            messages.success(request, f"{found.name} is back.")
        else:
            archive_evaluator(found, actor=person(request))
            messages.success(request, f"{found.name} is archived; its scores stay.")
    except DomainError as refused:
        messages.error(request, str(refused))
    return redirect(_address(door, found), permanent=False)


@require_POST
@login_required
def evaluator_test(request: HtmxRequest, project_slug: str, name: str) -> HttpResponse:
    """What a version says of one answer, with what it cost; nothing is stored."""
    door, found = open_evaluator(request, project_slug, name, least=Role.ENGINEER)
    number = request.POST.get("version", "")
    version = _version(found, int(number)) if number.isdecimal() else found.current
    if version is None:
        raise Http404("It has no version.")
    form = TryForm(found.kind, request.POST)
    shown = None
    if form.is_valid():
        subject = _subject(door.project, form.cleaned_data)
        if subject is None:
            form.add_error("trace_id", "This project has no such trace.")
        else:
            other = form.cleaned_data.get("other")
            pair = replace(subject, output=other) if other else None
            shown = shown_verdict(try_evaluator(version, subject, pair), version)
    context = {**_frame(door, found), "form": form, "shown": shown, "version": version}
    # htmx swaps what answers well; the errors stand in the piece itself.
    return render_page(request, "evals/evaluator_test.html", context, partial="result")


@require_POST
@login_required
def evaluator_examples(request: HtmxRequest, project_slug: str, name: str) -> HttpResponse:
    """What the version in use says of its template's labelled examples."""
    door, found = open_evaluator(request, project_slug, name, least=Role.ENGINEER)
    if found.current is None or found.template not in TEMPLATES:
        raise Http404("It has no examples.")
    found.current.evaluator = found
    context = {
        **_frame(door, found),
        "checked": checked_examples(try_examples(found.current)),
        "version": found.current,
    }
    return render_page(request, "evals/evaluator_examples.html", context, partial="result")


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


def _frame(door: Door, found: Evaluator) -> dict[str, Any]:
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


def _address(door: Door, found: Evaluator) -> str:
    return reverse("evals:evaluator", args=[door.project.slug, found.name])


def _version(found: Evaluator, number: int) -> EvaluatorVersion:
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


def _subject(project: Project, given: dict[str, Any]) -> Subject | None:
    """The answer that a form tells; None where its trace is unknown."""
    told: dict[str, Any] = {
        name: given[name] for name in ("input", "output", "expected") if given.get(name)
    }
    if paragraphs := [one.strip() for one in (given.get("documents") or "").split("\n\n")]:
        texts = [text for text in paragraphs if text]
        if texts:
            told["documents"] = tuple(Document(f"d{n}", text) for n, text in enumerate(texts, 1))
    trace_id = (given.get("trace_id") or "").strip()
    if not trace_id:
        return Subject(**told)
    found = None if "\0" in trace_id else subject_of_trace(project, trace_id)
    return replace(found, **told) if found is not None else None
