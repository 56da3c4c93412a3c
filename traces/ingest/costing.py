"""The cost of spans when they are written, and by the same rules when prices changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pricing.card import Card, CostSource, Counts
from pricing.price import given_cost, settle
from pricing.project_table import ProjectTable
from traces.ingest.record import COUNTING_KINDS, Kind, Level, SpanRecord

# A million dollars for one call is a wrong unit, and a few thousand of them overflow a sum.
MOST_COST_NANO = 10**15
DOLLAR = 10**9

Cost = tuple[int | None, CostSource | None]
UNKNOWN: Cost = (None, None)

# How the call was served, the answer before the request. Tiers that cost the standard price
# ("default", "auto", "standard_only" …) are none of ours.
_SERVICE_KEYS = (
    "roadworthy.service_tier",
    "openai.response.service_tier",
    "gen_ai.openai.response.service_tier",
    "openai.request.service_tier",
    "gen_ai.openai.request.service_tier",
)
_SERVICE_SET = frozenset(_SERVICE_KEYS)
_SERVICES = frozenset({"batch", "flex", "priority", "fast"})


def service_of(attributes: Mapping[str, Any]) -> str:
    """`batch`, `flex`, `priority` or `fast` where the span says so, else empty."""
    if attributes.keys().isdisjoint(_SERVICE_SET):
        return ""
    for key in _SERVICE_KEYS:
        value = attributes.get(key)
        if value is not None:
            return value if isinstance(value, str) and value in _SERVICES else ""
    return ""


def price_records(records: Iterable[SpanRecord], table: ProjectTable) -> None:
    """Give each record the cost that counts (`pricing.price.settle`), and say whose it is.

    Tokens are priced of spans that count alone; a given cost stands on any span. A cost beyond
    MOST_COST_NANO is none, and marked.
    """
    for record in records:
        if record.cost_nano is not None:  # priced already
            continue
        given = record.cost_given
        if record.usage_counts and record.kind in COUNTING_KINDS:
            card = table.card(
                record.provider,
                record.model,
                record.model_requested,
                (record.start_ns or 0) // 1000,
                service_of(record.attributes),
            )
            if card.__class__ is Card:
                nano = card.nano(
                    (
                        record.in_uncached,
                        record.in_cached,
                        record.in_cache_write,
                        record.in_audio,
                        record.out_text,
                        record.out_reasoning,
                        record.out_audio,
                    ),
                    record.token_details,
                    generates=record.kind == Kind.GENERATION,
                )
                if nano is not None and not given and nano <= MOST_COST_NANO:
                    record.cost_nano, record.cost_source = nano, card.source
                    continue
                ours: int | None = nano
                source: CostSource | None = card.source
            else:
                ours = source = None
        elif given:
            ours = source = None
        else:
            continue
        cost, whose = settle(ours, source, given, failed=record.level == Level.ERROR)
        if cost is not None and cost > MOST_COST_NANO:
            record.cuts.append(
                {"where": "cost", "why": "range", "limit": MOST_COST_NANO // DOLLAR, "was": None}
            )
            cost = whose = None
        record.cost_nano, record.cost_source = cost, whose


def cost_again(
    table: ProjectTable,
    *,
    provider: str | None,
    model: str | None,
    requested: str | None,
    start_us: int,
    kind: int,
    level: int,
    counts: Counts,
    content: Mapping[str, Any],
    details: Mapping[str, int] | None,
) -> Cost:
    """The cost of a stored call that counts, as `price_records` would give it now."""
    attributes = content.get("attributes") or {}
    card = table.card(provider, model, requested, start_us, service_of(attributes))
    ours = source = None
    if isinstance(card, Card):
        ours = card.nano(counts, details, generates=kind == Kind.GENERATION)
        source = card.source if ours is not None else None
    cost, whose = settle(ours, source, content.get("cost_given"), failed=level == Level.ERROR)
    return UNKNOWN if cost is not None and cost > MOST_COST_NANO else (cost, whose)


def given_nano(content: Mapping[str, Any], level: int) -> int | None:
    """What the sender gave, in nano-dollars, for showing it beside the cost that counts."""
    return given_cost(content.get("cost_given"), failed=level == Level.ERROR)
