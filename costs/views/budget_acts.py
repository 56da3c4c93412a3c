"""What is done to a budget: drilled, switched, raised with consent, deleted."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.models import Role
from accounts.views.entry import person, see_other
from costs.forms.budgets import RaiseForm
from costs.models import RaiseRequest
from costs.services import budgets as services
from costs.services.errors import BadBudget
from costs.views.budgets import open_budget
from kit.htmx import HtmxRequest


@require_POST
@login_required
def budget_drill(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Let the page go out, to see that it arrives."""
    door, budget = open_budget(request, project_slug, pk, least=Role.ADMIN)
    services.drill(budget, project=door.project, actor=person(request))
    messages.success(
        request, "The drill is on its way to the owner and the channels; acknowledge it in Alerts."
    )
    return see_other("costs:budget", project_slug, pk)


@require_POST
@login_required
def budget_switch(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Off, or on again."""
    door, budget = open_budget(request, project_slug, pk, least=Role.ADMIN)
    services.change_budget(
        budget, project=door.project, is_enabled=not budget.is_enabled, actor=person(request)
    )
    messages.success(request, "The budget is off." if budget.is_enabled else "The budget is on.")
    return see_other("costs:budget", project_slug, pk)


@require_POST
@login_required
def budget_raise(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Ask for a higher limit."""
    door, budget = open_budget(request, project_slug, pk, least=Role.ENGINEER)
    form = RaiseForm(request.POST)
    try:
        if not form.is_valid():
            raise BadBudget("A raise needs a limit and what it is for.")
        services.ask_raise(
            budget,
            project=door.project,
            limit=form.amount(budget),
            reason=form.cleaned_data["reason"],
            actor=person(request),
        )
        messages.success(request, "The owner, or an admin, decides on it.")
    except BadBudget as bad:
        messages.error(request, str(bad))
    return see_other("costs:budget", project_slug, pk)


@require_POST
@login_required
def budget_decide(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Approve a raise, or refuse it."""
    door, budget = open_budget(request, project_slug, pk)
    asked = budget.raises.filter(state=RaiseRequest.State.OPEN).first()
    if asked is None:
        messages.error(request, "It is decided already.")
        return see_other("costs:budget", project_slug, pk)
    approves = request.POST.get("act") == "approve"
    services.decide_raise(asked, project=door.project, approves=approves, actor=person(request))
    messages.success(request, "The limit is raised." if approves else "The raise is refused.")
    return see_other("costs:budget", project_slug, pk)


@require_POST
@login_required
def budget_delete(request: HtmxRequest, project_slug: str, pk: int) -> HttpResponse:
    """Nothing is held against it any more."""
    door, budget = open_budget(request, project_slug, pk, least=Role.ADMIN)
    services.delete_budget(budget, project=door.project, actor=person(request))
    messages.success(request, "The budget is deleted.")
    return see_other("costs:budgets", project_slug)
