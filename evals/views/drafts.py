"""Drafts of a model: asked for with what they may cost, then approved, edited or rejected."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import Door
from accounts.models import Role
from evals.calling import Ceiling
from evals.forms.datasets import slices_to_choose
from evals.forms.drafts import DraftForm
from evals.models import Dataset
from evals.queries.dataset_items import alike, drafts_at
from evals.services.drafting import (
    approve_drafts,
    ceiling_of_drafts,
    draft_items,
    reject_drafts,
)
from evals.services.errors import BadDataset
from evals.views.opening import frame, held_out_of, open_dataset, person, see
from gateway.client import CallFailed
from kit.errors import DomainError
from kit.figures import money
from kit.htmx import HtmxRequest, render_page, wants_piece

SHOWN = 50
TEMPLATE = "evals/drafts.html"


@require_http_methods(["GET", "POST"])
@login_required
def drafts(request: HtmxRequest, project_slug: str, name: str) -> HttpResponse:
    """What waits for a person, and the form for more. POST: `estimate` its cost, or `draft`."""
    door, found = open_dataset(request, project_slug, name, least=Role.ENGINEER)
    form = DraftForm(request.POST if request.method == "POST" else None, project=door.project)
    ceiling = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("act") == "draft":
                return _draft(request, door, found, form)
            ceiling = ceiling_of_drafts(found, form.wish())
        except BadDataset as bad:
            form.add_error(bad.where if bad.where in form.fields else None, str(bad))
        except (CallFailed, DomainError) as failed:
            form.add_error(None, str(failed))
    status = 422 if form.errors else 200
    context = _context(request, door, found) | {"form": form, "ceiling": _said(ceiling)}
    return render_page(request, TEMPLATE, context, partial="waiting", status=status)


@require_POST
@login_required
def draft_act(request: HttpRequest, project_slug: str, name: str) -> HttpResponse:
    """Approve or reject the drafts of `key`; htmx gets those that are left."""
    door, found = open_dataset(request, project_slug, name, least=Role.ENGINEER)
    keys = request.POST.getlist("key")[:SHOWN]
    act = approve_drafts if request.POST.get("act") == "approve" else reject_drafts
    said = ""
    try:
        act(found, keys, actor=person(request))
    except DomainError as refused:
        said = str(refused)
    found.refresh_from_db()
    if wants_piece(request):
        context = _context(request, door, found) | {"said": said}
        return render(request, f"{TEMPLATE}#waiting", context)
    if said:
        messages.error(request, said)
    return see(reverse("evals:drafts", args=[project_slug, found.name]))


def _draft(request: HttpRequest, door: Door, found: Dataset, form: DraftForm) -> HttpResponse:
    made = draft_items(found, form.wish(), actor=person(request))
    cost = "unpriced" if made.cost_nano is None else money(made.cost_nano)
    left = f"; {made.dropped} could not be kept" if made.dropped else ""
    messages.success(request, f"{made.made} drafts wait for your review{left}. Cost: {cost}.")
    return see(reverse("evals:drafts", args=[door.project.slug, found.name]))


def _context(request: HttpRequest, door: Door, found: Dataset) -> dict[str, Any]:
    may_open = held_out_of(request, door, found).may_open
    waiting = drafts_at(found, found.last_number)
    rows = [row for row in waiting[:SHOWN] if may_open or not getattr(row, "is_closed", True)]
    first = rows[0] if rows else None
    return frame(door, found) | {
        "title": "Drafts",
        "rows": rows,
        "number": waiting.count(),
        "near": alike(found, first.input, but=[first.item.key])[:3] if first else [],
        "may_open": may_open,
        "slices": slices_to_choose(door.project),
        "act": reverse("evals:draft_act", args=[door.project.slug, found.name]),
        "project": door.project,
    }


def _said(ceiling: Ceiling | None) -> dict[str, Any] | None:
    if ceiling is None:
        return None
    return {
        "nano": ceiling.nano,
        "why": ceiling.why,
        "input": ceiling.input_tokens,
        "output": ceiling.output_tokens,
    }
