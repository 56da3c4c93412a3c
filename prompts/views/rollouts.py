"""Starting a rollout, changing its share, letting it go on after a halt; its figures, live."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Door, enter
from accounts.models import Role
from prompts.forms.reviews import ReasonForm
from prompts.forms.rollouts import PlanForm, hundredths
from prompts.guarding.bins import bins_of
from prompts.models import Rollout
from prompts.pages.arms import arm_rows
from prompts.queries.rollouts import kept_minutes, score_ranges, unkeyed_share
from prompts.services.rolling import resume, roll_out, set_share
from prompts.views.opening import back, is_understood, open_request, person, refusals_are_told


@require_POST
@login_required
def start(request: HttpRequest, project_slug: str, number: int) -> HttpResponse:
    """Begin to roll a review's version out: by hand, by stages, or as a test."""
    _, found = open_request(request, project_slug, number, least=Role.ENGINEER)
    form = PlanForm(request.POST, project=found.project)
    if is_understood(request, form):
        with refusals_are_told(request):
            plan = form.plan(found)
            rollout = roll_out(found, plan, actor=person(request))
            where = f"has {plan.share / 100:g} % of the keys" if rollout else "serves all traffic"
            messages.success(request, f"{found.version} {where}.")
    return back(request, reverse("prompts:review", args=[project_slug, number]), "rollout")


@require_POST
@login_required
def share(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Give the candidate another share; 100 completes the rollout."""
    _, rollout = _open(request, project_slug, pk, least=Role.ENGINEER)
    asked = hundredths(request.POST.get("share", ""))
    if asked is None:
        messages.error(request, "A share is a number of percent, such as 10.")
    else:
        with refusals_are_told(request):
            set_share(rollout, asked, actor=person(request))
            messages.success(request, f"The share is {asked / 100:g} %.")
    return back(request, _page(rollout), "rollout")


@require_POST
@login_required
def go_on(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Let a halted rollout go on, with a reason."""
    _, rollout = _open(request, project_slug, pk, least=Role.ENGINEER)
    form = ReasonForm(request.POST)
    if is_understood(request, form):
        with refusals_are_told(request):
            resume(rollout, actor=person(request), reason=form.cleaned_data["reason"])
            messages.success(request, "The rollout goes on; its guards begin anew.")
    return back(request, _page(rollout), "rollout")


@require_GET
@login_required
def arms(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Both versions side by side, from their traces: fetched again whenever prompts change."""
    _, rollout = _open(request, project_slug, pk)
    bins = bins_of(kept_minutes(rollout))
    rows = arm_rows(bins, rollout.guards, rollout.verdicts, score_ranges(rollout.prompt.project_id))
    unkeyed = unkeyed_share(rollout.prompt_id, rollout.label)
    context = {
        "rollout": rollout,
        "prompt": rollout.prompt,
        "rows": rows,
        "unkeyed": unkeyed,
        "is_brief": request.GET.get("brief") == "1",
    }
    return render(request, "prompts/_arms.html", context)


def _open(
    request: HttpRequest, project_slug: str, pk: int, *, least: Role = Role.VIEWER
) -> tuple[Door, Rollout]:
    door = enter(request, project_slug, least=least)
    rollout = (
        Rollout.objects.select_related("request", "prompt", "base", "candidate")
        .filter(pk=pk, prompt__project=door.project)
        .first()
        if pk < 2**63
        else None
    )
    if rollout is None:
        raise Http404("This project has no such rollout.")
    rollout.prompt.project = door.project
    if rollout.request is not None:
        rollout.request.project = door.project
    return door, rollout


def _page(rollout: Rollout) -> str:
    slug = rollout.prompt.project.slug
    if rollout.request is not None:
        return reverse("prompts:review", args=[slug, rollout.request.number])
    return reverse("prompts:prompt", args=[slug, rollout.prompt.name])
