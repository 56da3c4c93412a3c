"""Rolling a label back, taking that back, saying why; setting and removing free labels."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.access import enter
from accounts.models import Role
from prompts.addresses import prompt_path
from prompts.forms.labels import LabelForm, RollbackForm
from prompts.forms.reviews import ReasonForm
from prompts.models import Prompt
from prompts.services.moving import remove_label, set_labels
from prompts.services.rolling_back import explain_rollback, roll_back, undo_rollback
from prompts.views.opening import back, is_understood, person, refusals_are_told


@require_POST
@login_required
def rollback(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """One click: the label serves what served before. The reason is asked for afterwards."""
    prompt = _prompt(request, project_slug, pk)
    form = RollbackForm(request.POST)
    if is_understood(request, form):
        said = form.cleaned_data
        with refusals_are_told(request):
            roll_back(prompt, said["label"], actor=person(request), reason=said["reason"])
    return back(request, prompt_path(prompt.project, prompt.name), "rolled-back")


@require_POST
@login_required
def rollback_undo(request: HttpRequest, project_slug: str, pk: int, move: int) -> HttpResponse:
    """Take a rollback back, within half a minute."""
    prompt = _prompt(request, project_slug, pk)
    with refusals_are_told(request):
        undo_rollback(move, prompt, actor=person(request))
        messages.success(request, "The rollback is undone.")
    return back(request, prompt_path(prompt.project, prompt.name))


@require_POST
@login_required
def rollback_why(request: HttpRequest, project_slug: str, pk: int, move: int) -> HttpResponse:
    """Say why it was rolled back."""
    prompt = _prompt(request, project_slug, pk)
    form = ReasonForm(request.POST)
    if is_understood(request, form):
        with refusals_are_told(request):
            reason = form.cleaned_data["reason"]
            explain_rollback(move, prompt, actor=person(request), reason=reason)
            messages.success(request, "The reason is kept.")
    return back(request, prompt_path(prompt.project, prompt.name))


@require_POST
@login_required
def label_set(request: HttpRequest, project_slug: str, pk: int) -> HttpResponse:
    """Let a free label point at a version; `version` empty takes it away."""
    prompt = _prompt(request, project_slug, pk)
    form = LabelForm(request.POST)
    if is_understood(request, form):
        label, number = form.cleaned_data["label"], form.cleaned_data["version"]
        with refusals_are_told(request):
            if number is not None:
                if set_labels(prompt, number, [label], actor=person(request)):
                    messages.success(request, f"{label} is on v{number}.")
            elif remove_label(prompt, label, actor=person(request)):
                messages.success(request, f"The label {label} is gone.")
    return back(request, prompt_path(prompt.project, prompt.name))


def _prompt(request: HttpRequest, project_slug: str, pk: int) -> Prompt:
    door = enter(request, project_slug, least=Role.ENGINEER)
    found = Prompt.objects.filter(project=door.project, pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404("This project has no such prompt.")
    found.project = door.project
    return found
