"""The models in use with what they cost: a panel of the page of prices, and a page of its own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import Door, enter
from accounts.models import Role
from kit.htmx import HtmxRequest, render_page
from pricing.card import Card, CostSource
from pricing.pricer import PRICER
from pricing.recosting import SeenModel
from pricing.terms import micros
from traces.queries.calls import models_seen as seen_models

_WORDS = {CostSource.GIVEN: "given by the sender", CostSource.TABLE: "base table"}
_WORDS |= {CostSource.PROJECT: "this project"}
_UNKNOWN = (None,) * 7


@require_GET
@login_required
def models_seen(request: HtmxRequest, project_slug: str) -> HttpResponse:
    """Models of the last 30 days, unpriced first."""
    door = enter(request, project_slug)
    seen = seen_models(door.project.pk)
    context = {
        "title": "Models in use",
        "nav_current": "prices",
        "crumbs": [{"text": "Prices", "href": f"/p/{door.project.slug}/costs/prices/"}],
        "since": seen.since,
        "rows": [_row(door, model) for model in seen.models],
        "may_write": door.may(Role.ADMIN),
    }
    return render_page(request, "traces/models_seen.html", context, partial="panel")


def _row(door: Door, model: SeenModel) -> dict[str, Any]:
    """A model with the price that holds for its last call, or why there is none."""
    slug = door.project.slug
    at = micros(model.last_at)
    card = PRICER.table(door.project.pk).card(model.provider, model.model, model.requested, at)
    named = urlencode({"model": model.model, "provider": model.provider or ""})
    listed = urlencode({"model": model.model, "t": "30d"})
    row = {
        "model": model,
        "traces": f"{reverse('traces:trace_list', args=[slug])}?{listed}",
        "set": f"/p/{slug}/costs/prices/?{named}#set",
        "given": CostSource.GIVEN in model.sources,
    }
    if isinstance(card, Card):
        why = card.why_not(_UNKNOWN) if model.unpriced else ""
        return row | {"source": _WORDS[card.source], "since": card.since, "why": why}
    if model.unpriced < model.calls and CostSource.GIVEN in model.sources:
        return row | {"source": _WORDS[CostSource.GIVEN], "why": card.reason}
    return row | {"source": "", "why": card.reason}
