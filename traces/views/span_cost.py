"""The tab Cost of a span: the prices that hold for it, and what they make of its tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from kit.htmx import HtmxRequest
from pricing.card import Card, CostSource
from pricing.queries import table_for
from traces.ingest.costing import service_of
from traces.models import Span
from traces.pages.costs import tell
from traces.queries.settling import not_counted
from traces.values.instants import nanoseconds


def span_cost(request: HtmxRequest, span: Span, content: dict[str, Any]) -> dict[str, Any]:
    """The amounts of `span` and why it does not count, where it does not. Two statements."""
    table = table_for(span.project_id)
    called = (span.provider, span.model, span.model_requested, nanoseconds(span.start_time) // 1000)
    service = service_of(content.get("attributes") or {})
    card = table.card(*called, service)
    since = None
    if isinstance(card, Card) and card.source is CostSource.PROJECT:
        own = table.own_price(*called)
        since = own and datetime.fromtimestamp(own.from_us / 1e6, UTC)
    why = not_counted(span.project_id, span.trace_id, span.span_id).get(span.span_id)
    return {
        "cost": tell(span, content, card, since=since, service=service),
        "why": why,
        "repeats": not span.counts and bool(content.get("usage")),
        "prices_href": prices_href(request, span),
    }


def prices_href(request: HtmxRequest, span: Span) -> str:
    """The form that states a price, with the model of `span` filled in."""
    slug = request.door.project.slug  # type: ignore[attr-defined]
    given = {"model": span.model or span.model_requested, "provider": span.provider}
    known = {name: value for name, value in given.items() if value}
    query = f"?{urlencode(known)}" if known else ""
    return f"{reverse('pricing:prices', args=[slug])}{query}#set"
