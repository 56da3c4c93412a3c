"""What people do to an evaluator: propose, decide, archive, renew a secret."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.models import Role
from accounts.queries import list_members
from evals.models import Evaluator
from evals.queries.evaluator_proposals import proposals_of
from evals.services.evaluator_errors import BadEvaluator
from evals.services.evaluator_versions import (
    approve_version,
    propose_version,
    reject_version,
    withdraw_version,
)
from evals.services.evaluators import (
    archive_evaluator,
    describe_evaluator,
    renew_secret,
    restore_evaluator,
)
from evals.views.evaluators import address_of, open_evaluator, person, version_of
from kit.errors import DomainError


@require_POST
@login_required
def evaluator_propose(
    request: HttpRequest, project_slug: str, name: str, number: int
) -> HttpResponse:
    """Ask for a version to be used."""
    door, found = open_evaluator(request, project_slug, name, least=Role.ENGINEER)
    version = version_of(found, number)
    try:
        propose_version(version, actor=person(request), reason=request.POST.get("reason", ""))
        messages.success(request, f"v{number} waits for another person's approval.")
    except DomainError as refused:
        messages.error(request, str(refused))
    return redirect(address_of(door, found), permanent=False)


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
    return redirect(address_of(door, found), permanent=False)


@require_POST
@login_required
def evaluator_act(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Say what it is for and whose it is; archive, restore, or renew the secret of a remote one."""
    door, found = open_evaluator(request, project_slug, name, least=Role.ENGINEER)
    try:
        if "secret" in request.POST:
            door.require(Role.ADMIN)
            secret = renew_secret(found, actor=person(request))
            messages.success(request, f"The new secret, shown once: {secret}")
        elif "describe" in request.POST:
            _describe(request, found)
        elif "restore" in request.POST:
            restore_evaluator(found, actor=person(request))
            messages.success(request, f"{found.name} is back.")
        else:
            archive_evaluator(found, actor=person(request))
            messages.success(request, f"{found.name} is archived; its scores stay.")
    except DomainError as refused:
        messages.error(request, str(refused))
    return redirect(address_of(door, found), permanent=False)


def _describe(request: HttpRequest, found: Evaluator) -> None:
    people = {str(one.user.pk): one.user for one in list_members(found.project)}
    describe_evaluator(
        found,
        actor=person(request),
        description=request.POST.get("description", ""),
        owner=people.get(request.POST.get("owner", "")),
    )
    messages.success(request, "Saved.")
