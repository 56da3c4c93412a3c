"""Starting a rollout and changing its share."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import enter
from accounts.models import Role
from prompts.models import Rollout
from prompts.services.rolling import Plan, roll_out, set_share
from prompts.views.opening import back, open_request, person, refusals_are_told


@require_POST
@login_required
def start(request: HttpRequest, project_slug: str, number: int) -> HttpResponse:
    """Begin to roll a review's version out, at the share that is asked for."""
    _, found = open_request(request, project_slug, number, least=Role.ENGINEER)
    asked = hundredths(request.POST.get("share", ""))
    if asked is None:
        messages.error(request, "A share is a number of percent, such as 10.")
    else:
        with refusals_are_told(request):
            rollout = roll_out(found, Plan(share=asked), actor=person(request))
            where = f"has {asked / 100:g} % of the traffic" if rollout else "serves all traffic"
            messages.success(request, f"{found.version} {where}.")
    return back(request, reverse("prompts:review", args=[project_slug, number]))


@require_POST
@login_required
def share(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Give the candidate another share; 100 completes the rollout."""
    door = enter(request, project_slug, least=Role.ENGINEER)
    rollout = (
        Rollout.objects.select_related("request", "prompt")
        .filter(pk=pk, prompt__project=door.project)
        .first()
    )
    if rollout is None:
        raise Http404("This project has no such rollout.")
    asked = hundredths(request.POST.get("share", ""))
    if asked is None:
        messages.error(request, "A share is a number of percent, such as 10.")
    else:
        with refusals_are_told(request):
            set_share(rollout, asked, actor=person(request))
            messages.success(request, f"The share is {asked / 100:g} %.")
    otherwise = (
        reverse("prompts:review", args=[project_slug, rollout.request.number])
        if rollout.request is not None
        else reverse("prompts:prompt", args=[project_slug, rollout.prompt.name])
    )
    return back(request, otherwise, "rollout")


def hundredths(text: str) -> int | None:
    """Percent with at most two decimals as hundredths; None for anything else."""
    try:
        percent = Decimal(text.strip().removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        return None
    whole = percent * 100
    if not percent.is_finite() or whole != whole.to_integral_value() or not 0 <= percent <= 100:
        return None
    return int(whole)
